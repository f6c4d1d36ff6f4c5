import type { FailureType } from './failure.ts';
import type { Letter, Money, Run } from './run.ts';
import type { Ms } from './seen.ts';
import { localNumber, type RunId, type TaskId } from './task.ts';

/** What all runs together have cost since local midnight, as far as the agents say. */
export interface Day extends Money {
  readonly start: Ms;
}

/** What holds for all tasks at once. Stored under the fact `fleet`. */
export interface Fleet extends LoginState {
  /** A person paused everything. */
  readonly pausedAt: Ms | null;
  /** What these three are for the login of the agent under `agent`, for each other login by its name. */
  readonly logins?: Readonly<Record<string, LoginState>>;
  /** The number that the next local task gets. */
  readonly nextLocal: number;
  /** Issues that a line in `tasks.md` named: whether the label keeps them, too, is told by the next complete list. */
  readonly unsure?: readonly TaskId[];
  /** What today has cost; none: nothing so far. */
  readonly day?: Day;
  /** Messages to tasks on which no agent runs that could be told: they come with the next run. Oldest first. */
  readonly letters?: Readonly<Partial<Record<TaskId, readonly Letter[]>>>;
}

/** What its provider said to the tasks of one login. */
export interface LoginState {
  readonly parked: Parking | null;
  readonly claim?: Claim;
  /** Of what else tasks were told, the last of each kind: a word about another trouble takes none of them back. */
  readonly earlier?: readonly Claim[];
  /** Provider errors in a row, over all tasks; a run that gets an answer sets it back. */
  readonly providerErrors: number;
}

/** Nothing starts: until a time, or (null) until a person has checked. */
export interface Parking {
  readonly type: Extract<FailureType, 'usage_limit' | 'auth_error' | 'billing_error' | 'provider_error'>;
  readonly until: Ms | null;
  readonly since: Ms;
  readonly run: RunId;
  readonly message: string;
  /** There are others: the name of the login that nothing starts with. */
  readonly login?: string;
  /** A print of the agent's logins when it was parked: others than these are worth a try. */
  readonly logins?: string;
  /** Runs of two tasks were told so. One alone could have made it up: its word holds the others for half an hour. */
  readonly confirmed?: true;
}

/** The last word of a task that parked the fleet. */
export interface Claim extends Pick<Parking, 'type'> {
  readonly task: TaskId;
  readonly at: Ms;
}

const ONE_WORD: Ms = 30 * 60_000;

/** When the fleet tries again by itself; null: never. */
export function endOf({ until, since, confirmed }: Parking): Ms | null {
  return confirmed === true ? until : Math.min(until ?? Number.POSITIVE_INFINITY, since + ONE_WORD);
}

/** Whether another task was told the same, lately enough that it is the same trouble. */
export const confirms = (state: LoginState, { type, task, at }: Claim): boolean =>
  claimsOf(state).some((claim) => claim.type === type && claim.task !== task && at - claim.at <= 2 * ONE_WORD);

const claimsOf = ({ claim, earlier = [] }: LoginState): readonly Claim[] => (claim === undefined ? earlier : [claim, ...earlier]);

/** In the history: once when the fleet is parked, once when it goes on. */
export const PARKED = 'parked';
export const UNPARKED = 'unparked';

/** When the fleet goes on, and by whom. */
export const goesOn = ({ until, confirmed, login }: Pick<Parking, 'until' | 'confirmed' | 'login'>): string => {
  const nothing = login === undefined ? 'nothing starts' : `nothing starts with the login ${login}`;
  const end =
    until === null
      ? `${nothing} until \`tac8 resume\` says that it is mended, or the agent’s login changes`
      : `${nothing} before it is over; then all go on by themselves, in the same conversations`;
  return confirmed === true ? end : `${end}; while only one task was told so, the others try again in half an hour`;
};

export const NEW_FLEET: Fleet = { pausedAt: null, parked: null, providerErrors: 0, nextLocal: 1 };

/** Left out: that of the agent under `agent`. */
interface OfLogin {
  readonly login?: string;
}

