import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { call, openScene, result, text } from '../support/browser/scene.ts';

/* Reading a long run in the page: found by its words, its edits as they change a file. */

const LIMIT = { timeout: 240_000 };

test('a search finds what is far from what is loaded, in one run and in all; edits show line by line', LIMIT, async (context) => {
  const scene = await openScene(context, ['Count the lines', 'Add a test']);
  const { page, say } = scene;
  const log = page.locator('.scroller');
  const picked = log.locator('[data-picked="true"]');
  const edit = { file_path: 'src/a.ts', old_string: 'one\nkept\ntwo\n', new_string: 'ONE\nkept\nTWO\n' };
  say('gh-1', [text('the first needle'), call('e1', 'Edit', edit), result('e1', 'fine')]);
  // More steps than a page of the transcript holds: the first needle is not in the browser when the run is opened at its end.
  say('gh-1', [...Array.from({ length: 900 }, (_, n) => `hay ${n}`), call('c1', 'Bash', { command: 'npm test' })]);
  say('gh-1', [result('c1', `${'y'.repeat(9_000)} Needle in what was shortened`), text('the end')]);
  say('gh-2', [text('another <b>needle</b> of another run'), text('no more')]);

  await page.locator('[data-task="gh-1"]').getByRole('link').click();
  await log.getByText('the end', { exact: true }).waitFor();
  expect(await log.getByText('the first needle').count()).toBe(0);
  // Of all the steps only those are in the page that are seen, and a few around them.
  expect(await log.locator('.step').count()).toBeLessThan(80);
  await page.keyboard.press('/');
  await page.keyboard.type('needle');
  await page.keyboard.press('Enter');
  await page.getByText('1 of 2').waitFor();
  await picked.locator('mark', { hasText: 'needle' }).waitFor();
  await picked.getByText('the first').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('2 of 2').waitFor();
  await pictured(page, 'found in a transcript');
  await picked.locator('mark', { hasText: 'Needle' }).waitFor();
  // Its text is longer than the window: the word itself is in sight.
  const inSight = `(() => {
    const [seen, mark] = ['.scroller', '[data-picked="true"] mark'].map((one) => document.querySelector(one).getBoundingClientRect());
    return mark.top >= seen.top && mark.bottom <= seen.bottom;
  })()`;
  await expect.poll(() => page.evaluate(inSight), { timeout: 60_000 }).toBe(true);
  // What is written meanwhile is found, too.
  say('gh-1', [text('a third needle')]);
  await scene.place.until('it to be in the log', () => scene.place.read('logs/gh-1.jsonl').includes('a third needle'));
  await page.keyboard.press('Enter');
  await page.getByText('3 of 3').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('1 of 3, from the top').waitFor();
  await page.keyboard.press('Shift+Enter');
  await page.getByText('3 of 3, from the end').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.getByText('1 of 3, from the top').waitFor();
  await page.keyboard.press('N');
  await page.getByText('3 of 3, from the end').waitFor();

  // The same tool again and again is one line; what stands in it is found, and opens it.
  const reads = ['a', 'b', 'c', 'd'].map((name) => [
    call(`r${name}`, 'Read', { file_path: `lib/${name}.ts` }),
    result(`r${name}`, `of ${name}`),
  ]);
  say('gh-1', [...reads.flat(), text('read enough')]);
  await page.keyboard.press('Shift+G');
  const group = log.getByRole('button', { name: /Read 4 times lib\/a\.ts, lib\/b\.ts/ });
  await group.waitFor();
  expect(await log.getByRole('button', { name: 'Read lib/c.ts' }).count()).toBe(0);
  await group.click();
  await log.getByRole('button', { name: 'Read lib/c.ts' }).waitFor();
  await group.click();
  await log.getByRole('button', { name: 'Read lib/c.ts' }).waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('/');
  await page.keyboard.type('of c');
  await page.keyboard.press('Enter');
  await picked.locator('mark', { hasText: 'of c' }).waitFor();
  await page.keyboard.press('Escape');

  // The edit, line by line.
  await page.keyboard.press('g');
  await page.getByRole('button', { name: 'Edit src/a.ts' }).click();
  const lines = log.locator('.edit .line');
  expect((await lines.allTextContents()).map((line) => line.trim())).toEqual(['- one', '+ ONE', 'kept', '- two', '+ TWO']);
  expect(await violations(page)).toEqual([]);

  // The address of any step leads there in a browser that has read nothing of it, also of one that bears no time.
  for (const words of ['hay 450', 'the first needle']) {
    await page.keyboard.press('/');
    await page.getByLabel('Find in the transcript').fill(words);
    await page.keyboard.press('Enter');
    await picked.locator('mark', { hasText: words }).waitFor();
    const address = await picked.locator('.when').getAttribute('href');
    const another = await page.context().newPage();
    await another.goto(`${scene.url}/${address}`);
    await another.locator('.scroller [data-picked="true"]').getByText(words).waitFor();
    await another.close();
    await page.keyboard.press('Escape');
  }

  // In all logs; a hit leads to its step, and marks it.
  const words = page.getByLabel('Words in all logs');
  // One key right after the other: the second is meant for the view that the first leads to.
  await page.evaluate(`(async () => {
    for (const key of ['Escape', '/']) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      await null;
    }
  })()`);
  await words.waitFor();
  await words.fill('needle');
  await page.keyboard.press('Enter');
  await page.getByText('That is all.').waitFor();
  expect(await page.locator('.hits li').count()).toBe(4);
  expect(await page.locator('.hits mark').count()).toBe(4);
  expect(await page.locator('.hits b').count()).toBe(0);
  await pictured(page, 'hits of a search');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: /another <b>needle/ }).click();
  await picked.locator('mark').waitFor();
  await page.getByLabel('Find in the transcript').waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${scene.url}/#/search?q=needle`);
  await page.getByText('That is all.').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(await violations(page)).toEqual([]);
  expectQuiet(scene);
});

