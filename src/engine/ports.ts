import type { Notice, Rule } from '../core/alerts/alert.ts';
import type { BoardBase } from '../core/board/base.ts';
import type { BoardIntent, BoardProblem, BoardView } from '../core/board/view.ts';
import type { CommitChecks } from '../core/checks.ts';
import type { Dependency, Issue, Pull, Trigger } from '../core/forge.ts';
import type { Household } from '../core/household.ts';
import type { Commit, Counters, HistoryEntry, Request } from '../core/records.ts';
import type { Inspection, ProcessIdentity, Run, StreamFacts } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import type { PullRef, RunId, Task, TaskId } from '../core/task.ts';
import type { Usage } from '../core/usage.ts';
import type { Machine, ProcessSeen, Signs, Stray } from '../core/world.ts';

export type { BoardBase } from '../core/board/base.ts';
export type { Dependency, Issue, Pull, Trigger } from '../core/forge.ts';
export type { Commit, Counters, HistoryEntry, Request } from '../core/records.ts';
export type { ProcessSeen, Signs } from '../core/world.ts';

/*
 * What the engine needs of the world. Owned here, by their user; each is implemented in src/adapters/.
 * Rules for every port: a call that cannot tell throws a PortError, never an empty answer; repeating a call is harmless.
 */

/** Errors are sorted once, at the adapter. `retryable`: later; `terminal`: not without a change by a person; `limited`: at `until`. */
export type ErrorSort = 'retryable' | 'terminal' | 'limited' | 'unknown';

