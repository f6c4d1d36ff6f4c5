import type { Run, StopCause, StreamFacts } from '../../core/model/run.ts';
import { type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Machine, ProcessSeen, Signs } from '../../core/tick/world.ts';
import type { Result } from '../perform/step/apply.ts';
import type { Performed } from '../perform/step/performs.ts';
import type { Subject } from '../perform/step/subject.ts';
import { PortError } from '../ports/error.ts';

/** What one look at a place gave of its runs: plain data, so that it may come from another machine. */
export interface SiteSight {
  readonly processes: ReadonlyMap<RunId, Seen<ProcessSeen>>;
  readonly streams: ReadonlyMap<RunId, StreamFacts>;
  readonly unread: ReadonlyMap<RunId, string>;
  readonly signs: ReadonlyMap<TaskId, Seen<Signs>>;
  readonly machine: Seen<Machine>;
  /** What the place ended by itself while nobody was heard there; left out: nothing. */
  readonly endedThere?: ReadonlyMap<RunId, StopCause>;
}

/** A place where runs are at work: this machine, or another one. */
export interface Site {
  /** As runs name it; null: this machine. */
  readonly name: string | null;
  /** How long a tick waits for a look. One that takes longer goes on beside the loop. */
  readonly patience: Ms;
  /** One effect on one run; repeating it is harmless. Throws what the ports throw. */
  perform(action: Performed, subject: Subject, signal: AbortSignal): Promise<Result>;
  /** All that is seen of these runs. What cannot be told of one of them is unknown in the answer. */
  look(runs: readonly Run[]): Promise<SiteSight>;
}

/** Whoever knows all places. */
export interface Sites {
  siteOf(run: Run): Site;
}

/** A run's machine that nobody here knows: nothing is done there, and nothing is known of it. */
export function nowhere(name: string): Site {
  const why = `nobody here knows the machine ${name}`;
  return {
    name,
    patience: 0,
    perform: () => Promise.reject(new PortError('retryable', why)),
    look: async (runs) => unseen(runs, why, 0),
  };
}

/** Nothing is known of these runs, and nothing of what follows from it is believed: not that one has ended, nor that it said its last word. */
export function unseen(runs: readonly Run[], because: string, since: Ms): SiteSight {
  const begun = runs.filter(({ state }) => state !== 'preparing' && state !== 'settled');
  const live = begun.filter(({ state }) => state !== 'ended');
  const nobodyKnows = unknown(because, since);
  return {
    processes: new Map(live.map(({ id }) => [id, nobodyKnows])),
    streams: new Map(),
    unread: new Map(begun.map(({ id }) => [id, because])),
    signs: new Map(begun.map(({ task }) => [task, nobodyKnows])),
    machine: nobodyKnows,
  };
}

/** What is seen of different runs of one place; what is told of the machine is the first one's. */
export function mergedSights(one: SiteSight, other: SiteSight): SiteSight {
  const both = <K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): ReadonlyMap<K, V> => new Map([...a, ...b]);
  return {
    processes: both(one.processes, other.processes),
    streams: both(one.streams, other.streams),
    unread: both(one.unread, other.unread),
    signs: both(one.signs, other.signs),
    machine: one.machine,
    endedThere: both(one.endedThere ?? new Map(), other.endedThere ?? new Map()),
  };
}