test('who reads an earlier run stays there when the next one begins, and goes over when they ask for the end', LIMIT, async (context) => {
  const scene = await openScene(context, ['Count the lines']);
  const { page, place, say } = scene;
  const log = page.locator('.scroller');
  const top = (): Promise<unknown> => page.evaluate('document.querySelector(".scroller").scrollTop');
  say(
    'gh-1',
    Array.from({ length: 60 }, (_, n) => text(`thought ${n}`)),
  );
  await page.locator('[data-task="gh-1"]').getByRole('link').click();
  await log.getByText('thought 59', { exact: true }).waitFor();
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, -1200);
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  await log.getByText('thought 59', { exact: true }).waitFor({ state: 'detached' });

  const runOf = async () => (await place.status()).tasks.find(({ id }) => id === 'gh-1')?.run ?? null;
  const first = (await runOf())?.id;
  expect((await place.tac8('kill', 'gh-1')).code).toBe(0);
  writeFileSync(join(place.notes, 'gh-1'), `${JSON.stringify(text('the second run'))}\n`);
  expect((await place.tac8('retry', 'gh-1')).code).toBe(0);
  await place.until('the second run', async () => {
    const run = await runOf();
    return run !== null && run.id !== first && run.state === 'running';
  });
  const before = await top();
  say('gh-1', [text('more of it')]);
  await place.until('its words', () => place.read('logs/gh-1.jsonl').includes('more of it'));
  // The page knows of them.
  await page.locator('.task-head').getByText('more of it').waitFor();
  expect([await top(), await log.getByText('the second run').count()]).toEqual([before, 0]);
  await page.getByRole('button', { name: 'To the end' }).click();
  await log.getByText('more of it').waitFor();
  // Whoever is at the end goes over by themselves.
  expect((await place.tac8('kill', 'gh-1')).code).toBe(0);
  writeFileSync(join(place.notes, 'gh-1'), `${JSON.stringify(text('the third run'))}\n`);
  expect((await place.tac8('retry', 'gh-1')).code).toBe(0);
  await log.getByText('the third run').waitFor();
});
