import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { call, openScene, result } from '../support/browser/scene.ts';

/* Attempts side by side, on the page: who is at work, what each came to, which one was chosen. */

const LIMIT = { timeout: 300_000 };
const PATIENCE = 100_000;

const lines = (id: string, ...tests: readonly boolean[]): string =>
  tests
    .flatMap((ok, n) => [call(`${id}${n}`, 'Bash', { command: 'npm test' }), result(`${id}${n}`, ok ? 'green' : 'red', !ok)])
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

/** Says what it did, waits for its word, and commits as many lines as its name stands for. */
const AGENT = `cat >/dev/null; cat "$1/says-$2"; touch "$1/$TAC8_TASK"
while [ ! -e "$1/go-$2" ]; do sleep 0.1; done
case $2 in
  small) echo one >small.txt;;
  large) printf 'a\\nb\\nc\\n' >large.txt;;
  *) exit 3;;
esac
git add -A && git commit -qm "$2"`;

const RACERS = ['gh-1.large', 'gh-1.small', 'gh-1.default'];
const RACE: Parameters<typeof openScene>[2] = {
  workers: RACERS,
  before: ({ notes }) => {
    writeFileSync(join(notes, 'says-large'), lines('l', false, true));
    writeFileSync(join(notes, 'says-small'), lines('s', true));
    writeFileSync(join(notes, 'says-broken'), '');
  },
  settings: (called) => ({
    agent: called('broken'),
    agents: { large: called('large'), small: called('small') },
    routes: [{ when: { labels: ['race'] }, attempts: { race: ['large', 'small', 'default'] } }],
    limits: { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' },
    max_concurrent_workers: 3,
  }),
};

test(
  'attempts side by side: each is seen at work, they stand beside each other, and the one that is chosen is named',
  LIMIT,
  async (context) => {
    const scene = await openScene(context, ['Say hello'], {
      agent: AGENT,
      labels: ['race'],
      ...RACE,
    });
    const { page, place } = scene;
    const go = (name: string): void => writeFileSync(join(place.notes, `go-${name}`), '');
    await page.locator('[data-task="gh-1"]').getByRole('link').click();
    const racer = (name: string) => page.locator('.racer', { hasText: `gh-1.${name}` });
    for (const name of ['large', 'small', 'default']) await racer(name).getByRole('img', { name: 'at work, its process lives' }).waitFor();
    // What is said of the task is for all of them.
    for (const name of ['Tell', 'Stop', 'Kill']) await page.locator('.acts').getByRole('button', { name }).waitFor();
    // While none is chosen, what there is to read is how they stand beside each other.
    await page.getByRole('region', { name: 'Attempts' }).waitFor();
    await pictured(page, 'a race');
    await page.keyboard.press('4');
    const table = page.getByRole('region', { name: 'Attempts' });
    const rowOf = async (name: string): Promise<readonly string[]> =>
      (
        await table
          .getByRole('row', { name: new RegExp(`^${name} `) })
          .getByRole('cell')
          .allTextContents()
      ).map((one) => one.trim());
    await table.getByText('1 of 2 green, the last green').waitFor();
    expect(await table.getByRole('columnheader').count()).toBe(3);
    expect(await page.locator('.chosen').count()).toBe(0);

    go('broken');
    await table.getByText('agent error', { exact: true }).waitFor({ timeout: PATIENCE });
    for (const name of ['large', 'small']) go(name);
    const chosen = table.getByRole('columnheader', { name: /gh-1\.small chosen/ });
    await chosen.waitFor({ timeout: PATIENCE });
    expect(await page.locator('.chosen').count()).toBe(1);
    await place.until('the choice', async () => (await place.status()).tasks.find(({ id }) => id === 'gh-1')?.state === 'completed');
    await racer('small').getByText('(chosen)').waitFor();
    await racer('default').getByRole('img', { name: 'failed' }).waitFor();
    await place.until('the files', async () => (await rowOf('files')).join(' ') === 'large.txt small.txt –');
    expect(await rowOf('lines')).toEqual(['3', '1', '–']);
    // A red test is told with the tests.
    expect(await rowOf('errors')).toEqual(['0', '0', '1']);
    expect(await rowOf('tests')).toEqual(['1 of 2 green, the last green', '1 of 1 green, the last green', 'none run']);
    expect(await violations(page)).toEqual([]);

    await pictured(page, 'race over');
    // In the fleet the task alone stands there: nobody has to do anything about an attempt that lost.
    await page.goto(`${scene.url}/#/`);
    await page.locator('[data-task="gh-1"]').waitFor();
    expect(await page.locator('.row').count()).toBe(1);
    expect((await place.tac8('status')).out).not.toMatch(/Failed\n/);
    await page.goto(`${scene.url}/#/task/gh-1?tab=runs`);
    await chosen.waitFor();

    // On a phone the table goes sideways by itself, the page does not.
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await violations(page)).toEqual([]);
    // The transcript is the chosen one's; a search finds what each has said once, and is not held up by the name that leads to it.
    await page.keyboard.press('1');
    await page
      .locator('.scroller')
      .getByRole('button', { name: /Bash npm test/ })
      .waitFor();
    await page.goto(`${scene.url}/#/search?q=npm+test`);
    await page.getByText('That is all.').waitFor();
    expect(await page.locator('.hits li').count()).toBe(3);
    await page.goto(`${scene.url}/#/task/gh-1`);
    // What the task has changed is what the chosen one has; and each attempt leads back.
    await page.keyboard.press('2');
    await page.locator('[data-path="small.txt"]').waitFor();
    await page.goto(`${scene.url}/#/task/gh-1.large`);
    await page.getByText('one of the attempts at').getByRole('link', { name: 'gh-1', exact: true }).click();
    await page.getByRole('heading', { name: /Say hello/ }).waitFor();
    expectQuiet(scene);
  },
);

