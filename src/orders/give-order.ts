import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callerOf } from '../adapters/door/caller.ts';
import { type Answer, UNKNOWN_VERB } from '../adapters/door/door.ts';
import { knock } from '../adapters/door/knock.ts';
import { canTellPeers } from '../adapters/door/peer.ts';
import type { TaskId } from '../core/model/task.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Place } from '../place/place.ts';

export { canTellPeers } from '../adapters/door/peer.ts';
export type { Answer };

const TIMEOUT = 15_000;
/** A daemon that has just begun opens its doors in a moment, and makes one that somebody took away anew. */
const TRIES = 5;
const BETWEEN = 400;

export const ACCEPT_REMOTE = 'accept-remote';
/** With a task and a host. */
export const ALLOW = 'allow';

/** Any other command: which one, of what. The daemon writes it down as heard, and answers with the number of the request. */
export const HEAR = 'hear';
export const UNWRITTEN = 'it was heard, and cannot be written down';

/** An end that is asked for where it cannot be written down. */
export const END = 'end';

/** Orders something that only a person may: the daemon asks the kernel who does. Throws where the daemon of that pid does not answer. */
export const giveOrder = (place: Place, daemon: number, verb: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  knock(place.state, daemon, { ...more, verb }, TIMEOUT);

export type Heard =
  | { readonly kind: 'heard'; readonly request: number }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unheard'; readonly why: string };

/** Says a command to the daemon, who asks the kernel who does. `unheard`: it cannot be said over the door here. */
export async function sayCommand(
  place: Place,
  daemon: number,
  command: { readonly verb: string; readonly task: TaskId | null; readonly args: Readonly<Record<string, unknown>> },
): Promise<Heard> {
  if (!canTellPeers()) return { kind: 'unheard', why: 'this machine does not tell who asks' };
  const { verb: what, task, args } = command;
  let problem: unknown = null;
  // Where the database is gone, what the daemon writes down is read by nobody.
  const isKept = existsSync(place.database);
  for (let tries = 0; tries < (isKept ? TRIES : 1); tries += 1) {
    if (tries > 0) await sleep(BETWEEN);
    for (const dir of isKept ? doorsOf(place) : [place.state]) {
      try {
        const { ok, message } = await knock(dir, daemon, { verb: HEAR, what, task, args }, TIMEOUT);
        if (!ok) return { kind: message === UNKNOWN_VERB || message.startsWith(UNWRITTEN) ? 'unheard' : 'refused', why: message };
        return { kind: 'heard', request: Number(message) };
      } catch (error) {
        problem ??= error;
      }
    }
    // In a process namespace of its own nobody sees the daemon, nor would it see who asks: what the process bears says whose it is.
    const why = await whyNotPerson(place);
    if (why !== null) return { kind: 'refused', why };
  }
  return { kind: 'unheard', why: messageOf(problem) };
}

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
