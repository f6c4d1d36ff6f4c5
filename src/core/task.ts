import type { Failure } from './failure.ts';
import type { Ms } from './seen.ts';

/** `gh-N` for an issue, `local-N` for a line that a person wrote without a number. */
export type TaskId = `gh-${number}` | `local-${number}`;
/** 0 is the most urgent. Lines without `{pN}` have 2. */
export type Priority = 0 | 1 | 2 | 3;
export const DEFAULT_PRIORITY: Priority = 2;
/** `w-` and six hex digits, drawn anew for each run. */
export type RunId = `w-${string}`;

export interface PullRef {
  readonly number: number;
  readonly url: string;
}

/** Tokens of every kind, and dollars as the agents state them. */
export interface Spent {
  readonly tokens: number;
  readonly usd: number;
}

export interface Approval {
  /** See Issue.print. */
  readonly print: string;
  readonly at: Ms;
}

export interface Waiting {
  readonly on: string;
  readonly since: Ms;
}

export interface TaskFacts {
  readonly id: TaskId;
  readonly title: string;
  readonly priority: Priority;
  /** The issue's labels as last seen; none for a local task. */
  readonly labels: readonly string[];
  readonly addedAt: Ms;
  /** Who wants it: the label on its issue (taking it off cancels), or a person's line or command. */
  readonly armedBy: 'label' | 'person';
  /** A person's order within one priority, smaller first; null: by age. */
  readonly order: number | null;
  /** The branch of every run of this task; follows from the id and the configured prefix. */
  readonly branch: string;
  /** Attempts used up since the task was last armed (a usage limit or an interruption uses none). */
  readonly attempts: number;
  /** Runs ever started. */
  readonly runs: number;
  readonly pull: PullRef | null;
  readonly pausedAt: Ms | null;
  /** The issue's text that the label was put on, and when that was; none: a person asked for the task, whatever the text says by then. */
  readonly approved?: Approval;
  /** The open issues that it waits for, in words, and since when it waits for any; none: for none that is known. */
  readonly waits?: Waiting;
  /** What its ended runs have used since it was last armed afresh; none: nothing. */
  readonly spent?: Spent;
  /** Rises by one with every stored change; a writer that names an older one loses. */
  readonly version: number;
}

/** How the next run goes on where an earlier one ended, instead of from nothing. */
export interface Resume {
  /** The run whose conversation is taken up. */
  readonly run: RunId;
  /** The agent's own name of that conversation. */
  readonly session: string;
  /** What the agent is told first. */
  readonly message: string;
  /** The failure that the earlier run ended with; null when a person asked for it. */
  readonly because: Failure['type'] | null;
}

/*
 *            start                 end: done
 *  pending ────────▶ active ─────────────────────▶ completed
 *     ▲                │  │
 *     │  again (retry  │  ├─ end: failed for good ──▶ failed ──┐
 *     │  at a time)    │  └─ end: asks a person ────▶ blocked ─┤
 *     ├────────────────┘                                        │
 *     └──────────────── retry · answer · re-arm ◀───────────────┘
 */
export type TaskState =
  | { readonly state: 'pending'; readonly retryAt: Ms | null; readonly last: Failure | null; readonly resume: Resume | null }
  | {
      readonly state: 'active';
      readonly run: RunId;
      readonly startedAt: Ms /** what the attempt before met */;
      readonly last: Failure | null;
    }
  | { readonly state: 'completed'; readonly run: RunId; readonly at: Ms; readonly commit: string | null }
  | { readonly state: 'failed'; readonly run: RunId | null; readonly at: Ms; readonly failure: Failure }
  | { readonly state: 'blocked'; readonly run: RunId; readonly at: Ms; readonly question: string };

export type Task = TaskFacts & TaskState;
export type TaskIn<S extends Task['state']> = Extract<Task, { state: S }>;

export const isTaskId = (text: string): text is TaskId => /^(gh|local)-[1-9]\d{0,14}$/.test(text);
/** The issue's number, or null for a local task. */
export const issueNumber = (id: TaskId): number | null => (id.startsWith('gh-') ? Number(id.slice(3)) : null);
/** The number of a local task, or null for an issue. */
export const localNumber = (id: TaskId): number | null => (id.startsWith('local-') ? Number(id.slice(6)) : null);
/** The highest number of a local task that a text names; 0 where it names none. */
export const lastLocalIn = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/\blocal-(\d{1,15})\b/g)].map(([, number]) => Number(number)));
