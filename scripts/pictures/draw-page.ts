import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type Demo, PICTURES, ROOT, watchDemo } from './demo-moments.ts';

/* `npm run pictures`: runs the demo and takes pictures of its page into docs/pictures/, wide and narrow, light and dark. */

const SIZES = [
  { name: 'wide', width: 1440, height: 860 },
  { name: 'phone', width: 390, height: 844 },
] as const;
/** Views beside the fleet and a task, and what is there once they are. */
const VIEWS = [
  ['board', '.lane'],
  ['setup', '.setup h2'],
] as const;
const THEMES = ['light', 'dark'] as const;
/** Lines changed come after their row, since git is asked for them. */
const CHANGES_WITHIN_MS = 60_000;

/* The demo does not wait for a browser to come up. */
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  await watchDemo(0.1, async (demo, worth): Promise<'enough' | 'more'> => {
    if (worth === 0) return 'more';
    await draw(demo);
    return 'enough';
  });
} finally {
  await browser.close();
}

async function draw(demo: Demo): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const [{ width, height }] = SIZES;
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto((JSON.parse(demo.say(['page', '--json'])) as { url: string }).url);
  await page.locator('.row .plus').nth(1).waitFor({ timeout: CHANGES_WITHIN_MS });
  await drawEach(page, 'fleet', demo.place);
  const done = await page.locator('.row[data-state="completed"]').first().getAttribute('data-task');
  for (const [view, shown] of VIEWS) {
    await page.evaluate(`location.hash = '#/${view}'`);
    await page.locator(shown).first().waitFor();
    await drawEach(page, view, demo.place);
  }
  await page.evaluate(`location.hash = '#/task/${done}'`);
  await page.locator('.step').nth(3).waitFor();
  await page.locator('.glance-map').waitFor();
  await page.locator('.call-head').nth(1).click();
  await drawEach(page, 'task', demo.place);
}

async function drawEach(page: Page, view: string, place: string): Promise<void> {
  // Folders of whoever draws are nobody's business.
  const folders = JSON.stringify([
    [place, '/srv'],
    [join(realpathSync(join(ROOT, 'node_modules')), '..'), '/opt/tac8'],
    [ROOT, '/opt/tac8'],
  ]);
  const named = `{
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const [from, to] of ${folders}) texts.currentNode.data = texts.currentNode.data.replaceAll(from, to);
  }`;
  for (const { name, width, height } of SIZES)
    for (const theme of THEMES) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.evaluate(named);
      await page.screenshot({ path: join(PICTURES, `page-${view}-${name}-${theme}.png`) });
    }
}
