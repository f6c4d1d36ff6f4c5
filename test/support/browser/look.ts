import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Scene } from './scene.ts';

/** What axe finds against WCAG 2.2 AA. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  )) as { violations: { id: string; nodes: { html: string }[] }[] };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** The page complained of nothing, and asked no other host. */
export function expectQuiet({ complaints, foreign }: Scene): void {
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
}

/** Whether what stands in an open dialog is wider than it. */
const CUT = `((dialog) => dialog !== null && dialog.scrollWidth > dialog.clientWidth)(document.querySelector('dialog[open]'))`;
const SIZES = [
  [1440, 'light'],
  [1440, 'dark'],
  [360, 'light'],
  [360, 'dark'],
] as const;

/** On a screen and on a phone, light and dark: nothing that axe finds, nothing wider than its window. */
export async function expectFine(page: Page, what: string): Promise<void> {
  for (const [width, theme] of SIZES) {
    await page.setViewportSize({ width, height: 740 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    expect([what, width, theme, await violations(page)]).toEqual([what, width, theme, []]);
    expect([what, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([what, width]);
    expect([what, width, await page.evaluate(CUT)]).toEqual([what, width, false]);
  }
  await pictured(page, what);
}

const DRAWN = [
  ['wide', 1440, 900],
  ['phone', 390, 844],
] as const;
/** What is longer is cut: nobody can look at it at once. */
const TALLEST = 2400;

/** Pictures to look at, of what a test has come to: `TAC8_PICTURES=FOLDER npx vitest run test/browser`. Nothing without that. */
export async function pictured(page: Page, what: string): Promise<void> {
  const folder = process.env.TAC8_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  const name = what.replaceAll(/[^\w]+/g, '-');
  for (const [size, width, height] of DRAWN)
    for (const theme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const whole = Number(await page.evaluate('document.documentElement.scrollHeight'));
      const clip = { x: 0, y: 0, width, height: Math.min(TALLEST, Math.max(height, whole)) };
      await page.screenshot({ path: join(folder, `${name}-${size}-${theme}.png`), fullPage: true, clip });
    }
  if (before !== null) await page.setViewportSize(before);
}
