import type { Failure } from './failure.ts';
import type {
  Exit,
  ProcessIdentity,
  Run,
  RunFacts,
  Rung,
  RunIn,
  Settlement,
  StepProblem,
  StopCause,
  StreamFacts,
  Tell,
  Warning,
} from './run.ts';
import type { Ms } from './seen.ts';
import { isRacer } from './task.ts';

export type RunEvent =
  /** `machine`: the one that has begun it, where any might. */
  | { readonly kind: 'prepared'; readonly baseCommit: string; readonly at: Ms; readonly machine?: string }
  | { readonly kind: 'launched'; readonly process: ProcessIdentity; readonly at: Ms }
  | { readonly kind: 'stop'; readonly cause: StopCause }
  /** `members`: live processes of the tree, as seen just before. */
  | { readonly kind: 'rung'; readonly rung: Rung; readonly at: Ms; readonly members?: number }
  /** Told once per `by`. */
  | { readonly kind: 'warned'; readonly warning: Warning }
  /** So many processes of it were sent SIGKILL. */
  | { readonly kind: 'swept'; readonly members: number }
  | { readonly kind: 'input-ended' }
  /** Messages for it, in the order in which they were given. */
  | { readonly kind: 'told'; readonly tells: readonly Tell[] }
  /** They are about to be said. */
  | { readonly kind: 'saying'; readonly ids: readonly number[]; readonly at: Ms }
  /** It is certain that nothing of them was said. */
  | { readonly kind: 'unsaid'; readonly ids: readonly number[]; readonly notBefore: Ms }
  /** They never reached it, and are kept elsewhere. */
  | { readonly kind: 'untold'; readonly ids: readonly number[] }
  /** Why it was ended, in the words that were found at the end. */
  | { readonly kind: 'explained'; readonly cause: StopCause }
  /** The whole tree is verified gone (or never came to be). */
  | { readonly kind: 'ended'; readonly at: Ms; readonly exit: Exit | null; readonly rebooted?: boolean; readonly failedStart?: Failure }
  | { readonly kind: 'stream'; readonly stream: StreamFacts }
  | { readonly kind: 'step'; readonly done: Partial<Settlement> }
  | { readonly kind: 'problem'; readonly problem: StepProblem }
  | { readonly kind: 'settled' }
  /** Its push or pull was refused for good, and is tried again. */
  | { readonly kind: 'deliver' }
  /** A person lets the push go that was held. */
  | { readonly kind: 'approved' };

