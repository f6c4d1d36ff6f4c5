import type { FailureType } from './failure.ts';
import type { Letter } from './run.ts';
import type { Ms } from './seen.ts';
import type { RunId, TaskId } from './task.ts';

/** What all runs together have cost since local midnight, as far as the agents say. */
export interface Day {
  readonly start: Ms;
  readonly usd: number;
}

/** What holds for all tasks at once. Stored under the fact `fleet`. */
export interface Fleet {
  /** A person paused everything. */
  readonly pausedAt: Ms | null;
  readonly parked: Parking | null;
  /** Provider errors in a row, over all tasks; a run that gets an answer sets it back. */
  readonly providerErrors: number;
  /** The number that the next local task gets. */
  readonly nextLocal: number;
  /** Issues that a line in `tasks.md` named: whether the label keeps them, too, is told by the next complete list. */
  readonly unsure?: readonly TaskId[];
  /** What today has cost; none: nothing so far. */
  readonly day?: Day;
  /** Messages to tasks on which no agent runs that could be told: they come with the next run. Oldest first. */
  readonly letters?: Readonly<Partial<Record<TaskId, readonly Letter[]>>>;
}

/** Nothing starts: until a time, or (null) until a person has checked. */
export interface Parking {
  readonly type: Extract<FailureType, 'usage_limit' | 'auth_error' | 'billing_error' | 'provider_error'>;
  readonly until: Ms | null;
  readonly since: Ms;
  readonly run: RunId;
  readonly message: string;
  /** A print of the agent's logins when it was parked: others than these are worth a try. */
  readonly logins?: string;
}

/** In the history: once when the fleet is parked, once when it goes on. */
export const PARKED = 'parked';
export const UNPARKED = 'unparked';

/** When the fleet goes on, and by whom. */
export const goesOn = ({ until }: Pick<Parking, 'until'>): string =>
  until === null
    ? 'nothing starts until `tac8 resume` says that it is mended, or the agent’s login changes'
    : 'nothing starts before it is over; then all go on by themselves, in the same conversations';

export const NEW_FLEET: Fleet = { pausedAt: null, parked: null, providerErrors: 0, nextLocal: 1 };

export const isParked = (fleet: Fleet, now: Ms): boolean =>
  fleet.parked !== null && (fleet.parked.until === null || fleet.parked.until > now);
