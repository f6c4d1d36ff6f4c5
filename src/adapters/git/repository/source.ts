import { join } from 'node:path';
import type { Task } from '../../../core/model/task.ts';
import type { GitCall } from '../call/git.ts';
import { lookFor } from './position.ts';
import type { Registered } from './registry.ts';
import type { Repository } from './repository.ts';

/** A folder to take a snapshot of, and how git is to see it. */
export interface Source {
  /** Null: the folder is gone, only git's record is left. */
  readonly tree: string | null;
  /** The record's private folder; for a folder that git does not know the common one. */
  readonly gitDir: string;
  /** git's record of it, or null. */
  readonly record: Registered | null;
  /** A full ref or a commit id whose commit the snapshot comes after. */
  readonly head: string;
}

/** What there is of a task's worktree; null: nothing that could hold work. Only looks. */
export async function locate(repository: Repository, tree: string, task: Task): Promise<Source | null> {
  const position = await lookFor(repository, tree);
  switch (position.kind) {
    case 'free':
      return null;
    case 'ready':
    case 'unlinked':
      return fromRecord(position.record, tree);
    case 'gone':
      return fromRecord(position.record, null);
    case 'half-made':
      // git was still writing it: no agent was ever in there.
      return null;
    case 'in-the-way':
      // A link leads out of the repository, and a file is moved aside, never deleted. A folder may hold an agent's work.
      if (position.what !== 'folder') return null;
      return { tree, gitDir: repository.commonDir, record: null, head: `refs/heads/${task.branch}` };
  }
}

export function fromRecord(record: Registered, tree: string | null): Source {
  return { tree, gitDir: record.adminDir, record, head: record.branch ?? record.detached ?? 'HEAD' };
}

/** Runs git on the source with an index file of our own: its real index, lock and branch stay untouched. */
export function callFor(source: Source, index: string): GitCall & { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  const env = { GIT_DIR: source.gitDir, GIT_INDEX_FILE: index };
  if (source.tree === null) return { cwd: source.gitDir, env };
  return { cwd: source.tree, env: { ...env, GIT_WORK_TREE: source.tree } };
}

export const realIndex = (source: Source): string | null => (source.record === null ? null : join(source.gitDir, 'index'));
