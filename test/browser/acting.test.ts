import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BODIES } from '../../src/api/verbs.ts';
import { ACTS } from '../../web/src/act/acts.ts';
import { expectQuiet, violations } from '../support/browser/look.ts';
import { openScene } from '../support/browser/scene.ts';

/* Everything that the page has done to a task, by keyboard alone; each judged by what then is so, not by what the page says. */

const LIMIT = { timeout: 300_000 };
const PATIENCE = 60_000;

/** Keeps what it is told, asks at its first attempt (gh-2), wants an approval (gh-5), or works until it is ended. */
const AGENT = `n=$(ls "$1" | grep -c "^$TAC8_TASK.told"); cat >"$1/$TAC8_TASK.told$n"; touch "$1/$TAC8_TASK"; echo work >work.txt
case $TAC8_TASK$n in
  gh-20) echo 'CSV or Parquet?' >BLOCKED.md; exit 0 ;;
  gh-50) mkdir -p .github/workflows; echo 'on: push' >.github/workflows/ci.yml; git add -A; git commit -qm workflow; exit 0 ;;
esac
[ $TAC8_TASK$n != gh-10 ] || "$NODE" -e '
  const server = require("http").createServer((asked, answer) => answer.end("theirs, " + asked.url));
  server.listen(0, "127.0.0.1", () => require("fs").writeFileSync(process.argv[1], String(server.address().port)));
' "$1/port" &
exec sleep 1000`;

/** Where the page has what is no button of a task: the palette, the saved work, the board. */
const ELSEWHERE = ['priority', 'restore', 'add', 'accept-edit', 'restore-board'];

test('the page has each verb that the API takes of a task, and a key for each', () => {
  expect([...new Set([...ACTS.map(({ verb }) => verb), ...ELSEWHERE])].sort()).toEqual(Object.keys(BODIES).sort());
  expect(ACTS.filter(({ key }) => !/^[a-zA-Z]$/.test(key))).toEqual([]);
});

