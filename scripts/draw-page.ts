import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';

/* `npm run pictures`: runs the demo and takes pictures of its page into docs/pictures/, wide and narrow, light and dark. */

const ROOT = join(import.meta.dirname, '..');
const TAC8 = join(ROOT, 'bin/tac8');
const PICTURES = join(ROOT, 'docs/pictures');
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
const LOOK_EVERY_MS = 300;

interface Seen {
  readonly tasks: readonly { readonly id: string; readonly state: string; readonly run: { readonly activity: string | null } | null }[];
}

const place = mkdtempSync(join(tmpdir(), 'tac8-'));
const ask = (...words: string[]): unknown =>
  JSON.parse(
    execFileSync(TAC8, words, { cwd: join(place, 'widgets'), encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] }),
  );

/** Somebody asks, somebody works, and something is done. */
function isTelling({ tasks }: Seen): boolean {
  const isAtWork = tasks.some(({ state, run }) => state === 'active' && run?.activity != null);
  return isAtWork && ['blocked', 'completed'].every((state) => tasks.some((task) => task.state === state));
}

const demo = spawn(TAC8, ['demo', '--exit', '--speed', '0.3', '--dir', place], { stdio: ['ignore', 'ignore', 'inherit'] });
const ended = once(demo, 'exit');
try {
  let isSeen = false;
  while (demo.exitCode === null && !isSeen) {
    await setTimeout(LOOK_EVERY_MS);
    try {
      isSeen = isTelling(ask('status', '--json') as Seen);
    } catch {
      // The demo has not made its repository yet, or is about to end.
    }
  }
  if (!isSeen) throw new Error(`the demo showed nothing to draw (exit code ${demo.exitCode})`);
  await draw();
} finally {
  demo.kill();
  await ended;
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
}

async function draw(): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const [{ width, height }] = SIZES;
    const page = await browser.newPage({ viewport: { width, height } });
    await page.goto((ask('page', '--json') as { url: string }).url);
    await page.locator('.row').first().waitFor();
    await drawEach(page, 'fleet');
    const done = await page.locator('.row[data-state="completed"]').first().getAttribute('data-task');
    for (const [view, shown] of VIEWS) {
      await page.evaluate(`location.hash = '#/${view}'`);
      await page.locator(shown).first().waitFor();
      await drawEach(page, view);
    }
    await page.evaluate(`location.hash = '#/task/${done}'`);
    await page.locator('.step').nth(3).waitFor();
    await page.locator('.glance-map').waitFor();
    await page.locator('.call-head').nth(1).click();
    await drawEach(page, 'task');
  } finally {
    await browser.close();
  }
}

async function drawEach(page: Page, view: string): Promise<void> {
  for (const { name, width, height } of SIZES)
    for (const theme of THEMES) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.screenshot({ path: join(PICTURES, `page-${view}-${name}-${theme}.png`) });
    }
}