export type FleetEvent =
  /** A person's word; nothing is parked any more once it goes on. */
  | { readonly kind: 'paused'; readonly at: Ms }
  | { readonly kind: 'resumed' }
  | (OfLogin & { readonly kind: 'parked'; readonly parking: Parking })
  | (OfLogin & { readonly kind: 'unparked' })
  | (OfLogin & { readonly kind: 'claimed'; readonly claim: Claim })
  /** The logins that the parking was refused with. */
  | (OfLogin & { readonly kind: 'refused'; readonly logins: string })
  | (OfLogin & { readonly kind: 'provider-errors'; readonly inARow: number })
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
      return parkings(fleet).reduce<Fleet>((rest, { login }) => ofLogin(rest, login, () => ({ parked: null })), {
        ...fleet,
        pausedAt: null,
      });
    case 'parked':
      return ofLogin(fleet, event.login, () => ({ parked: event.parking }));
    case 'unparked':
      return ofLogin(fleet, event.login, ({ parked }) => (parked === null ? null : { parked: null }));
    case 'claimed':
      return ofLogin(fleet, event.login, (state) => claimed(state, event.claim));
    case 'refused':
      return ofLogin(fleet, event.login, ({ parked }) => (parked === null ? null : { parked: { ...parked, logins: event.logins } }));
    case 'provider-errors':
      return ofLogin(fleet, event.login, ({ providerErrors }) =>
        providerErrors === event.inARow ? null : { providerErrors: event.inARow },
      );
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

const UNHEARD: LoginState = { parked: null, providerErrors: 0 };

/** What its provider said to a login. */
export const loginState = (fleet: Fleet, login: string | undefined): LoginState =>
  login === undefined ? fleet : (fleet.logins?.[login] ?? UNHEARD);

function claimed(state: LoginState, claim: Claim): Partial<LoginState> {
  const earlier = claimsOf(state).filter(({ type }) => type !== claim.type);
  return earlier.length === 0 && state.earlier === undefined ? { claim } : { claim, earlier };
}

function ofLogin(fleet: Fleet, login: string | undefined, change: (state: LoginState) => Partial<LoginState> | null): Fleet {
  const state = loginState(fleet, login);
  const changed = change(state);
  if (changed === null) return fleet;
  if (login === undefined) return { ...fleet, ...changed };
  return { ...fleet, logins: { ...fleet.logins, [login]: { ...state, ...changed } } };
}

/** All that is parked, or was and is not taken away yet. */
export function parkings(fleet: Fleet): readonly { readonly login: string | undefined; readonly parking: Parking }[] {
  const all = [[undefined, fleet] as const, ...Object.entries(fleet.logins ?? {})];
  return all.flatMap(([login, { parked }]) => (parked === null ? [] : [{ login, parking: parked }]));
}

/** What nothing starts with now, the first of them that of the agent under `agent`. */
export const parkedNow = (fleet: Fleet, now: Ms): readonly Parking[] =>
  parkings(fleet).flatMap(({ parking }) => (isParked({ parked: parking }, now) ? [parking] : []));

/** What keeps a login's tasks from being started; null: nothing. */
export function parkingOf(fleet: Fleet, login: string | undefined, now: Ms): Parking | null {
  const { parked } = loginState(fleet, login);
  return parked !== null && isParked({ parked }, now) ? parked : null;
}

export function isParked({ parked }: Pick<Fleet, 'parked'>, now: Ms): boolean {
  const end = parked === null ? 0 : endOf(parked);
  return end === null || end > now;
}

/** In place of a machine's name: any may take the run, and none has begun it. No machine can be called so. */
export const ANY_MACHINE = '*';

/** The machine that a run is on, by its name; null: the coordinator's own, or none has taken it yet. */
export const machineOf = ({ machine }: { readonly machine?: string }): string | null =>
  machine === ANY_MACHINE ? null : (machine ?? null);

/** The live run of a task that another machine is at work on. Before it is prepared there is nothing of it, and after its end all of it is here. */
export function liveElsewhere(runs: readonly Run[], task: TaskId): { readonly machine: string; readonly run: Run } | null {
  const run = runs.find((one) => one.task === task && (one.state === 'running' || one.state === 'stopping'));
  const machine = run === undefined ? null : machineOf(run);
  return run === undefined || machine === null ? null : { machine, run };
}