export class PortError extends Error {
  readonly sort: ErrorSort;
  /** What a person can do, one sentence. */
  readonly hint: string;
  /** For `limited`. */
  readonly until: Ms | null;
  constructor(sort: ErrorSort, message: string, options: { hint?: string; until?: Ms; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PortError';
    this.sort = sort;
    this.hint = options.hint ?? '';
    this.until = options.until ?? null;
  }
}

/** Requests that a token has. */
export interface Allowance {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAt: Ms | null;
}

export interface Forge {
  /** What the forge last said of it; null: nothing yet. Asks nobody. */
  limits?(): Allowance | null;
  /** Whose account the daemon speaks as; null when it cannot be told. */
  login(): Promise<string | null>;
  defaultBranch(): Promise<string>;
  /** Every open issue with the label: complete, or it throws. Pulls are left out. */
  issues(label: string, signal: AbortSignal): Promise<readonly Issue[]>;
  /** One issue, whatever its state or labels; null when there is none (a pull is none). */
  issue(number: number, signal: AbortSignal): Promise<Issue | null>;
  /** Every open pull: complete, or it throws. */
  openPulls(signal: AbortSignal): Promise<readonly Pull[]>;
  /** Pulls in any state whose head is this branch of this repository. */
  pullsOf(branch: string, signal: AbortSignal): Promise<readonly Pull[]>;
  trigger(issue: number, label: string, signal: AbortSignal): Promise<Trigger>;
  /** All that is said of a commit, check runs and commit statuses: complete but for what it names as withheld, or it throws. */
  checks?(commit: string, signal: AbortSignal): Promise<CommitChecks>;
  /** The issues that block this one, open and closed: complete as far as the token may see them, or it throws. */
  dependencies(issue: number, signal: AbortSignal): Promise<readonly Dependency[]>;
  /** Posts once: first looks for a comment of our own that holds `marker`. */
  comment(issue: number, marker: string, body: string, signal: AbortSignal): Promise<{ readonly url: string; readonly posted: boolean }>;
  /** Opens once: first looks for a pull by head, any author. */
  openPull(
    pull: { readonly branch: string; readonly base: string; readonly title: string; readonly body: string; readonly draft: boolean },
    signal: AbortSignal,
  ): Promise<PullRef>;
}

export interface Workspaces {
  /** Finds the repository and makes git ignore what is ours. Throws a terminal PortError where there is none. */
  prepareRepository(): Promise<void>;
  /** Fetches the base ahead of time, so that `ensure` need not. Answers what went wrong, in a sentence, or null. */
  refresh(signal?: AbortSignal): Promise<string | null>;
  /** Makes or reuses `trees/<task>` on the task's branch; see the adapter for every starting position. Runs include and setup on creation. */
  ensure(task: Task, signal: AbortSignal): Promise<{ readonly path: string; readonly baseCommit: string; readonly created: boolean }>;
  /** Where the task's worktree is, or would be: an absolute path. */
  pathOf(task: TaskId): string;
  /** The commit of the base branch that the task's branch goes back to. Throws where git cannot tell. */
  baseOf(task: TaskId): Promise<string>;
  /** The branch, the tree and BLOCKED.md, after a run. `baseCommit`: what the run started from. */
  inspect(task: Task, baseCommit: string): Promise<Inspection>;
  /** Snapshot of all that git would lose, to `refs/tac8/saved/<task>/<run>/<n>`; null ref where there is nothing that a branch does not hold. */
  save(
    task: Task,
    run: RunId,
    reason: string,
  ): Promise<{
    readonly ref: string | null;
    readonly commit: string | null /** the same text: the same content */;
    readonly print?: string;
  }>;
  /** Pushes the task's branch; without a remote only says where it stands. Never forces. */
  push(task: Task, signal: AbortSignal): Promise<{ readonly commit: string; readonly remote: string | null }>;
  /** Removes the worktree (never the branch) after a save; refuses without one. */
  remove(task: Task, run: RunId): Promise<void>;
  /** STOP and BLOCKED.md, cheap enough for every tick. Null: no such file. */
  signs(task: TaskId): Promise<Signs>;
  /** Moves STOP and BLOCKED.md, where they are, into the run's folder, so that the next run does not meet them. */
  consumeSigns(task: TaskId, run: RunId): Promise<void>;
}

/** What tac8 leaves on the disk and in git, and how it goes. Worktrees are saved and removed through Workspaces. */
export interface Housekeeping {
  /** All of it: complete, or it throws. Slow; asked every few minutes. */
  look(): Promise<Household>;
  /** Paths that git shows as changed or new in the main checkout, our own files aside. */
  mainChanges(): Promise<readonly string[]>;
  /** Live processes whose working directory is in there. */
  usersOf(path: string): Promise<readonly number[]>;
  /** Each removes files alone; what is not there is removed. */
  removeLog(task: TaskId, run: RunId): Promise<void>;
  removeRunFolder(run: RunId): Promise<void>;
  removeHome(task: TaskId): Promise<void>;
  /** Lets snapshots go that are older than so many ms, never the last one of a task. Answers how many. */
  dropSaved(keepFor: Ms, now: Ms): Promise<number>;
}

export interface Launch {
  readonly run: RunId;
  readonly task: TaskId;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the agent but for the run's own marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `fifo`: stdin stays open until `closeInput`, the prompt is fed first; `file`: the prompt, then EOF. */
  readonly stdin: { readonly kind: 'fifo' | 'file'; readonly prompt: string };
  readonly log: string;
  readonly stderr: string;
}

/** What the machine alone tells of a run. */
export type StraySeen = Pick<Stray, 'run' | 'task' | 'process' | 'startedAt' | 'members'>;

/** What holds the workers started from now on together. */
export interface Held {
  readonly kind: 'cgroup' | 'pidns' | 'sweep';
  /** Null where their memory can be limited, else why not. */
  readonly memory: string | null;
}

export interface Workers {
  /** A launch is likely to follow within moments: what takes the machine a while is begun. Never fails. */
  expect(): void;
  /** Launches at most once per run, however often it is called; answers the identity of the agent. */
  launch(launch: Launch): Promise<ProcessIdentity>;
  /** Throws when it cannot tell. `identity` null: find it by its marker. */
  probe(run: RunId, identity: ProcessIdentity | null): Promise<ProcessSeen>;
  /** To the agent's process, and for the last rung to the whole tree until it is empty. Answers how many were reached. */
  signal(
    run: RunId,
    identity: ProcessIdentity | null,
    signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL',
  ): Promise<{ readonly reached: number; readonly left: number }>;
  /** What its tree uses now; of a run that lives. */
  usage(run: RunId, identity: ProcessIdentity): Promise<Usage>;
  /** Runs of this repository with live processes that `isKnown` does not know. Complete, or it throws. Slow: every process is looked at. */
  strays(isKnown: (run: RunId) => boolean): Promise<readonly StraySeen[]>;
  /** Null until the first launch, which tries it. */
  held(): Held | null;
  /** Writes a line to the agent's stdin. */
  say(run: RunId, line: string): Promise<void>;
  /** Lets the agent's stdin end. */
  closeInput(run: RunId): Promise<void>;
}

/** Turns a task into what is launched, and its log into facts. */
export interface Agents {
  /** Writes the prompt and the run's folder; pure but for that. Throws a terminal PortError when the template does not render. */
  prepare(task: Task, run: Run, issue: Issue | null, workspace: { path: string; baseCommit: string }): Promise<Launch>;
  /** Reads on from `stream.offset`; answers the facts so far. */
  follow(run: Run): Promise<StreamFacts>;
  /** A print of the logins that runs are given: another print, other logins. Tells nobody what they are. */
  logins(): Promise<string>;
  /** The line for the agent's stdin that asks it to end its turn, or null where it knows none. */
  interrupt(run: Run): string | null;
}

/** The queue in `tasks.md`. */
export interface Board {
  /** What a person changed since `base`. `accept`: the token of a held edit that a person said is meant. */
  read(base: BoardBase, options?: { readonly accept?: string }): Promise<BoardReading>;
  /** The same without leaving a trace. */
  preview(base: BoardBase): Promise<BoardReading>;
  /**
   * Writes the view into the file as it is now; answers the new base. Writes nothing when nothing changed or while an edit is held.
   * `record` is called with the base to store durably before the file is touched: after a crash the next `read` finds out from it
   * whether the write took place. `restore`: puts the board back over a held edit, which is kept as a copy.
   */
  publish(
    view: BoardView,
    base: BoardBase,
    options?: { readonly record?: (base: BoardBase) => void; readonly restore?: boolean },
  ): Promise<BoardBase>;
  close(): Promise<void>;
}

export interface BoardReading {
  readonly intents: readonly BoardIntent[];
  readonly problems: readonly BoardProblem[];
  /** The base to store in the same transaction that takes the intents in. */
  readonly base: BoardBase;
  /** An edit that looks like an accident: nothing of it is taken in until a person says so. */
  readonly held: { readonly kind: string; readonly message: string; readonly hint: string; readonly token: string } | null;
}

export interface Clock {
  now(): Ms;
  /** Calls back once, at or after the time; answers a cancel. */
  at(time: Ms, wake: () => void): () => void;
  /** In the machine's time zone: `2026-11-22 14:03:11`. */
  local(time: Ms): string;
  /** The last local midnight. */
  startOfDay(time: Ms): Ms;
}

/** What else the engine needs to know of the machine. */
export interface Surroundings {
  machine(): Promise<Machine>;
  /** New names for a run and its conversation, at random. */
  names(): { readonly run: RunId; readonly session: string };
  /** Runs `pulls.verify` in the worktree. */
  verify(task: Task, signal: AbortSignal): Promise<{ readonly ok: boolean; readonly output: string }>;
  /** Writes `adws/metrics.json`. */
  publishMetrics(counters: Counters, now: Ms): Promise<void>;
}

/** People who want to be told, by the names of their channels. Settings are read anew with each call. */
export interface Notifier {
  /** Who is to be told of this. */
  channelsFor(rule: Rule): readonly string[];
  /** Tells one; answers what it said to that. Gives up by itself within the channel's time limit. Throws a PortError. */
  tell(channel: string, notice: Notice, signal: AbortSignal): Promise<string>;
  /** Where and how often somebody wants to hear that the daemon lives; null: nobody does. */
  beat(): { readonly every: Ms; readonly send: (signal: AbortSignal) => Promise<void> } | null;
}

export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Told what happens to runs, in the run's own log (`{"type":"tac8",…}` and `{"type":"error",…}` lines). */
export interface RunLog {
  append(run: Run, record: Readonly<Record<string, unknown>>): Promise<void>;
}

export class ConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConflictError';
  }
}

