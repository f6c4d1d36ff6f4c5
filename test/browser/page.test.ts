import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { call, openScene, result, text } from '../support/browser/scene.ts';
import { MAIN } from '../support/world/built.ts';

/* The page, in a real browser, on a real daemon with agents at work. */

const LIMIT = { timeout: 240_000 };
const PATIENCE = 30_000;

const MOST_SCRIPT = 100_000;

const scrollTop = (page: Page): Promise<unknown> => page.evaluate('document.querySelector(".scroller").scrollTop');
const row = (page: Page, task: string) => page.locator(`[data-task="${task}"]`);

test('the first load is under 100 kB of compressed script', () => {
  const folder = join(MAIN, '../web');
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path = '']) => path);
  expect(scripts.length).toBeGreaterThan(0);
  const size = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0);
  expect(size).toBeLessThan(MOST_SCRIPT);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=/);
});

test('it can be installed: a name, a start, and icons that are there', () => {
  const folder = join(MAIN, '../web');
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toMatch(/<link rel="manifest"[^>]* href="\/manifest\.webmanifest"/);
  const { name, start_url, display, icons } = JSON.parse(readFileSync(join(folder, 'manifest.webmanifest'), 'utf8'));
  expect([name, start_url, display, icons.length]).toEqual(['tac8', '/', 'standalone', 1]);
  for (const { src, sizes } of icons) expect([readFileSync(join(folder, src), 'utf8').slice(0, 4), sizes]).toEqual(['<svg', 'any']);
});

/** Notifications as the page makes them, while nobody looks at it. */
const NOBODY_LOOKS = `
  window.__told = [];
  window.Notification = class extends EventTarget {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor(title, { body, tag }) { super(); window.__told.push([title, body, tag]); }
  };
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
`;

