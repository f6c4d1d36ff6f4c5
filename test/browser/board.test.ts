import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectFine, expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { openScene } from '../support/browser/scene.ts';
import type { Workplace } from '../support/world/daemon.ts';

/* tasks.md in the page: read as lanes, edited by the rules of the file. */

const LIMIT = { timeout: 240_000 };
const PATIENCE = 60_000;

const edit = ({ root, board }: Workplace, change: (text: string) => string): void => writeFileSync(join(root, 'tasks.md'), change(board()));

test(
  'an edit of the board is planned, saved and taken up; one that is stale is merged, or refused with nothing lost',
  LIMIT,
  async (context) => {
    const scene = await openScene(context, ['At work']);
    const { page, place } = scene;
    for (const title of ['Second', 'Third <b>bold</b>']) place.issue(title);
    await place.until('the queue', () => /gh-3/.test(place.board()));
    await page.getByRole('link', { name: 'Board' }).click();
    const lane = (name: string) => page.getByRole('region', { name, exact: true });
    const card = (text: string) => page.locator('.card', { hasText: text });
    await lane('Active').getByRole('link', { name: 'At work' }).waitFor();
    await card('Third <b>bold</b>').waitFor();
    expect(await violations(page)).toEqual([]);

    // Planned first: what it would do, nothing written.
    const before = place.board();
    await page.getByLabel('Priority of gh-3').selectOption('0');
    const draft = page.getByRole('region', { name: 'Not saved' });
    await draft.getByText('gives gh-3 priority 0').waitFor();
    expect(place.board()).toBe(before);
    await page.getByLabel('Move gh-3 up').click();
    await draft.getByText('wants this order: gh-3, gh-2').waitFor();
    await page.getByLabel('A new task').fill('Tidy up {p1}');
    await page.keyboard.press('Enter');
    await draft.getByText('adds a task “Tidy up” with priority 1').waitFor();
    await pictured(page, 'a draft of the board');
    expect(await violations(page)).toEqual([]);
    // Somebody writes into the file meanwhile: both stay.
    edit(place, (text) => text.replace('## Active', 'words of another person\n\n## Active'));
    await draft.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/tasks.md is saved, and tac8 takes it up/).waitFor({ timeout: PATIENCE });
    await place.until('the edit', () => /gh-3: .*\{p0\}\n[\s\S]*local-1: Tidy up \{p1\}\n[\s\S]*gh-2: /.test(place.board()));
    expect(place.board()).toContain('words of another person');
    await draft.waitFor({ state: 'detached' });

    // Cancelled in the file.
    await card('local-1').waitFor({ timeout: PATIENCE });
    await card('gh-2').getByRole('button', { name: 'Cancel' }).click();
    await draft.getByText('cancels gh-2').waitFor();
    await page.keyboard.press('Control+Enter');
    await lane('Failed').getByText('Second').waitFor({ timeout: PATIENCE });
    await place.until('the cancel', async () => (await place.status()).tasks.some(({ id, state }) => id === 'gh-2' && state === 'failed'));

    // The same words changed on both sides: a sentence, the draft stays, the file too.
    await page.getByRole('button', { name: 'As text' }).click();
    const text = page.getByLabel('tasks.md', { exact: true });
    const shown = await text.inputValue();
    await text.fill(shown.replace('Tidy up', 'My title'));
    await draft.getByText('calls local-1 “My title”').waitFor();
    edit(place, (now) => now.replace('Tidy up', 'Their title'));
    await draft
      .getByText(/tasks.md was changed meanwhile, in the same place; line \d+ there says: Their title/)
      .waitFor({ timeout: PATIENCE });
    expect(await draft.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await pictured(page, 'a draft that meets others words');
    expect(await text.inputValue()).toContain('My title');
    expect(place.board()).toMatch(/Their title/);
    expect(place.board()).not.toMatch(/My title/);
    // Having read them, the person may mean it all the same.
    await draft.getByRole('button', { name: 'Keep my words there' }).click();
    await draft.getByText(/was changed meanwhile/).waitFor({ state: 'detached' });
    await draft.getByRole('button', { name: 'Save' }).click();
    await place.until('the title', () => /local-1: My title/.test(place.board()));
    await draft.waitFor({ state: 'detached' });
    // What cannot be read is marked at its line, and leads there.
    const whole = await text.inputValue();
    await text.fill(`${whole}[] Under no heading\n`);
    const bad = whole.split('\n').length;
    await page.locator('.board-text li[data-wrong="true"]').getByText(String(bad), { exact: true }).waitFor();
    await page.getByRole('button', { name: `line ${bad}`, exact: true }).click();
    const selected = () =>
      page.evaluate<string>(
        'getSelection().toString() || (document.activeElement.value ?? "").slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
      );
    await expect.poll(selected, { timeout: PATIENCE }).toBe('[] Under no heading');
    expect(await violations(page)).toEqual([]);
    await draft.getByRole('button', { name: 'Discard' }).click();
    await draft.waitFor({ state: 'detached' });
    // An emptied board is refused before it is written.
    await text.fill('');
    await draft.getByText(/tasks.md is empty; saved like this, it is held until somebody accepts it/).waitFor();
    await draft.getByRole('button', { name: 'Save, to be held' }).waitFor();
    expect(await draft.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
    expect(place.board()).toContain('My title');
    await draft.getByRole('button', { name: 'Discard' }).click();
    await draft.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'As lanes' }).click();

    // A paused task is kept back by the daemon.
    await card('local-1').getByRole('button', { name: 'Pause' }).click();
    await card('local-1').getByText('paused', { exact: true }).waitFor({ timeout: PATIENCE });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(await violations(page)).toEqual([]);
    expect(await page.locator('main b', { hasText: 'bold' }).count()).toBe(0);
    expectQuiet(scene);
  },
);

