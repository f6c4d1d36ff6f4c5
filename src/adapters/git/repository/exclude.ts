import { constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { openPlain } from '../../../files/open-plain.ts';
import { absent, readPlainText } from '../view/files.ts';
import type { Repository } from './repository.ts';

/** Anchored, so that nobody's `src/logs/` or `logs/readme.txt` hides behind them. */
const OURS = [
  '/logs/gh-*.jsonl',
  '/logs/local-*.jsonl',
  '/logs/*.log',
  '/.tac8/',
  '/STOP',
  '/BLOCKED.md',
  '/adws/metrics.json',
  '/tasks.md',
  // What a killed daemon leaves of a board that it was writing.
  '/.tasks.md.tac8-*',
];

/** What git does not show: our own files, for the main checkout and every worktree. `dir`: where the worktrees are. */
export function excludePatterns(dir: string): string[] {
  const trees = dir.replace(/^\.\//, '').replace(/(?<!\/)\/+$/, '');
  return isAbsolute(dir) || trees.startsWith('..') ? OURS : [`/${trees}/`, ...OURS];
}

/**
 * Adds the missing patterns to git's info/exclude, in one write at its end; what is there is kept byte for byte.
 * Answers the patterns added.
 */
export async function addExcludes(repository: Repository, dir: string): Promise<string[]> {
  const path = join(repository.commonDir, 'info', 'exclude');
  const text = await readPlainText(path).catch(absent(''));
  const there = new Set(text.split('\n').map((line) => line.trimEnd()));
  const missing = excludePatterns(dir).filter((pattern) => !there.has(pattern));
  if (missing.length === 0) return [];
  await mkdir(join(repository.commonDir, 'info'), { recursive: true });
  const file = await openPlain(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  try {
    const start = text === '' || text.endsWith('\n') ? '' : '\n';
    await file.appendFile(`${start}# files of tac8\n${missing.join('\n')}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  return missing;
}
