import { readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunId, rootOf, type TaskId } from '../../core/model/task.ts';

/** Removes a run's log and what goes with it, and the link to the task's newest log when it points to this one. */
export async function removeLogOf(logs: string, task: TaskId, run: RunId): Promise<void> {
  // Of one of several attempts the link of the task that they are for may lead there as well.
  for (const name of new Set([task, rootOf(task)])) {
    const link = join(logs, `${name}.jsonl`);
    const target = await readlink(link).catch(() => null);
    // The link first: after a crash between the two there is a log without a link, never a link to nothing.
    if (target === `${task}.${run}.jsonl`) await rm(link, { force: true });
  }
  const names = await readdir(logs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) if (name.startsWith(`${task}.${run}.`)) await rm(join(logs, name), { force: true });
}
