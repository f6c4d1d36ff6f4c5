import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { bytes } from '../repository/repository.ts';
import { absent } from '../view/files.ts';

const TRIES = 3;

export interface KeepPlaces {
  /** For an index file of our own. */
  readonly scratch: string;
  /** The repository that keeps it. */
  readonly commonDir: string;
}

/**
 * Keeps a `.git` folder byte for byte as the tree of a commit; null where it holds no file. By content and not by fetching from it: what is shallow, partial or broken would break this
 * repository too, and hooks, stashes and reflogs would be lost. The same content gives the same commit.
 */
export async function keepGitDir(git: Git, keeping: KeepPlaces, gitDir: string): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await keepOnce(git, keeping, gitDir);
    } catch (error) {
      // A file that vanished between listing and reading: the repository is in use.
      if (attempt === TRIES || !(error instanceof PortError)) throw error;
    }
  }
}

async function keepOnce(git: Git, { scratch, commonDir }: KeepPlaces, gitDir: string): Promise<string | null> {
  const files = await filesBelow(gitDir, '');
  if (files.length === 0) return null;
  const index = join(scratch, randomUUID());
  const call = { cwd: gitDir, env: { GIT_DIR: commonDir, GIT_WORK_TREE: gitDir, GIT_INDEX_FILE: index } };
  try {
    const names = files.map(({ path }) => `${bytes(join(gitDir, path))}\n`).join('');
    const { stdout } = await git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...call, input: names });
    const objects = stdout.trim().split('\n');
    const entries = files.map(({ path, executable }, n) => `${executable ? '100755' : '100644'} ${objects[n]}\t${bytes(path)}\0`).join('');
    await git(['update-index', '-z', '--add', '--index-info'], { ...call, input: entries });
    const tree = (await git(['write-tree'], call)).stdout.trim();
    const commit = await git(['commit-tree', tree, '-m', 'The .git folder of a repository inside of a worktree'], {
      ...call,
      env: { ...call.env, ...NO_DATE },
    });
    return commit.stdout.trim();
  } finally {
    await rm(index, { force: true });
  }
}

/** For commits that stand for content alone. */
export const NO_DATE = { GIT_AUTHOR_DATE: '@0 +0000', GIT_COMMITTER_DATE: '@0 +0000' };

interface GitFile {
  readonly path: string;
  readonly executable: boolean;
}

/** Plain files, without locks; git itself writes no names here that hold a newline. */
async function filesBelow(gitDir: string, below: string): Promise<GitFile[]> {
  const entries = await readdir(join(gitDir, below), { withFileTypes: true }).catch(absent([]));
  const parts = await together(
    entries.map(async (entry): Promise<GitFile[]> => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(gitDir, path);
      if (!entry.isFile() || path.endsWith('.lock') || path.includes('\n')) return [];
      const found = await stat(join(gitDir, path)).catch(absent(null));
      return found === null ? [] : [{ path, executable: (found.mode & 0o111) !== 0 }];
    }),
  );
  return parts.flat();
}
