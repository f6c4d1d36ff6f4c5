import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GitWorld } from './git-workspaces.ts';

/** As a worker types it. */
export const set = (world: GitWorld, key: string, value: string): string => world.git(['config', key, value], world.root);

/** A repository in the worktree, with settings of its own. */
export const inner = (world: GitWorld, path: string, canary: string, key: string): void => {
  const at = join(world.tree, path);
  mkdirSync(at, { recursive: true });
  world.git(['init', '--quiet'], at);
  world.commit('Inner', { 'f.txt': 'f', '.gitattributes': '*.txt filter=z\n' }, at);
  world.git(['config', key, canary], at);
  // Of the same length: only what the filter says tells whether it is another.
  world.write(`${path}/f.txt`, 'g', world.tree);
};
