import type { Command } from 'commander';

/** The folder that `-C` names, else the current one. */
export function rootOf(command: Command): string {
  const { repoDir } = command.optsWithGlobals<{ repoDir?: string }>();
  return repoDir ?? process.cwd();
}
