import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hands, leadsTo } from './hands.ts';

/** What git, or git-lfs, opens by its name in any folder of a worktree. */
const OPENED: ReadonlySet<string> = new Set(['.gitignore', '.gitattributes', '.gitmodules', '.mailmap', '.lfsconfig']);

/** More than any worktree holds in earnest. The rest is looked at in the next round. */
const [MOST_LOOKED_AT, MOST_TAKEN] = [2_000_000, 1_000];

/**
 * A worker owns its worktree, and puts there what it likes. A named pipe where git opens a file by its name holds the git that saves its work, and
 * has nothing in it that could be saved. Of a repository inside, whatever is a pipe.
 */
export async function mendTree(tree: string, hands: Hands): Promise<void> {
  const folders: { readonly path: string; readonly isGits: boolean }[] = [{ path: tree, isGits: false }];
  let [looked, taken] = [0, 0];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path, isGits } = folder;
    for (const entry of await readdir(path, { withFileTypes: true }).catch((): Dirent[] => [])) {
      looked += 1;
      if (looked > MOST_LOOKED_AT || taken >= MOST_TAKEN) return;
      const at = join(path, entry.name);
      if (entry.isDirectory()) folders.push({ path: at, isGits: isGits || entry.name === '.git' });
      else if ((isGits || OPENED.has(entry.name)) && holds(at, entry)) {
        taken += 1;
        await hands.attempt(() => hands.takeAway(at, 'a named pipe, which holds whoever opens it'));
      }
    }
  }
}

/** A link leads git there as well. */
const holds = (at: string, entry: Dirent): boolean => entry.isFIFO() || (entry.isSymbolicLink() && leadsTo(at)?.isFIFO() === true);
