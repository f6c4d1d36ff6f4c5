import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { EXIT, Exit } from './exit-codes.ts';

/** The folder that `-C` names, else the current one. Throws an Exit where there is none of that name. */
export function rootOf(command: Command): string {
  const { repoDir } = command.optsWithGlobals<{ repoDir?: string }>();
  if (repoDir === undefined) return process.cwd();
  if (!isFolder(repoDir)) throw new Exit(EXIT.usage, `-C: there is no folder "${repoDir}"`);
  return repoDir;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