test('shows the fleet, follows a transcript live, stops a worker, and comes back after the daemon was killed', LIMIT, async (context) => {
  const scene = await openScene(context, ['Count the lines', 'Add a test']);
  const { page, place, say } = scene;

  // A browser offers to install it.
  const devtools = await page.context().newCDPSession(page);
  expect((await devtools.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);

  // The fleet, by itself up to date.
  await row(page, 'gh-1').getByText('Count the lines').waitFor();
  await row(page, 'gh-1').getByRole('img', { name: 'at work, its process lives' }).waitFor();
  expect(await violations(page)).toEqual([]);
  say('gh-1', [call('c1', 'Bash', { command: 'wc -l src/main.ts' })]);
  await row(page, 'gh-1').getByText('wc -l src/main.ts').waitFor();

  const log = page.locator('.scroller');
  // The last hours, and the days.
  await page.getByRole('link', { name: /^gh-1: runs/ }).waitFor();
  await page.getByRole('link', { name: 'Charts' }).click();
  await page.getByText('No run has ended in these days.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('the fleet');
  await page.keyboard.press('Enter');

  // A transcript that follows, until the reader goes up; it brings him back when he asks.
  await row(page, 'gh-1').getByRole('link').click();
  await page.getByRole('button', { name: /Bash wc -l/ }).waitFor();
  say('gh-1', [result('c1', '120 src/main.ts'), ...Array.from({ length: 60 }, (_, n) => text(`thought ${n}`))]);
  await log.getByText('thought 59', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, -1200);
  await page.getByRole('button', { name: 'To the end' }).waitFor();
  await log.getByText('thought 59', { exact: true }).waitFor({ state: 'detached' });
  const top = await scrollTop(page);
  say('gh-1', [text('later 1'), text('later 2')]);
  await page.getByRole('button', { name: '2 new steps' }).waitFor();
  expect(await scrollTop(page)).toBe(top);
  await page.getByRole('button', { name: '2 new steps' }).click();
  await log.getByText('later 2').waitFor();

  // By keyboard alone: find, the next error, back to the fleet.
  say('gh-1', [call('c2', 'Bash', { command: 'npm test' }), result('c2', 'one test failed', true), text('the last word')]);
  await log.getByText('the last word').waitFor();
  await page.keyboard.press('g');
  await page.getByRole('button', { name: /Bash wc -l/ }).waitFor();
  await page.keyboard.press('e');
  await log.getByText('one test failed').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('THOUGHT 7');
  await page.keyboard.press('Enter');
  await page.getByText('1 of 1, from the top').waitFor();
  await log.locator('[data-picked="true"]').getByText('thought 7', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await page.getByText('work.txt').waitFor();
  await page.keyboard.press('3');
  await page.getByText('What happened').waitFor();
  await page.keyboard.press('Escape');

  // Acting: what really happened is what is said.
  await row(page, 'gh-2').waitFor();
  // Which row is which may change while both start.
  await place.until('the row to be picked', async () => {
    await page.keyboard.press('j');
    return (await row(page, 'gh-2').getAttribute('data-picked')) === 'true';
  });
  // By choice, and only while nobody looks.
  await page.evaluate(NOBODY_LOOKS);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('notifications of the browser');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox').waitFor({ state: 'detached' });
  await page.keyboard.press('s');
  await page.getByRole('dialog').getByRole('textbox').fill('not needed');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await page.locator('.outcome[data-tone="good"]').waitFor({ timeout: PATIENCE });
  await place.until('the notification', async () => ((await page.evaluate('window.__told')) as string[][]).length === 1);
  expect(await page.evaluate('window.__told')).toEqual([['gh-2: Add a test', 'not needed', 'gh-2']]);
  await page.evaluate('delete document.visibilityState');
  await place.until('the stop', async () => (await place.status()).tasks.some(({ id, state }) => id === 'gh-2' && state === 'failed'));
  await row(page, 'gh-2').getByText('not needed').waitFor();

  // A run has ended, so that there is something to draw.
  await page.goto(`${scene.url}/#/charts`);
  await page.getByText('1 run: 0 done, 0 asked, 1 failed').waitFor();
  await page.locator('.plot canvas').first().waitFor();
  await pictured(page, 'charts');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await violations(page)).toEqual([]);
  await page.goto(`${scene.url}/#/`);
  await row(page, 'gh-2').waitFor();
  expect(await violations(page)).toEqual([]);
  expectQuiet(scene);

  // Another tab, which has not looked at the charts yet.
  const other = await page.context().newPage();
  await other.goto(`${scene.url}/#/`);
  await row(other, 'gh-1').waitFor();

  // The daemon dies: the page says so within three seconds, keeps what it knows, and comes back by itself.
  await scene.daemon.end('SIGKILL');
  await page.locator('[data-stale="true"]').getByText('No answer', { exact: true }).waitFor({ timeout: 3_000 });
  await row(page, 'gh-1').waitFor();
  // How long ago that was goes on, and what is asked for meanwhile is asked for again.
  await page.getByText(/^no answer for [2-9]\d* s$/).waitFor();
  // What is kept looks old, and so do its ages, which go on.
  const greyOf = (what: string): Promise<unknown> => page.evaluate(`getComputedStyle(document.querySelector('${what}')).filter`);
  expect([await greyOf('main'), await greyOf('.facts')]).toEqual(['grayscale(1)', 'grayscale(1)']);
  const ageOf = () => row(page, 'gh-1').locator('time').first().textContent();
  const age = await ageOf();
  await expect.poll(ageOf, { timeout: PATIENCE }).not.toBe(age);
  await row(page, 'gh-1').getByRole('link').click();
  await page.getByText('the daemon does not answer', { exact: true }).waitFor();
  await other.goto(`${scene.url}/#/charts`);
  await other.getByText('the daemon does not answer', { exact: true }).waitFor({ timeout: PATIENCE });
  // Whoever comes back to the fleet meanwhile has the last hours as they were known.
  await other.keyboard.press('Escape');
  await other.getByRole('link', { name: /^gh-1: runs/ }).waitFor();
  await other.goto(`${scene.url}/#/charts`);
  place.start();
  await other.getByRole('heading', { name: 'Days' }).waitFor({ timeout: PATIENCE });
  await other.close();
  await page.locator('[data-stale="false"]').waitFor({ timeout: PATIENCE });
  expect(await greyOf('main')).toBe('none');
  await log.getByText('the last word').waitFor({ timeout: PATIENCE });
  await page.keyboard.press('Escape');
  await row(page, 'gh-1').getByRole('img', { name: 'at work, its process lives' }).waitFor({ timeout: PATIENCE });

  // It hangs, its connections open: that is told as well.
  const { daemon } = await place.status();
  const pid = daemon?.pid ?? 0;
  expect(pid).toBeGreaterThan(1);
  process.kill(pid, 'SIGSTOP');
  try {
    await page.locator('[data-stale="true"]').getByText('No answer', { exact: true }).waitFor({ timeout: PATIENCE });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await page.locator('[data-stale="false"]').waitFor({ timeout: PATIENCE });
  await row(page, 'gh-1').getByRole('img', { name: 'at work, its process lives' }).waitFor({ timeout: PATIENCE });
});

test('hostile words stay words: markup, colours, turned text, a line of five megabytes', LIMIT, async (context) => {
  const scene = await openScene(context, ['<img src=x onerror=document.title=1> \u202etitle'], { width: 390, height: 844, theme: 'dark' });
  const { page, say } = scene;
  const bad = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">';
  say('gh-1', [
    text(`${bad}\u001b[31mred\u001b[0m \u202eturned`),
    call('c1', bad, { command: bad }),
    result('c1', 'x'.repeat(5_000_000), true),
    'no JSON at all </article><script>document.title="owned"</script>',
    text('the end of it'),
  ]);
  await row(page, 'gh-1').getByText('<img src=x onerror=document.title=1>').waitFor();
  await row(page, 'gh-1').getByRole('link').click();
  const log = page.locator('.scroller');
  await log.getByText('the end of it').waitFor();
  await log.getByText('red \ufffdturned').waitFor();
  await pictured(page, 'hostile words');
  expect(await page.title()).not.toContain('owned');
  expect(await page.locator('main img, main script, main iframe').count()).toBe(0);
  // Nothing is wider than the phone, nor cut in what has no room of its own: the call that failed still says so.
  expect(await page.evaluate('document.querySelector(".call-head").scrollWidth <= document.querySelector(".call-head").clientWidth')).toBe(
    true,
  );
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(await violations(page)).toEqual([]);
  expectQuiet(scene);
});

test('without a script the fleet stands in the page, and is nobody else’s', LIMIT, async (context) => {
  const { page, url, complaints } = await openScene(context, ['<b>Count</b> the lines'], { script: false });
  await page.getByRole('row', { name: /gh-1/ }).getByText('<b>Count</b> the lines').waitFor();
  await pictured(page, 'without a script');
  expect(await (await fetch(`${url}/`)).text()).not.toContain('Count');
  expect(complaints).toEqual([]);
});
