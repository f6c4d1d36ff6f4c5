import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
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
    await draft.getByText(/tasks.md is empty: save the file by hand/).waitFor();
    expect(await draft.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
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
