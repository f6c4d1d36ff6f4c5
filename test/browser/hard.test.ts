import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectFine, pictured } from '../support/browser/look.ts';
import { openScene, text } from '../support/browser/scene.ts';
import { LABEL } from '../support/world/daemon.ts';

/* A fleet in which much goes wrong at once, as its daemon tells of it: who must act stands first, and what is not shown is counted. */

const LIMIT = { timeout: 300_000 };
const PATIENCE = 100_000;
const WAITING = 310;

const AGENT = `cat >/dev/null; touch "$1/$TAC8_TASK"
case $TAC8_TASK in
  gh-1) ;;
  gh-2) seq 5000 >numbers.txt; printf 'kept\\n' >"a name with spaces.txt";;
  gh-3) printf 'Which of the two?\\n\\n1. \`src/one.ts\`, as it is now\\n2. a new file, so that both can be read side by side and nobody has to look for it\\n' >BLOCKED.md; exit 0;;
  gh-4) mkdir -p .github/workflows; echo 'on: push' >.github/workflows/ci.yml; git add -A; git commit -qm workflow; exit 0;;
  gh-5) echo done >done.txt; git add -A; git commit -qm done; exit 0;;
  gh-6) echo "Error: ENOENT: no such file, open '/$(printf 'verylongfolder%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)/file.json'" >&2; exit 3;;
  gh-7) until [ -e "$1/limit" ]; do sleep 0.1; done
    echo '{"type":"result","subtype":"success","is_error":true,"api_error_status":401,"terminal_reason":"api_error","result":"API Error: 401 no such key"}'; exit 1;;
esac
exec tail -n +1 -f "$1/$TAC8_TASK"`;

const TITLES = [
  `${'Averylongwordwithoutanyplacetobreak'.repeat(4)} and a title that is longer than a line of any screen that people have on their desks`,
  'שלום עולם — תמיכה בעברית (v2)',
  'Keep the catalogue in a database',
  'Run the checks on each push',
  'Deliver what nobody takes',
  'Read the settings',
  'Meets a limit',
];

test(
  'much is wrong at once: who must act stands first, what is left out is counted and can be had, nothing is cut',
  LIMIT,
  async (context) => {
    const scene = await openScene(context, TITLES, {
      agent: AGENT,
      settings: () => ({ max_concurrent_workers: 7, limits: { attempts: 1, min_free_memory: '16MiB', min_free_disk: '16MiB' } }),
      before: ({ fake }) => {
        fake.faults.add({ match: { method: 'POST', path: /\/pulls$/ }, kind: 'status', status: 502, times: null });
      },
    });
    const { page, place, say } = scene;
    say('gh-1', [text('I look.')]);
    const group = (name: string) => page.getByRole('region', { name, exact: true });
    for (const id of ['gh-3', 'gh-4', 'gh-5']) await group('Needs you').locator(`[data-task="${id}"]`).waitFor({ timeout: PATIENCE });
    await group('Failed').locator('[data-task="gh-6"]').waitFor({ timeout: PATIENCE });
    await group('Needs you').getByText(/502/).waitFor({ timeout: PATIENCE });
    const names = await page.evaluate('[...document.querySelectorAll(".group")].map((one) => one.ariaLabel)');
    expect((names as readonly string[]).slice(0, 3)).toEqual(['Needs you', 'Failed', 'Running']);
    await expectFine(page, 'much is wrong');

    writeFileSync(join(place.notes, 'limit'), '');
    await page.getByText('The login is refused', { exact: true }).waitFor({ timeout: PATIENCE });
    for (let n = 0; n < WAITING; n++) place.fake.createIssue('wil', { title: `One of many, number ${n}`, body: '', labels: [LABEL] });
    appendFileSync(join(place.root, 'tasks.md'), '\n[] Under no heading\n');
    // The beginning of the queue, then the rest of what the daemon told, then what it left out.
    const waiting = group('Waiting');
    await waiting.getByRole('heading', { name: `Waiting ${WAITING + 1}` }).waitFor({ timeout: PATIENCE });
    expect(await waiting.locator('.row').count()).toBe(25);
    await pictured(page, 'hundreds wait');
    await waiting.getByRole('button', { name: 'Show 275 of 286 more' }).click();
    await expect.poll(() => waiting.locator('.row').count(), { timeout: PATIENCE }).toBe(300);
    await waiting.getByRole('button', { name: 'Show 11 more' }).click();
    await expect.poll(() => waiting.locator('.row').count(), { timeout: PATIENCE }).toBe(WAITING + 1);
    expect(await waiting.getByRole('button').count()).toBe(0);
    // A key goes down to the last of them, and acts on it.
    const last = waiting.locator('.row').last();
    for (let n = 0; n < WAITING + TITLES.length + 1; n++) await page.keyboard.press('j');
    expect(await last.getAttribute('data-picked')).toBe('true');
    await page.keyboard.press('p');
    await page
      .locator('.outcome[data-tone="good"]', { hasText: `Pause ${await last.getAttribute('data-task')}` })
      .waitFor({ timeout: PATIENCE });

    // Another view begins at its top; who comes back is where they were, with all that they had unfolded: of rows out of sight the height is a guess.
    const down = async (): Promise<number> => Number(await page.evaluate('scrollY'));
    const before = await down();
    expect(before).toBeGreaterThan(2_000);
    await page.keyboard.press('Enter');
    await page.locator('.task .tabs').waitFor();
    expect(await down()).toBe(0);
    await page.keyboard.press('Escape');
    await expect.poll(async () => Math.abs((await down()) - before), { timeout: PATIENCE }).toBeLessThan(400);
    await expect.poll(() => waiting.locator('.row').count(), { timeout: PATIENCE }).toBe(WAITING + 1);
  },
);
