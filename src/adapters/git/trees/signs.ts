import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId, TaskId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Signs } from '../../../engine/ports/repository/workspaces.ts';
import { together } from '../call/together.ts';
import type { Places } from '../repository/places.ts';
import { kindOf, moveAside, readSign } from '../view/files.ts';

/** STOP and BLOCKED.md of a worktree: their text, or null where there is no such file. Two calls where there is none; no process. */
export async function readSigns(places: Places, task: TaskId): Promise<Signs> {
  const tree = places.tree(task);
  try {
    const look = async (path: string): Promise<string | null> => (isMissing(path) ? null : readSign(path));
    const laid = join(tree, 'STOP');
    const [stop, blocked] = await together([look(laid), look(join(tree, 'BLOCKED.md'))]);
    const stopAt = stop === null ? undefined : lstatSync(laid, { throwIfNoEntry: false })?.ctimeMs;
    return { stop, blocked, ...(stopAt === undefined ? {} : { stopAt }) };
  } catch (cause) {
    throw new PortError('unknown', `cannot look for STOP in ${tree}: ${String(cause)}`, { cause });
  }
}

/** Most worktrees have neither, and all are looked at again and again. What cannot be told here is told by the reading. */
function isMissing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Moves STOP or BLOCKED.md into the run's folder, so that the next run does not meet it. Harmless when it is not there. */
export async function consumeSign(places: Places, task: TaskId, run: RunId, name: 'STOP' | 'BLOCKED.md'): Promise<void> {
  const path = join(places.tree(task), name);
  if ((await kindOf(path)) === 'missing') return;
  try {
    await moveAside(path, places.runFolder(run), name);
  } catch (cause) {
    throw new PortError('retryable', `cannot take ${path} away: ${String(cause)}`, { hint: 'Remove it by hand.', cause });
  }
}
