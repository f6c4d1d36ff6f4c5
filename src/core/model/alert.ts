import type { Ms } from './seen.ts';
import type { TaskId } from './task.ts';

/** What people can be told of. The names are stable: they stand in `tac8.yaml`, in `--json` and in what webhooks get. */
export const RULES = [
  'needs_person',
  'failed',
  'same_failure',
  'many_failures',
  'stuck',
  'github_down',
  'daemon_down',
  'disk',
  'memory',
  'temperature',
  'budget',
  'kill_unconfirmed',
  'orphan',
] as const;
export type Rule = (typeof RULES)[number];

/** Something that holds now and that a person should know of. */
export interface Condition {
  /** The rule and what it is about: `failed:gh-5`. One condition is told once, however often it is seen. */
  readonly key: string;
  readonly rule: Rule;
  readonly task: TaskId | null;
  /** What is the case, with the value that shows it. One line, plain text; parts of it may come from outside. */
  readonly text: string;
  /** What to do about it; empty: nothing. */
  readonly hint: string;
  /** How long it has to hold before it is told; 0: at once. */
  readonly after: Ms;
}

/** One that was told and still holds. */
export interface Alert {
  readonly key: string;
  readonly rule: Rule;
  readonly task: TaskId | null;
  readonly text: string;
  readonly hint: string;
  readonly since: Ms;
}

/** Those that hold, oldest first; stored under the fact `alerts`. */
export type Book = readonly Alert[];

/** One thing to tell: that a condition began, or that it is over. */
export interface Notice {
  /** The same for the same news, also after a crash: who gets it twice can tell. */
  readonly id: string;
  readonly event: 'fired' | 'cleared' | 'test';
  readonly rule: Rule | 'test';
  readonly task: TaskId | null;
  readonly text: string;
  readonly hint: string;
  readonly at: Ms;
  /** When the condition began. */
  readonly since: Ms;
}

/** What one rule says. */
export interface Judgement {
  readonly present: readonly Condition[];
  /** Nobody can tell now whether what it said before still holds: that stays. */
  readonly unsure?: boolean;
  /** When it may say something else though nothing happens. */
  readonly wakeAt?: Ms;
}

/** What all rules say. */
export interface Verdict {
  readonly present: readonly Condition[];
  readonly unsure: ReadonlySet<Rule>;
  readonly wakeAt: Ms | null;
}

/** What people set. */
export interface AlertPolicy {
  readonly off: readonly Rule[];
  /** How long GitHub may be away, and how long the daemon may have been. */
  readonly githubDown: Ms;
  readonly daemonDown: Ms;
  /** How long all workers may say nothing. */
  readonly stuck: Ms;
  /** Degrees Celsius. */
  readonly temperature: number;
  /** How long memory has to be short, or a sensor hot: a burst is no news. */
  readonly sustained: Ms;
}

export const ALERTS_FACT = 'alerts';
const MINUTE = 60_000;
export const DEFAULT_ALERTS: AlertPolicy = {
  off: [],
  githubDown: 5 * MINUTE,
  daemonDown: 5 * MINUTE,
  stuck: 10 * MINUTE,
  temperature: 80,
  sustained: MINUTE,
};
