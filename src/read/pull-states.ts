import type { Pull } from '../core/model/forge.ts';
import type { Ms } from '../core/model/seen.ts';
import type { TaskId } from '../core/model/task.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Forge } from '../engine/ports/outside/forge.ts';

/** How many of the pulls are what; `unknown`: nobody could tell, and why. */
export interface PullStates {
  readonly counts: Readonly<Record<Pull['state'] | 'unknown', number>>;
  readonly why: string | null;
}

/** One request each: with more of them the forge's hourly limit would be felt by the daemon. */
const MOST = 300;
const AT_ONCE = 4;
const PATIENCE: Ms = 30_000;

/** Asks the forge for each pull. Never throws: what it does not answer is unknown. */
export async function statesOfPulls(
  pulls: ReadonlyMap<number, TaskId>,
  branchOf: (task: TaskId) => string | null,
  forge: Pick<Forge, 'pullsOf'> | null,
): Promise<PullStates> {
  const counts = { open: 0, closed: 0, merged: 0, unknown: 0 };
  if (forge === null) return { counts: { ...counts, unknown: pulls.size }, why: pulls.size === 0 ? null : 'the forge was not asked' };
  let why: string | null = pulls.size > MOST ? `only the newest ${MOST} were asked for` : null;
  const waiting = [...pulls].sort(([a], [b]) => b - a);
  counts.unknown = Math.max(0, waiting.length - MOST);
  const signal = AbortSignal.timeout(PATIENCE);
  const queue = waiting.slice(0, MOST);
  const askOne = async ([number, task]: readonly [number, TaskId]): Promise<Pull['state'] | 'unknown'> => {
    const branch = branchOf(task);
    if (branch === null || signal.aborted) return 'unknown';
    try {
      return (await forge.pullsOf(branch, signal)).find((pull) => pull.number === number)?.state ?? 'unknown';
    } catch (error) {
      why = messageOf(error);
      return 'unknown';
    }
  };
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) counts[await askOne(next)] += 1;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { counts, why: counts.unknown === 0 ? null : (why ?? 'the forge knows no such pull') };
}