test('each verb by keyboard alone, and what really came of it', LIMIT, async (context) => {
  const scene = await openScene(context, ['First', 'Asks'], { agent: AGENT });
  const { page, place } = scene;
  const pressed = new Set<string>();
  const seen = async (id: string) => (await place.status()).tasks.find((task) => task.id === id);
  const becomes = (id: string, state: string) =>
    place.until(`${id} to be ${state}`, async () => {
      const task = await seen(id);
      return task?.state === state && task;
    });
  /** What the agent of a task was told first, attempt by attempt. */
  const told = (id: string) => {
    const files = readdirSync(place.notes).filter((name) => name.startsWith(`${id}.told`));
    return files.sort().map((name) => readFileSync(join(place.notes, name), 'utf8'));
  };
  const isTold = (id: string, words: string) =>
    place.until(`${id} to be told ${words}`, () =>
      told(id)
        .slice(1)
        .some((text) => text.includes(words)),
    );
  const command = async (words: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
  };
  /** Opens the task, presses the key of what is to be done, and says these words where it asks for some. */
  const act = async (id: string, name: string, words: string | null = null): Promise<string> => {
    await command(`open ${id}`);
    await page.locator('.acts', { hasText: name }).waitFor();
    const { key = '', ends, words: asks } = ACTS.find((one) => one.name === name) ?? {};
    await page.keyboard.press(key);
    if (ends != null || asks != null) {
      const dialog = page.getByRole('dialog', { name: `${name} ${id}?` });
      await dialog.waitFor();
      if (words !== null) await page.keyboard.type(words);
      if (asks == null) {
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
      } else await page.keyboard.press('Control+Enter');
      await dialog.waitFor({ state: 'detached' });
    }
    pressed.add(name);
    return outcome(`${name} ${id}`);
  };
  const outcome = async (what: string): Promise<string> => {
    const line = page.locator('.outcome', { has: page.getByText(what, { exact: true }) }).last();
    await line.and(page.locator(':not([data-tone="waits"])')).waitFor({ timeout: PATIENCE });
    // Where it leads somewhere, the focus is there already.
    if ((await line.getByRole('link').count()) > 0) await page.keyboard.press('Enter');
    const said = `${await line.getAttribute('data-tone')}: ${(await line.textContent()) ?? ''}`;
    await page.getByLabel(`Close: ${what}`).last().focus();
    await page.keyboard.press('Enter');
    return said;
  };

  // This kind of agent cannot be told anything while it works: the page says so, and does not pretend.
  expect(await act('gh-1', 'Tell', 'Use tabs.')).toMatch(/^good: .*kept for the next run: its agent takes no messages while it works/);
  // A server that it has started, in a tab of its own; where nothing answers, that is said.
  expect(await act('gh-1', 'Preview', '1')).toContain('bad: refusedPreview gh-1 nothing answers at port 1 of the worker of gh-1');
  const served = join(place.notes, 'port');
  const port = await place.until('the server of the worker', () => existsSync(served) && readFileSync(served, 'utf8'));
  const previewed = page.context().waitForEvent('page');
  expect(await act('gh-1', 'Preview', port)).toMatch(new RegExp(`^good: .*port ${port} of the worker of gh-1`));
  const theirs = await previewed;
  await theirs.getByText('theirs, /', { exact: true }).waitFor();
  expect(new URL(theirs.url()).hostname).toBe('gh-1.localhost');
  expect(await theirs.evaluate('window.opener')).toBe(null);
  await theirs.close();

  expect(await act('gh-1', 'Stop', 'not that way')).toMatch(/^good: .*gh-1 stopped/);
  expect((await becomes('gh-1', 'failed')).reason).toMatchObject({ type: 'stopped', message: expect.stringContaining('not that way') });
  expect(await act('gh-1', 'Retry', 'Mind the tests.')).toMatch(/^good: .*queue again/);
  await isTold('gh-1', 'Mind the tests.');
  await isTold('gh-1', 'Use tabs.');
  expect(await act('gh-1', 'Kill')).toMatch(/^good: .*gh-1 killed/);
  expect((await becomes('gh-1', 'failed')).reason?.type).toBe('killed');
  expect(place.strays().filter((one) => one.includes('sleep 1000'))).toEqual([]);

  // Its work was saved, and is put back into the worktree.
  await page.keyboard.press('5');
  await page.getByRole('button', { name: 'Put back' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText(/is put back into .*gh-1/).waitFor({ timeout: PATIENCE });
  expect(place.read('trees/gh-1/work.txt')).toBe('work\n');

  await becomes('gh-2', 'blocked');
  expect(await act('gh-2', 'Answer', 'Parquet, please.')).toMatch(/^good: /);
  await isTold('gh-2', 'Parquet, please.');

  // What waits: the fleet is paused, so that nothing starts.
  await command('pause all');
  await page.getByText('Paused', { exact: true }).waitFor();
  for (const title of ['Waits', 'Not wanted', 'Workflow']) place.issue(title);
  await becomes('gh-5', 'pending');
  expect(await act('gh-3', 'Pause')).toMatch(/^good: .*paused/);
  const pausedAt = async () => (await place.tac8('status', '--json')).out.match(/"paused_at": ?"[^"]+"/g)?.length ?? 0;
  expect(await pausedAt()).toBe(2);
  expect(await act('gh-3', 'Resume')).toMatch(/^good: .*resumed/);
  expect(await pausedAt()).toBe(1);
  await command('priority 0 for gh-3');
  expect(await outcome('Priority 0 for gh-3')).toMatch(/^good: /);
  await place.until('the priority on the board', () => /gh-3: .*\{p0\}/.test(place.board()));
  expect(await act('gh-4', 'Cancel', 'a double')).toMatch(/^good: .*gh-4 cancelled/);
  expect((await becomes('gh-4', 'failed')).reason).toMatchObject({ type: 'cancelled', message: expect.stringContaining('a double') });

  // One that never ran has no conversation to go on in: it says so, and begins.
  await command('resume');
  expect(await act('gh-1', 'Go on', 'Finish it.')).toMatch(/^good: .*(?:same conversation|fresh attempt)/);
  for (const id of ['gh-2', 'gh-3']) expect(await act(id, 'Kill')).toMatch(/^good: .*killed/);
  await isTold('gh-1', 'Finish it.');
  await becomes('gh-5', 'blocked');
  expect(await violations(page)).toEqual([]);
  expect(await act('gh-5', 'Approve')).toMatch(/^good: .*gh-5/);
  await becomes('gh-5', 'completed');
  // What is done is taken up again as well.
  expect(await act('gh-5', 'Retry', 'And the docs.')).toMatch(/^good: .*queue again/);
  await isTold('gh-5', 'And the docs.');

  expect([...pressed].sort()).toEqual([...new Set(ACTS.map(({ name }) => name))].sort());
  // Of tasks that never ran there is no log; one preview was refused.
  expectQuiet({ ...scene, complaints: scene.complaints.filter((said) => !/status of 40[49]/.test(said)) });
});
