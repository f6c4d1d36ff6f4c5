import type { FailureType } from './failure.ts';
import type { Letter, Money } from './run.ts';
import type { Ms } from './seen.ts';
import { localNumber, type RunId, type TaskId } from './task.ts';

/** What all runs together have cost since local midnight, as far as the agents say. */
export interface Day extends Money {
  readonly start: Ms;
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

export type FleetEvent =
  /** A person's word; nothing is parked any more once it goes on. */
  | { readonly kind: 'paused'; readonly at: Ms }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'parked'; readonly parking: Parking }
  | { readonly kind: 'unparked' }
  /** The logins that the parking was refused with. */
  | { readonly kind: 'refused'; readonly logins: string }
  | { readonly kind: 'provider-errors'; readonly inARow: number }
  /** The next local task gets a higher number than this one. */
  | { readonly kind: 'numbered'; readonly task: TaskId }
  | { readonly kind: 'unsure'; readonly tasks: readonly TaskId[] }
  | { readonly kind: 'spent'; readonly day: Day }
  | { readonly kind: 'letters'; readonly task: TaskId; readonly letters: readonly Letter[] };

/** The fleet after the event; the same one where nothing changes. */
export function transitionFleet(fleet: Fleet, event: FleetEvent): Fleet {
  switch (event.kind) {
    case 'paused':
      return { ...fleet, pausedAt: event.at };
    case 'resumed':
      return { ...fleet, pausedAt: null, parked: null };
    case 'parked':
      return { ...fleet, parked: event.parking };
    case 'unparked':
      return fleet.parked === null ? fleet : { ...fleet, parked: null };
    case 'refused':
      return fleet.parked === null ? fleet : { ...fleet, parked: { ...fleet.parked, logins: event.logins } };
    case 'provider-errors':
      return fleet.providerErrors === event.inARow ? fleet : { ...fleet, providerErrors: event.inARow };
    case 'numbered': {
      const next = (localNumber(event.task) ?? 0) + 1;
      return next > fleet.nextLocal ? { ...fleet, nextLocal: next } : fleet;
    }
    case 'unsure':
      return { ...fleet, unsure: event.tasks };
    case 'spent':
      return { ...fleet, day: event.day };
    case 'letters': {
      const { [event.task]: _, ...others } = fleet.letters ?? {};
      return { ...fleet, letters: event.letters.length === 0 ? others : { ...others, [event.task]: event.letters } };
    }
  }
}

export const isParked = (fleet: Fleet, now: Ms): boolean =>
  fleet.parked !== null && (fleet.parked.until === null || fleet.parked.until > now);

/** In place of a machine's name: any may take the run, and none has begun it. No machine can be called so. */
export const ANY_MACHINE = '*';

/** The machine that a run is on, by its name; null: the coordinator's own, or none has taken it yet. */
export const machineOf = ({ machine }: { readonly machine?: string }): string | null =>
  machine === ANY_MACHINE ? null : (machine ?? null);
