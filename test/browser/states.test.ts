import { expect, test } from 'vitest';
import { openBrowser, watchedPage } from '../support/browser/browser.ts';
import { expectFine } from '../support/browser/look.ts';
import { openScene, text } from '../support/browser/scene.ts';

/* What a view looks like when something is open, wrong, empty, or nobody answers: nothing that axe finds, nothing cut off, on a screen and on a phone. */

const LIMIT = { timeout: 300_000 };
test(
  'dialogs, the palette, empty and wrong states, a daemon that is away: none has what axe finds or is cut off',
  LIMIT,
  async (context) => {
    const long = `${'verylongword'.repeat(20)} and more`;
    const scene = await openScene(context, [long, 'שלום עולם — תמיכה בעברית']);
    const { page, say, place, url } = scene;
    say('gh-1', [text('I look.')]);
    await page.locator('[data-task="gh-2"]').getByText('שלום עולם').waitFor();
    await expectFine(page, 'a word that is longer than the page, and words from right to left');
    const dialog = page.getByRole('dialog');
    const opened = async (key: string, what: string): Promise<void> => {
      await page.keyboard.press(key);
      await dialog.waitFor();
      await expectFine(page, what);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    };
    await opened('Control+k', 'the palette');
    await opened('?', 'the keys');
    const go = (address: string) => page.evaluate(`location.hash = '#/${address}'`);
    await go('task/gh-1');
    await page.getByText('I look.').first().waitFor();
    for (const [key, what] of [
      ['t', 'Tell'],
      ['x', 'Kill'],
      ['v', 'Preview'],
    ] as const)
      await opened(key, what);
    // Refused, and said so.
    await page.keyboard.press('v');
    await dialog.waitFor();
    await page.keyboard.type('no port');
    await page.keyboard.press('Enter');
    expect(await dialog.isVisible()).toBe(true);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await page.getByText('nothing answers at port 1 of the worker of gh-1').waitFor();
    await expectFine(page, 'an order that was refused');
    await page.getByLabel('Close: Preview gh-1').click();

    await go('task/gh-77');
    await page.getByText('there is no task gh-77').first().waitFor();
    await expectFine(page, 'no such task');
    await go('search?q=nowhere-to-be-found');
    await page.getByText('Nobody said or did this.').waitFor();
    await expectFine(page, 'a search that finds nothing');
    await go('board');
    await page.getByRole('button', { name: 'As text' }).click();
    const board = page.getByLabel('tasks.md', { exact: true });
    await board.fill(`${await board.inputValue()}\n[] Under no heading\n`);
    await page
      .getByRole('list', { name: 'What cannot be read' })
      .getByRole('button', { name: /^line \d+$/ })
      .waitFor();
    await expectFine(page, 'an edit of the board with a line that cannot be read');
    await page.getByRole('button', { name: 'Discard' }).click();

    // Whoever was not let in sees how to be.
    const stranger = await watchedPage(await openBrowser(context), url);
    await stranger.page.goto(url);
    await stranger.page.getByText('This browser is not let in').waitFor();
    await stranger.page.getByText('not let in', { exact: true }).waitFor();
    // It was answered.
    expect(await stranger.page.getByText(/no answer/i).count()).toBe(0);
    await expectFine(stranger.page, 'a browser that is not let in');

    const { daemon } = await place.status();
    const pid = daemon?.pid ?? 0;
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGSTOP');
    try {
      for (const [address, there] of [
        ['', '.row'],
        ['task/gh-1', '.task-head'],
      ] as const) {
        await go(address);
        await page.locator('[data-stale="true"]').getByText('No answer', { exact: true }).waitFor();
        await page.locator(there).first().waitFor();
        await expectFine(page, `nobody answers: ${address}`);
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await page.locator('[data-stale="false"]').waitFor();
    expect(scene.foreign).toEqual([]);
  },
);