test(
  'an edit that looks like an accident is held: why, and what it would do; refused or accepted here, as what is there says',
  LIMIT,
  async (context) => {
    const scene = await openScene(context, ['At work']);
    const { page, place, url } = scene;
    for (let n = 2; n <= 9; n++) place.issue(`Waits ${n}`);
    await place.until('the queue', () => /gh-9/.test(place.board()));
    const whole = place.board();
    const withoutMost = (text: string): string => text.replace(/^\[\] gh-[2-8].*\n/gm, '');
    const held = page.getByRole('region', { name: 'An edit of tasks.md is held' });

    // By hand, in the file: every view says so, and leads to the board.
    edit(place, withoutMost);
    await page.getByText('An edit of tasks.md is held').waitFor({ timeout: PATIENCE });
    await page.getByRole('link', { name: 'Look at it' }).click();
    await held.getByText(/an edit removes 7 of \d+ lines from tasks.md/).waitFor();
    await held.getByText('Accepted, it asks for 7 changes').waitFor();
    await held.getByText('takes gh-5 out of the queue').waitFor();
    await expectFine(page, 'a held edit');
    // Refused: the board is back, the edit is a copy.
    await held.getByRole('button', { name: 'Put the board back' }).click();
    await page
      .locator('.outcome[data-tone="good"]', { hasText: /the board is put back; the edit is kept as a copy/ })
      .waitFor({ timeout: PATIENCE });
    await held.waitFor({ state: 'detached', timeout: PATIENCE });
    await place.until('the board to be back', () => place.board().includes('gh-5') && place.board().includes('gh-2'));
    expect((await place.status()).counts.pending).toBe(8);

    // Pasted into the page: said before it is saved, then held until a person has said twice that it is meant.
    await page.getByRole('button', { name: 'As text' }).click();
    const text = page.getByLabel('tasks.md', { exact: true });
    await expect.poll(() => text.inputValue(), { timeout: PATIENCE }).toContain('gh-5');
    await text.fill(withoutMost(await text.inputValue()));
    const draft = page.getByRole('region', { name: 'Not saved' });
    await draft.getByText(/an edit removes 7 of \d+ lines from tasks.md; saved like this, it is held until somebody accepts it/).waitFor();
    await draft.getByRole('button', { name: 'Save, to be held' }).click();
    await held.waitFor({ timeout: PATIENCE });
    expect((await place.status()).counts.pending).toBe(8);
    // Somebody changes it once more while the question stands: what was looked at is not what would be taken in.
    await page.getByRole('button', { name: 'As lanes' }).click();
    await page.keyboard.press('A');
    const asked = page.getByRole('dialog', { name: 'Accept the edit of tasks.md?' });
    await asked.getByText(/It asks for 7 changes/).waitFor();
    await expectFine(page, 'whether a held edit is meant');
    edit(place, (now) => now.replace(/^\[\] gh-9.*\n/m, ''));
    await place.until('the newer edit', async () => /removes 8 of/.test((await place.tac8('status')).out));
    await page.setViewportSize({ width: 1440, height: 844 });
    await asked.getByRole('button', { name: 'Accept' }).click();
    await page.locator('.outcome[data-tone="bad"]', { hasText: /tasks.md was changed again meanwhile/ }).waitFor({ timeout: PATIENCE });
    expect((await place.status()).counts.pending).toBe(8);
    // By keyboard alone, from another view.
    await page.goto(`${url}/#/`);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('held edit');
    await page.keyboard.press('Enter');
    await held.getByText('Accepted, it asks for 8 changes').waitFor({ timeout: PATIENCE });
    await page.keyboard.press('A');
    await asked.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.outcome[data-tone="good"]', { hasText: 'the edit is taken in as it is' }).waitFor({ timeout: PATIENCE });
    await held.waitFor({ state: 'detached', timeout: PATIENCE });
    await place.until('the queue to be empty', async () => (await place.status()).counts.pending === 0);
    expect(place.board()).not.toMatch(/^\[\] gh-/m);

    // What nobody can mean has to be mended.
    edit(place, () => `${whole}<<<<<<< mine\n=======\n>>>>>>> theirs\n`);
    await held.getByText(/git left both sides of a merge/).waitFor({ timeout: PATIENCE });
    expect(await held.getByRole('button', { name: 'Accept it' }).count()).toBe(0);
    await held.getByText(/delete the lines with/).waitFor();
    await pictured(page, 'a held edit that nobody can mean');
    await held.getByRole('button', { name: 'Put the board back' }).click();
    await held.waitFor({ state: 'detached', timeout: PATIENCE });
    // The daemon refused one word of it.
    expectQuiet({ ...scene, complaints: scene.complaints.filter((said) => !/status of 409/.test(said)) });
  },
);
