import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import type { Bench } from '../row.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
];

/** A browser with a profile of its own in the bench's folder. */
export function openBrowser({ dir, env }: Bench): Promise<BrowserContext> {
  const home = join(dir, 'browser');
  mkdirSync(home, { recursive: true });
  return chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    env: { PATH: env.PATH ?? '', HOME: home, TMPDIR: home },
    viewport: { width: 1280, height: 900 },
  });
}

/** The process that draws a page, by an argument that no other browser on the machine has: its profile's path stands in the parent's alone. */
export function renderersBelow(parent: number): readonly number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...processOf(name) }));
  const below = (pid: number): readonly number[] =>
    all.filter(({ ppid }) => ppid === pid).flatMap(({ pid: child }) => [child, ...below(child)]);
  const own = new Set(below(parent));
  return all.filter(({ pid, command }) => own.has(pid) && command.includes('--type=renderer')).map(({ pid }) => pid);
}

function processOf(pid: string): { readonly ppid: number; readonly command: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { ppid, command: readFileSync(`/proc/${pid}/cmdline`, 'latin1') };
  } catch {
    // It ended while it was looked at.
    return { ppid: 0, command: '' };
  }
}

/** Bytes that a process holds by itself, and its part of what it shares (PSS). */
export function ownBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? Number.NaN) * 1024;
}
