import type { Failure } from './failure.ts';
import type { Exit, ProcessIdentity, Run, RunFacts, Rung, RunIn, Settlement, StepProblem, StopCause, StreamFacts } from './run.ts';
import type { Ms } from './seen.ts';

export type RunEvent =
  | { readonly kind: 'prepared'; readonly baseCommit: string; readonly at: Ms }
  | { readonly kind: 'launched'; readonly process: ProcessIdentity; readonly at: Ms }
  | { readonly kind: 'stop'; readonly cause: StopCause }
  | { readonly kind: 'rung'; readonly rung: Rung; readonly at: Ms }
  | { readonly kind: 'input-ended' }
  /** The whole tree is verified gone (or never came to be). */
  | { readonly kind: 'ended'; readonly at: Ms; readonly exit: Exit | null; readonly rebooted?: boolean; readonly failedStart?: Failure }
  | { readonly kind: 'stream'; readonly stream: StreamFacts }
  | { readonly kind: 'step'; readonly done: Partial<Settlement> }
  | { readonly kind: 'problem'; readonly problem: StepProblem }
  | { readonly kind: 'settled' };

function facts(run: Run): RunFacts {
  const { id, task, attempt, createdAt, session, resumes, wanted, inputEnded, agent, stream, settlement, problem, version } = run;
  return { id, task, attempt, createdAt, session, resumes, wanted, inputEnded, agent, stream, settlement, problem, version: version + 1 };
}

/** The run after the event, one version on; null when it does not fit (late output of an ended run changes nothing). */
export function transitionRun(run: Run, event: RunEvent): Run | null {
  const next = facts(run);
  switch (event.kind) {
    case 'prepared':
      return run.state === 'preparing'
        ? { ...next, problem: null, state: 'starting', baseCommit: event.baseCommit, since: event.at }
        : null;
    case 'launched':
      if (run.state !== 'starting') return null;
      return launched(run, event);
    case 'stop':
      return stop(run, event.cause);
    case 'rung':
      return run.state === 'stopping' ? { ...run, version: next.version, rung: event.rung, rungAt: event.at } : null;
    case 'input-ended':
      return run.state === 'running' || run.state === 'stopping' ? { ...run, version: next.version, inputEnded: true } : null;
    case 'ended':
      return end(run, event);
    case 'stream':
      return run.state === 'running' || run.state === 'stopping' || run.state === 'ended'
        ? { ...run, version: next.version, stream: event.stream }
        : null;
    case 'step':
      if (run.state !== 'ended') return null;
      return { ...run, version: next.version, problem: null, settlement: { ...run.settlement, ...event.done } };
    case 'problem':
      return run.state === 'settled' ? null : { ...run, version: next.version, problem: event.problem };
    case 'settled':
      return run.state === 'ended' ? { ...run, version: next.version, state: 'settled' } : null;
  }
}

function launched(run: RunIn<'starting'>, event: Extract<RunEvent, { kind: 'launched' }>): Run {
  const live = { baseCommit: run.baseCommit, process: event.process, startedAt: event.at };
  const next = { ...facts(run), problem: null };
  if (run.wanted === null) return { ...next, ...live, state: 'running' };
  return { ...next, ...live, state: 'stopping', cause: run.wanted, rung: null, rungAt: null };
}

/** The first cause is remembered, but a kill makes a stop in progress go faster. */
function stop(run: Run, cause: StopCause): Run | null {
  const next = { ...facts(run), wanted: run.wanted ?? cause };
  switch (run.state) {
    case 'preparing':
    case 'starting':
      return run.wanted === null ? { ...run, version: next.version, wanted: cause } : null;
    case 'running': {
      const { baseCommit, process, startedAt } = run;
      return { ...next, baseCommit, process, startedAt, state: 'stopping', cause, rung: null, rungAt: null };
    }
    case 'stopping': {
      if (cause.type !== 'killed' || run.cause.type === 'killed') return null;
      return { ...run, version: next.version, cause: { ...run.cause, type: 'killed', at: cause.at }, rung: null, rungAt: null };
    }
    case 'ended':
    case 'settled':
      return null;
  }
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
