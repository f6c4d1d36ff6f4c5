import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { TestContext } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Opening {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly script?: boolean;
}

/** What a page has said that it should not have: errors, refused loads, requests to anybody but the daemon. */
export interface Watched {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly foreign: readonly string[];
}

/** A browser with a profile of its own, gone when the test has finished. */
export async function openBrowser(
  context: Pick<TestContext, 'onTestFinished'>,
  { width = 1280, height = 800, theme = 'light', script = true }: Opening = {},
): Promise<BrowserContext> {
  const home = mkdtempSync(join(tmpdir(), 'tac8-browser-'));
  const browser = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home },
    viewport: { width, height },
    colorScheme: theme,
    javaScriptEnabled: script,
  });
  context.onTestFinished(async () => {
    await browser.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }, 30_000);
  return browser;
}

/** A page that is watched from its first request on. */
export async function watchedPage(browser: BrowserContext, own: string): Promise<Watched> {
  const page = await browser.newPage();
  // A machine that has other things to do takes its time.
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${own}/`) && !url.startsWith('data:')) foreign.push(url);
  });
  return { page, complaints, foreign };
}
