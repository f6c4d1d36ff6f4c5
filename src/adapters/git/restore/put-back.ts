import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { type Repository, utf8 } from '../repository/repository.ts';
import type { Saved } from '../saved/saved-refs.ts';
import { kindOf } from '../view/files.ts';

export interface PutBackParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly scratch: string;
  readonly timeoutMs: () => number;
}

/** Writes a tree's files into an empty folder. */
export async function writeFiles(parts: PutBackParts, tree: string, folder: string): Promise<void> {
  await mkdir(parts.scratch, { recursive: true });
  const index = join(parts.scratch, randomUUID());
  const env = { GIT_DIR: parts.repository.commonDir, GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
  try {
    await parts.git(['read-tree', tree], { cwd: folder, env });
    await parts.git(['checkout-index', '--all', '--force'], { cwd: folder, env, timeoutMs: parts.timeoutMs() });
  } finally {
    await rm(index, { force: true });
  }
}

/**
 * Gives the repositories inside of a snapshot their `.git` folders back, where none is. Answers the paths of those that have
 * one now, and of those whose commits are to be fetched from their remotes.
 */
export async function putBackRepositories(
  parts: PutBackParts,
  saved: Saved,
  folder: string,
): Promise<{ restored: string[]; filesOnly: string[] }> {
  const restored: string[] = [];
  const filesOnly: string[] = [];
  for (const { path, gitDir } of saved.embedded) {
    const name = utf8(path);
    const dotGit = join(folder, name, '.git');
    if (gitDir === null || (await kindOf(dotGit)) !== 'missing') {
      filesOnly.push(name);
      continue;
    }
    await mkdir(dotGit, { recursive: true });
    await writeExactly(parts, gitDir, dotGit);
    // git keeps no empty folders, and takes nothing for a repository that lacks these; a submodule's says where its files were.
    await together(['refs/heads', 'objects'].map((below) => mkdir(join(dotGit, below), { recursive: true })));
    await parts.git(['config', '--file', join(dotGit, 'config'), '--unset-all', 'core.worktree'], { settings: 'own', codes: [0, 1, 3, 5] });
    restored.push(name);
  }
  return { restored, filesOnly };
}

/** As `writeFiles`, but byte for byte: by way of an empty repository, so that no attributes or settings of this one apply. */
async function writeExactly(parts: PutBackParts, commit: string, folder: string): Promise<void> {
  await mkdir(parts.scratch, { recursive: true });
  const bare = join(parts.scratch, `${randomUUID()}.git`);
  try {
    await parts.git(['init', '--quiet', '--bare', '--template=', bare], { cwd: parts.scratch, settings: 'own' });
    const env = {
      GIT_DIR: bare,
      GIT_WORK_TREE: folder,
      GIT_INDEX_FILE: join(bare, 'index'),
      GIT_OBJECT_DIRECTORY: join(parts.repository.commonDir, 'objects'),
    };
    const call = { cwd: folder, env, settings: 'own' } as const;
    await parts.git(['read-tree', commit], call);
    await parts.git(['checkout-index', '--all', '--force'], { ...call, timeoutMs: parts.timeoutMs() });
  } finally {
    await removeFolder(bare);
  }
}
