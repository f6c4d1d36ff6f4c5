import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MINUTES_MS = 60_000;

/** A built tac8, somewhere. */
export interface Subject {
  /** `now`, or the revision before. */
  readonly name: string;
  readonly folder: string;
}

export const NOW: Subject = { name: 'now', folder: ROOT };

/** The version to compare with, from bench/before.txt unless it is named. */
export const namedBefore = (): string => readFileSync(join(import.meta.dirname, 'before.txt'), 'utf8').trim();

/** Checks that revision out below .cache, installs and builds it; a folder of an earlier run is used again. */
export function buildBefore(revision: string): Subject {
  const commit = commitOf(revision);
  const folder = join(ROOT, '.cache/bench-before', commit.slice(0, 12));
  const subject = { name: revision, folder };
  if (existsSync(join(folder, 'dist/main.js'))) return subject;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Not a worktree: git would keep a record of it, and tac8's own commands would look at it.
  execFileSync('/bin/sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder], { cwd: ROOT, timeout: 2 * MINUTES_MS });
  const lock = (root: string): string => readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(ROOT)) execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(folder, 'node_modules')]);
  else execFileSync('npm', ['ci', '--silent'], { cwd: folder, stdio: ['ignore', 2, 2], timeout: 10 * MINUTES_MS });
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: ['ignore', 2, 2], timeout: 10 * MINUTES_MS });
  return subject;
}

function commitOf(revision: string): string {
  try {
    const args = ['rev-parse', '--quiet', '--verify', `${revision}^{commit}`];
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (cause) {
    throw new Error(`${revision} is no revision of this checkout: fetch it, name another with --before, or measure with --no-before`, {
      cause,
    });
  }
}

/** As npm would lay it out: the command beside the built files, and no sources, which it would rather run. Answers the command. */
export function install({ folder }: Subject, dir: string): string {
  if (!existsSync(join(folder, 'dist/main.js'))) throw new Error(`${folder} is not built: npm run build`);
  const installed = join(dir, 'installed');
  cpSync(join(folder, 'bin'), join(installed, 'bin'), { recursive: true });
  for (const name of ['dist', 'node_modules', 'package.json', 'shell', 'schema']) symlinkSync(join(folder, name), join(installed, name));
  return join(installed, 'bin/tac8');
}
