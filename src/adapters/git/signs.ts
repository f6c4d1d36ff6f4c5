import { join } from 'node:path';
import type { RunId, TaskId } from '../../core/task.ts';
import { PortError } from '../../engine/ports.ts';
import { kindOf, moveAside, readSign } from './files.ts';
import type { Places } from './places.ts';

export interface Signs {
  readonly stop: string | null;
  readonly blocked: string | null;
}

/** STOP and BLOCKED.md of a worktree: their text, or null where there is no such file. Two opens; no process. */
export async function readSigns(places: Places, task: TaskId): Promise<Signs> {
  const tree = places.tree(task);
  try {
    const [stop, blocked] = await Promise.all([readSign(join(tree, 'STOP')), readSign(join(tree, 'BLOCKED.md'))]);
    return { stop, blocked };
  } catch (cause) {
    throw new PortError('unknown', `cannot look for STOP in ${tree}: ${String(cause)}`, { cause });
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
