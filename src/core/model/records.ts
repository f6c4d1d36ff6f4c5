import type { FailureType } from './failure.ts';
import type { Run, Spend } from './run.ts';
import type { Ms } from './seen.ts';
import type { RunId, Task, TaskId } from './task.ts';

export interface Counters {
  readonly workers_launched: number;
  readonly workers_completed: number;
  readonly workers_failed: number;
  readonly worktree_errors: number;
  readonly prs_created: number;
}

/** A verb that a person gave on the command line, kept until it is answered. */
export interface Request {
  readonly id: number;
  readonly at: Ms;
  readonly verb: string;
  readonly task: TaskId | null;
  readonly args: Readonly<Record<string, unknown>>;
  /** Who was heard to say it, and from where; none: it lay in the database, and nobody knows. */
  readonly by?: string;
}

/** One line of the history: what happened to which task, and why. */
export interface HistoryEntry {
  readonly at: Ms;
  readonly task: TaskId | null;
  readonly run: RunId | null;
  readonly event: string;
  readonly detail: string;
}

/** Everything that one tick writes, all or nothing. */
export interface Commit {
  /** `expected` is the version that was read; null inserts. A mismatch throws ConflictError and nothing is written. */
  readonly tasks?: readonly { readonly next: Task; readonly expected: number | null }[];
  readonly runs?: readonly { readonly next: Run; readonly expected: number | null }[];
  readonly history?: readonly HistoryEntry[];
  /** Added to the durable counters. */
  readonly counters?: Partial<Counters>;
  readonly resetCounters?: readonly (keyof Counters)[];
  /** Small named facts: the board's base, the fleet's pause and parking, the next local number. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly answers?: readonly { readonly id: number; readonly at: Ms; readonly ok: boolean; readonly message: string }[];
}

/** What a run came to: all that is counted of it. */
export interface Ending {
  readonly run: RunId;
  readonly task: TaskId;
  readonly model: string | null;
  readonly startedAt: Ms | null;
  readonly endedAt: Ms;
  /** A type of failure where it failed; null: it is still being settled. */
  readonly became: 'done' | 'blocked' | FailureType | null;
  /** The number of the pull that it opened or went on with. */
  readonly pull: number | null;
  readonly spend: Spend;
}

/** So many tasks came to the same end. */
export interface EndedTasks {
  readonly state: 'completed' | 'review' | 'failed';
  /** Null where they did not fail. */
  readonly failure: FailureType | null;
  readonly n: number;
}

/** Null: the run has not ended. */
export function endingOf(run: Run): Ending | null {
  if (run.state !== 'ended' && run.state !== 'settled') return null;
  const { task, startedAt, endedAt, settlement, stream } = run;
  const { outcome, pull } = settlement;
  const became = outcome?.kind === 'failed' ? outcome.failure.type : (outcome?.kind ?? null);
  return { run: run.id, task, model: stream.model, startedAt, endedAt, became, pull: pull?.number ?? null, spend: stream.spend };
}

/** The end that a task came to; null: it is open. */
export function taskEnd(task: Task): Omit<EndedTasks, 'n'> | null {
  if (task.state === 'failed') return { state: task.state, failure: task.failure.type };
  return task.state === 'completed' || task.state === 'review' ? { state: task.state, failure: null } : null;
}

/** Whether writing it would change nothing. */
export function isEmpty({
  tasks = [],
  runs = [],
  history = [],
  answers = [],
  counters = {},
  resetCounters = [],
  facts = {},
}: Commit): boolean {
  const rows = tasks.length + runs.length + history.length + answers.length + resetCounters.length;
  return rows === 0 && Object.keys(counters).length === 0 && Object.keys(facts).length === 0;
}

/** The event of the history that is somebody's word. */
export const SAID = 'said';

/** The verb of a row that nobody was heard to say, where persons are heard: nobody does what it asks for. */
export const UNHEARD = 'unheard';

/** So that whoever looks for a verb finds none. What it asked for stands in its arguments. */
export const unheard = ({ id, at, verb, task, args }: Request): Request => ({ id, at, verb: UNHEARD, task, args: { verb, args } });

const MOST = 500;

/** For the history: what was said, by whom, and from where. */
export function saidWords({ verb, args, by }: Pick<Request, 'verb' | 'args' | 'by'>): string {
  if (verb === UNHEARD) return saidWords({ verb: String(args.verb), args: { ...(args.args as Request['args']) } });
  const more = Object.entries(args).flatMap(([name, value]) =>
    value === undefined || value === null || value === false ? [] : [value === true ? name : `${name} ${JSON.stringify(value)}`],
  );
  const what = more.length === 0 ? verb : `${verb} (${more.join(', ')})`;
  const text = what.length > MOST ? `${what.slice(0, MOST)}…` : what;
  return `${text}, by ${by ?? 'nobody that is known: it lay in the database'}`;
}