export interface Store {
  task(id: TaskId): Task | null;
  tasks(ids: readonly TaskId[]): readonly Task[];
  /** Pending, active and blocked ones. */
  openTasks(): readonly Task[];
  /** Completed or failed since then, newest first. */
  endedTasks(filter: { readonly state: 'completed' | 'failed'; readonly since: Ms; readonly limit: number }): readonly Task[];
  countTasks(): Readonly<Record<Task['state'], number>>;
  run(id: RunId): Run | null;
  /** All that are not settled. */
  openRuns(): readonly Run[];
  /** Oldest first. */
  runsOf(task: TaskId): readonly Run[];
  /** Hands out those that ended since then, one by one, in no order: there may be very many. */
  endedRuns(since: Ms, take: (run: Run) => void): void;
  history(filter: { readonly task?: TaskId; readonly limit: number }): readonly HistoryEntry[];
  counters(): Counters;
  fact<T>(name: string): T | null;
  /** Durable when it returns. */
  commit(commit: Commit): void;
  /** From any process; the daemon answers. */
  ask(request: {
    readonly verb: string;
    readonly task: TaskId | null;
    readonly args: Readonly<Record<string, unknown>>;
    readonly at: Ms;
  }): number;
  /** Takes out answered requests and history entries that are older; a few thousand at a time. Answers how many went. */
  prune(before: { readonly answered: Ms; readonly history: Ms }): number;
  requests(): readonly Request[];
  answer(id: number): { readonly ok: boolean; readonly message: string } | null;
  close(): void;
}
