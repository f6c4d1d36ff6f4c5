import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { EXIT, Exit } from './exit-codes.ts';

/** The folder that `-C` names, else the current one. Throws an Exit where it is not there. */
export function rootOf(command: Command): string {
  const { repoDir } = command.optsWithGlobals<{ repoDir?: string }>();
  if (repoDir === undefined) return currentFolder();
  if (!isFolder(repoDir)) throw new Exit(EXIT.usage, `-C: there is no folder "${repoDir}"`);
  return repoDir;
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    // The system knows no name for it any more.
    throw new Exit(EXIT.usage, 'the current folder was removed', '`cd` into a folder that exists, or name one with -C.');
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
