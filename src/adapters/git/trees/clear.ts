import { readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import { fileTime, type Places } from '../repository/places.ts';
import { type Registered, recordFor } from '../repository/registry.ts';
import type { Repository } from '../repository/repository.ts';
import { absent, kindOf, moveAside } from '../view/files.ts';

export interface ClearParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly places: Places;
  readonly log: Log;
}

/** Renames what stands where a worktree belongs to `.tac8/aside/<task>-<time>`: never followed, never deleted. */
export async function putAside(parts: ClearParts, task: Task, path: string, what: string): Promise<void> {
  const name = `${task.id}-${fileTime()}`;
  const to = await moveAside(path, parts.places.aside, name).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EXDEV') return moveAside(path, join(dirname(path), '.aside'), name);
    throw new PortError('terminal', `a ${what} is in the way at ${path} and cannot be moved: ${error.message}`, {
      hint: 'Move it away by hand, then retry.',
      cause: error,
    });
  });
  parts.log.warn('something was in the way of a worktree: moved aside', { task: task.id, path, what, to });
}

/**
 * Removes the folder of a worktree: out of its place at once, then file by file. What an earlier daemon began goes with it. Where something
 * cannot be removed (it is another user's, or mounted), the rest is put aside.
 */
export async function takeAway(parts: ClearParts, task: Task, path: string): Promise<void> {
  const going = join(dirname(path), '.going');
  await moveAside(path, going, `${task.id}-${fileTime()}`);
  for (const name of await readdir(going)) {
    const left = join(going, name);
    try {
      await removeFolder(left);
    } catch (error) {
      const to = await moveAside(left, join(dirname(path), '.aside'), name);
      parts.log.warn('a worktree could not be removed whole: the rest was moved aside', {
        task: task.id,
        to,
        because: error instanceof Error ? error.message : String(error),
      });
    }
  }
  await rmdir(going).catch(() => undefined);
}

/**
 * Takes away git's record of a worktree whose folder is not there. Not `git worktree prune`: that would also forget
 * other people's worktrees that are merely on a disk not mounted now.
 */
export async function forgetRecord(parts: ClearParts, task: Task, path: string, record: Registered): Promise<void> {
  if (record.locked !== null) {
    await unlink(join(record.adminDir, 'locked')).catch(absent(undefined));
    if (record.locked !== 'initializing')
      parts.log.warn('a lock on a vanished worktree was taken away', { task: task.id, reason: record.locked });
  }
  if ((await kindOf(path)) !== 'missing') return;
  await parts.git(['worktree', 'remove', '--force', record.path ?? path], { cwd: parts.repository.root, codes: [0, 128] });
  // A record that git itself cannot read any more: it names no worktree, and what it held is saved.
  const left = await recordFor(parts.repository, path);
  if (left !== null) await moveAside(left.adminDir, parts.places.aside, `${task.id}-record-${fileTime()}`);
}