test('Stop and Kill of a task end each of its attempts, and what the page says of it is what happened', LIMIT, async (context) => {
  const scene = await openScene(context, ['Say hello'], { agent: AGENT, labels: ['race'], ...RACE });
  const { page, place } = scene;
  const atWork = () => place.strays().filter((one) => one.includes('agent.sh')).length;
  const ends = async (key: string, name: string, type: string): Promise<void> => {
    for (const id of RACERS)
      await page.locator('.racer', { hasText: id }).getByRole('img', { name: 'at work, its process lives' }).waitFor();
    await place.until('three at work', () => atWork() === 3, PATIENCE);
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name: `${name} gh-1?` }).waitFor();
    await page.keyboard.type('the wrong way');
    await page.keyboard.press('Control+Enter');
    await page.locator('.outcome[data-tone="good"]', { hasText: `${name} gh-1` }).waitFor({ timeout: PATIENCE });
    await page.getByLabel(`Close: ${name} gh-1`).click();
    // As git, the processes and the store have it.
    await place.until('nobody at work', () => atWork() === 0, PATIENCE);
    const ended = await place.until('all of them to be over', async () => {
      const { tasks } = await place.status();
      return tasks.length === 4 && tasks.every(({ state }) => state === 'failed') && tasks;
    });
    expect(ended.map(({ reason }) => reason?.type)).toEqual([type, type, type, type]);
    for (const { reason } of ended) expect(reason?.message).toContain('the wrong way');
    await page
      .locator('.task-head')
      .getByText(/the wrong way/)
      .first()
      .waitFor();
  };
  await page.locator('[data-task="gh-1"]').getByRole('link').click();
  await ends('s', 'Stop', 'stopped');
  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: 'Retry gh-1?' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await ends('x', 'Kill', 'killed');
  expectQuiet({ ...scene, complaints: scene.complaints.filter((said) => !/status of 404/.test(said)) });
});
