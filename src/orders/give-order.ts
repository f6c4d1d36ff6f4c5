import { join } from 'node:path';
import { callerOf } from '../adapters/door/caller.ts';
import type { Answer } from '../adapters/door/door.ts';
import { knock } from '../adapters/door/knock.ts';
import type { TaskId } from '../core/model/task.ts';
import type { Place } from '../place/place.ts';

export type { Answer };

const TIMEOUT = 15_000;

export const ACCEPT_REMOTE = 'accept-remote';
/** With a task and a host. */
export const ALLOW = 'allow';

/** An end that is asked for where it cannot be written down. */
export const END = 'end';

/** Orders something that only a person may: the daemon asks the kernel who does. Throws where the daemon of that pid does not answer. */
export const giveOrder = (place: Place, daemon: number, verb: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  knock(place.state, daemon, { ...more, verb }, TIMEOUT);

/** Ends that the daemon takes by word of mouth. */
export const isEnding = (verb: unknown): verb is 'stop' | 'kill' | 'cancel' => verb === 'stop' || verb === 'kill' || verb === 'cancel';

/** Says it to the daemon, at whichever of its doors is there. Throws where none is. */
export async function orderEnd(place: Place, daemon: number, what: Ending, timeoutMs: number): Promise<Answer> {
  const said = { ...what, verb: END, how: what.verb };
  let problem: unknown = null;
  for (const dir of doorsOf(place)) {
    try {
      return await knock(dir, daemon, said, timeoutMs);
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}

export interface Ending {
  readonly verb: 'stop' | 'kill' | 'cancel';
  readonly task: TaskId;
  readonly reason: string | undefined;
}

/** `.tac8/` may be deleted under a running daemon; nobody cleans up in git's own folder. */
export const doorsOf = ({ state, gitDir }: Pick<Place, 'state' | 'gitDir'>): readonly string[] => [state, join(gitDir, 'tac8-door')];

/** Why this process may not do it by itself where no daemon runs: it is a worker's. Null: a person runs it. */
export async function whyNotPerson({ state }: Place): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const caller = await callerOf({ pid: process.pid, uid: process.getuid?.() ?? -1 }, join(state, 'runs'));
  return caller.kind === 'refused' ? caller.why : null;
}