function facts(run: Run): RunFacts {
  const { id, task, attempt, createdAt, session, resumes, wanted, inputEnded, agent, stream, settlement, problem, version } = run;
  const { takesOver, tells, members, warnings, machine } = run;
  const more = {
    ...(tells === undefined ? {} : { tells }),
    ...(members === undefined ? {} : { members }),
    ...(takesOver === undefined ? {} : { takesOver }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(machine === undefined ? {} : { machine }),
  };
  const kept = { id, task, attempt, createdAt, session, resumes, wanted, inputEnded, agent, stream, settlement, problem };
  return { ...kept, ...more, version: version + 1 };
}

/** The run after the event, one version on; null when it does not fit (late output of an ended run changes nothing). */
export function transitionRun(run: Run, event: RunEvent): Run | null {
  const next = facts(run);
  switch (event.kind) {
    case 'prepared':
      return run.state === 'preparing'
        ? { ...next, ...onMachine(event.machine), problem: null, state: 'starting', baseCommit: event.baseCommit, since: event.at }
        : null;
    case 'launched':
      if (run.state !== 'starting') return null;
      return launched(run, event);
    case 'stop':
      return stop(run, event.cause);
    case 'rung':
      if (run.state !== 'stopping') return null;
      return { ...run, version: next.version, rung: event.rung, rungAt: event.at, ...most(run, event.members) };
    case 'swept':
      return run.state === 'settled' ? null : { ...run, version: next.version, ...most(run, event.members) };
    case 'warned': {
      const told = run.warnings ?? [];
      if (run.state !== 'running' || told.some(({ by }) => by === event.warning.by)) return null;
      return { ...run, version: next.version, warnings: [...told, event.warning] };
    }
    case 'input-ended':
      return run.state === 'running' || run.state === 'stopping' ? { ...run, version: next.version, inputEnded: true } : null;
    case 'told':
    case 'saying':
    case 'unsaid':
    case 'untold':
      return tell(run, event);
    case 'ended':
      return end(run, event);
    case 'explained':
      if (run.state !== 'ended' || run.settlement.outcome !== undefined) return null;
      return { ...run, version: next.version, cause: event.cause, settlement: { ...run.settlement, explained: true } };
    case 'stream':
      return listens(run) ? { ...run, version: next.version, stream: event.stream } : null;
    case 'step':
      if (run.state !== 'ended') return null;
      return { ...run, version: next.version, problem: null, settlement: { ...run.settlement, ...event.done } };
    case 'problem':
      return run.state === 'settled' ? null : { ...run, version: next.version, problem: event.problem };
    case 'settled':
      return run.state === 'ended' ? { ...run, version: next.version, state: 'settled' } : null;
    case 'deliver':
      return deliver(run);
    case 'approved':
      return approved(run);
  }
}

/** Once it is judged how a run ended, whatever still comes into its log changes nothing. */
const listens = (run: Run): boolean =>
  run.state === 'running' || run.state === 'stopping' || (run.state === 'ended' && run.settlement.outcome === undefined);

const onMachine = (machine: string | undefined): Pick<RunFacts, 'machine'> => (machine === undefined ? {} : { machine });

const most = (run: Run, members: number | undefined): { readonly members?: number } =>
  members === undefined ? {} : { members: Math.max(run.members ?? 0, members) };

/** Messages to the agent. One that is handed on twice (a command is looked at in each tick) is there once. */
function tell(run: Run, event: Extract<RunEvent, { kind: 'told' | 'saying' | 'unsaid' | 'untold' }>): Run | null {
  if (run.state === 'settled') return null;
  const before = run.tells ?? [];
  const after = tellsAfter(before, event);
  const same = after.length === before.length && after.every((one, n) => one === before[n]);
  return same ? null : { ...run, version: run.version + 1, tells: after };
}

function tellsAfter(tells: readonly Tell[], event: Parameters<typeof tell>[1]): readonly Tell[] {
  switch (event.kind) {
    case 'told':
      return [...tells, ...event.tells.filter((one) => tells.every(({ id }) => id !== one.id))];
    case 'saying':
      return tells.map((one) => (event.ids.includes(one.id) ? { ...one, saidAt: event.at } : one));
    case 'unsaid':
      return tells.map((one) => (event.ids.includes(one.id) ? { ...one, saidAt: null, notBefore: event.notBefore } : one));
    case 'untold':
      return tells.filter((one) => !event.ids.includes(one.id));
  }
}

function launched(run: RunIn<'starting'>, event: Extract<RunEvent, { kind: 'launched' }>): Run {
  const live = { baseCommit: run.baseCommit, process: event.process, startedAt: event.at };
  const next = { ...facts(run), problem: null };
  if (run.wanted === null) return { ...next, ...live, state: 'running' };
  return { ...next, ...live, state: 'stopping', cause: run.wanted, rung: null, rungAt: null };
}

const PERSONS: ReadonlySet<StopCause['type']> = new Set(['stopped', 'killed', 'cancelled']);

/** The first cause is remembered, but a person's word counts for more than a limit's, and a kill makes a stop in progress go faster. */
function causeAfter(before: StopCause, cause: StopCause): StopCause | null {
  if (PERSONS.has(cause.type) && !PERSONS.has(before.type)) return cause;
  if (cause.type === 'killed' && before.type !== 'killed') return { ...before, type: 'killed', at: cause.at };
  return null;
}

function stop(run: Run, cause: StopCause): Run | null {
  const next = { ...facts(run), wanted: run.wanted ?? cause };
  switch (run.state) {
    case 'preparing':
    case 'starting': {
      const wanted = run.wanted === null ? cause : causeAfter(run.wanted, cause);
      return wanted === null ? null : { ...run, version: next.version, wanted };
    }
    case 'running': {
      const { baseCommit, process, startedAt } = run;
      return { ...next, baseCommit, process, startedAt, state: 'stopping', cause, rung: null, rungAt: null };
    }
    case 'stopping': {
      const after = causeAfter(run.cause, cause);
      if (after === null) return null;
      const afresh = after.type === 'killed' ? { rung: null, rungAt: null } : {};
      return { ...run, version: next.version, cause: after, ...afresh };
    }
    case 'ended':
      return stopEnded(run, cause);
    case 'settled':
      return null;
  }
}

/** A person's word that comes while the end is being settled: it is judged anew by that, unless its work is delivered already. */
function stopEnded(run: RunIn<'ended'>, cause: StopCause): Run | null {
  const isTaken = run.cause !== null && PERSONS.has(run.cause.type);
  if (!PERSONS.has(cause.type) || isTaken || run.settlement.pull !== undefined) return null;
  const { inspection: _, outcome: __, verified: ___, logged: ____, ...settlement } = run.settlement;
  return { ...run, version: run.version + 1, problem: null, wanted: run.wanted ?? cause, cause, settlement };
}

export const isUndelivered = (run: Run): run is RunIn<'settled'> =>
  run.state === 'settled' && run.settlement.outcome?.kind === 'failed' && run.settlement.outcome.failure.type === 'delivery_error';

/** Of attempts side by side: done, and not handed over before it is chosen. */
export const isUnchosen = (run: Run): run is RunIn<'settled'> =>
  run.state === 'settled' && run.settlement.outcome?.kind === 'done' && run.settlement.pushed === undefined && isRacer(run.task);

function deliver(run: Run): Run | null {
  if (!isUndelivered(run) && !isUnchosen(run)) return null;
  const { commented: _, overtaken: __, ...settlement } = run.settlement;
  return { ...run, version: run.version + 1, problem: null, state: 'ended', settlement: { ...settlement, outcome: { kind: 'done' } } };
}

function approved(run: Run): Run | null {
  const { held, outcome, commented: _, ...settlement } = run.settlement;
  if ((run.state !== 'ended' && run.state !== 'settled') || held === undefined || outcome?.kind !== 'blocked') return null;
  const next = { ...settlement, outcome: { kind: 'done' }, approved: held.commit } as const;
  return { ...run, version: run.version + 1, problem: null, state: 'ended', settlement: next };
}

function end(run: Run, event: Extract<RunEvent, { kind: 'ended' }>): Run | null {
  if (run.state === 'ended' || run.state === 'settled') return null;
  const cause = run.state === 'stopping' ? run.cause : run.wanted;
  return {
    ...facts(run),
    problem: null,
    state: 'ended',
    baseCommit: run.state === 'preparing' ? null : run.baseCommit,
    startedAt: run.state === 'running' || run.state === 'stopping' ? run.startedAt : null,
    endedAt: event.at,
    exit: event.exit,
    rebooted: event.rebooted ?? false,
    cause,
    failedStart: event.failedStart ?? null,
  };
}
