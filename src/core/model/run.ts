import type { AgentOf } from '../agent/abilities.ts';
import type { Proof } from '../agent/proof.ts';
import { NO_SPEND, type Prices, type Reply, type Spend } from '../agent/spend.ts';
import type { Failure, Held, Inspection, Outcome, Overtaken, ProviderError, TakesOver, TurnResult } from './failure.ts';
import type { Ms } from './seen.ts';
import type { PullRef, Resume, RunId, TaskId } from './task.ts';

export { type Money, NO_SPEND, type Reply, type Spend } from '../agent/spend.ts';
export type { Elsewhere, Inspection, Outcome, ProviderError, Refusal, TurnEnd, TurnResult } from './failure.ts';

/** Which process this is, for ever: a pid alone is nobody. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot. */
  readonly startTime: number;
  /** /proc/sys/kernel/random/boot_id */
  readonly bootId: string;
  /** How the tree is held together: a cgroup's path, a PID namespace, or the sweep by environment marker. */
  readonly containment: { readonly kind: 'cgroup'; readonly path: string } | { readonly kind: 'pidns' } | { readonly kind: 'sweep' };
  /** The shell that holds the run, and is given its orphans; left out where it was not learnt at the launch. */
  readonly parent?: { readonly pid: number; readonly startTime: number };
}

/** How the agent's process ended, as a shell sees it: 128 + n for a signal. */
export interface Exit {
  readonly code: number;
  readonly at: Ms;
  /** The kernel ended one of its processes for want of memory. */
  readonly outOfMemory?: true;
}

/** Who or what ended a run early. The first cause is kept. */
export interface StopCause {
  /** The failure type that the run ends with; `lingering`: it had given its result and did not exit, so its result counts. */
  readonly type:
    | 'stopped'
    | 'killed'
    | 'cancelled'
    | 'timeout'
    | 'stalled'
    | 'output_limit'
    | 'budget'
    | 'startup_error'
    | 'interrupted'
    | 'lingering';
  /** `tasks.md`, `STOP file`, `tac8 stop`, `GitHub`, `limits.run_time`, … */
  readonly by: string;
  /** Their words, or the measured value. */
  readonly reason: string;
  readonly at: Ms;
  /** What of the agent's work it cuts off. */
  readonly unfinished?: readonly string[];
}

/**
 * From asking to ending; each has its time in `stop:`.
 * ask        the agent begins no further tool; the one in hand may end           (tool)
 * interrupt  its turn is ended by its own protocol, where it has one             (interrupt)
 * signal     SIGINT                                                              (interrupt)
 * terminate  SIGTERM                                                             (terminate)
 * kill       SIGKILL to the whole tree, again and again until it is seen gone    (kill)
 */
export type Rung = 'ask' | 'interrupt' | 'signal' | 'terminate' | 'kill';

/** A person's message for the agent of a task: the number of its command, and its name in the agent's stream, where that acknowledges it. */
export interface Letter {
  readonly id: number;
  readonly uuid: string;
  readonly text: string;
  readonly at: Ms;
  /** Its pull says it, not a person. */
  readonly by?: 'pull';
}

/** The numbers of the two messages that tac8 says of its own, once in a run, and keeps for no other: commands have 1 and more. */
export const LAST_CALL = -1;
export const WRAP_UP = -2;
export const isLastCall = ({ id }: Pick<Letter, 'id'>): boolean => id === LAST_CALL;
export const isOwn = ({ id }: Pick<Letter, 'id'>): boolean => id < 0;

/** One that is given to a run. Delivered at most once: that it is said is written down before it is said. */
export interface Tell extends Letter {
  /** `input`: while it runs, over its stdin; `prompt`: with the first message of the run. */
  readonly via: 'input' | 'prompt';
  /** When it was said to the agent; null: not yet. */
  readonly saidAt: Ms | null;
  /** The agent did not take it; it is said again no sooner than then. */
  readonly notBefore?: Ms;
}

/** What the agent's stream has said so far, kept with the run so that a later daemon reads on from `offset`. */
export interface StreamFacts {
  /** Bytes of the log that are taken in. */
  readonly offset: number;
  readonly events: number;
  readonly firstEventAt: Ms | null;
  readonly lastEventAt: Ms | null;
  readonly session: string | null;
  readonly model: string | null;
  /** What people pay for models, as the settings had it when the run began. */
  readonly prices?: Prices;
  readonly turns: number;
  readonly spend: Spend;
  /** The last thing it did, in a few words: `Bash: npm test`. */
  readonly activity: string | null;
  /** The newest end of a turn; a run may have several. */
  readonly result: TurnResult | null;
  /** The newest error the provider gave while the agent was still trying, or the error of a synthetic message. */
  readonly providerError: ProviderError | null;
  /** From a rate-limit event: refused until then. */
  readonly limitedUntil: Ms | null;
  /** Tool calls begun and not ended; not those whose work is done by sub-agents, which have calls of their own. */
  readonly tools?: readonly string[];
  /** A turn has begun and its result has not been said. */
  readonly inTurn?: boolean;
  /** Messages that the agent acknowledged, by their names: when it began with each; null: it only has it so far. */
  readonly heard?: Readonly<Record<string, Ms | null>>;
  /** The newest tool calls as short signatures, oldest first. */
  readonly recent?: readonly string[];
  /** They are the same few again and again: since when, and how many by now. */
  readonly circling?: { readonly since: Ms; readonly calls: number } | null;
  /** What works in the background, in the agent's own words: part of the run, also after its turn. */
  readonly background?: readonly string[];
  /** None: it has changed and tested nothing yet. */
  readonly proof?: Proof;
  /** Tool calls in hand that commit. */
  readonly committing?: readonly string[];
  /** What the last commit that failed was told, in one line; null: a later one did not fail. */
  readonly commitRefused?: string | null;
  /** Provisional counts of the turn in hand: they are replaced when the turn ends. */
  readonly unsettled?: { readonly message: string | null; readonly spend: Spend; readonly replies?: Readonly<Record<string, Reply>> };
}

/** The steps after a run's end, each done once and remembered; the next one missing is the next action. */
export interface Settlement {
  /** `refs/tac8/saved/…` of the snapshot, or null where there was nothing to save; and what could not be read, so that it is not in it. */
  readonly saved?: { readonly ref: string | null; readonly commit: string | null; readonly incomplete?: string };
  readonly mended?: { readonly done: readonly string[] };
  /** The person's words were read to the end: those in a STOP file may be written after it. */
  readonly explained?: true;
  /** The commit `WIP: …` on the task's branch; null: there was nothing to commit. */
  readonly wip?: { readonly commit: string | null };
  readonly inspection?: Inspection;
  readonly outcome?: Outcome;
  readonly verified?: { readonly ok: boolean; readonly output: string };
  /** What a person has to see before it is pushed, and the commit that one let go. */
  readonly held?: Held;
  readonly approved?: string;
  readonly pushed?: { readonly commit: string; readonly remote: string | null };
  readonly overtaken?: Overtaken;
  readonly pull?: PullRef;
  /** What it used is counted to its task; its end stands in its own log. */
  readonly counted?: true;
  readonly logged?: true;
  readonly commented?: { readonly url: string };
}

/** A step that did not work, and when it is tried again. */
export interface StepProblem {
  readonly step: string;
  readonly message: string;
  /** Only a change by a person can help; none: nobody can tell. */
  readonly lasting?: boolean;
  readonly tries: number;
  readonly at: Ms;
  readonly retryAt: Ms;
}

/** A limit that comes near. */
export interface Warning {
  readonly by: string;
  readonly text: string;
  readonly at: Ms;
}

export interface RunFacts {
  readonly id: RunId;
  readonly task: TaskId;
  /** Which attempt of the task this is, from 1. */
  readonly attempt: number;
  readonly createdAt: Ms;
  /** The agent's own name for the conversation: a UUID. */
  readonly session: string;
  /** Set when the run takes an earlier conversation up: what the agent is told first. */
  readonly resumes: Resume | null;
  readonly takesOver?: TakesOver;
  /** Somebody or a limit wants it ended, recorded before anything is done about it; the first cause stays. */
  readonly wanted: StopCause | null;
  /** Its stdin was let end, since it had said its result. */
  readonly inputEnded: boolean;
  /** What persons said to it, oldest first; none: nothing was. */
  readonly tells?: readonly Tell[];
  /** Limits that came near, and what else a person should look at: each told once. */
  readonly warnings?: readonly Warning[];
  /** How many processes it had when it was ended, as far as they were seen; none: it was not ended from here. */
  readonly members?: number;
  readonly agent: AgentOf;
  /** The name of the machine that it is on, `ANY_MACHINE` until one has begun it; none: the coordinator's own. */
  readonly machine?: string;
  readonly stream: StreamFacts;
  readonly settlement: Settlement;
  readonly problem: StepProblem | null;
  readonly version: number;
}

/*
 *  preparing ──▶ starting ──▶ running ──▶ stopping
 *      │             │           │            │
 *      └─────────────┴──────┬────┴────────────┘
 *                           ▼
 *                         ended ──▶ settled
 *
 *  preparing  the worktree is being made, the prompt written        (intent recorded before both)
 *  starting   the agent is being started                            (intent recorded before the spawn)
 *  running    its identity is known
 *  stopping   somebody or a limit wants it gone; the ladder is climbed until the tree is verified gone
 *  ended      the tree is gone; work saved, pull and comment made step by step (settlement)
 *  settled    nothing is left to do for this run
 */
export type RunState =
  | { readonly state: 'preparing' }
  | { readonly state: 'starting'; readonly baseCommit: string; readonly since: Ms }
  | { readonly state: 'running'; readonly baseCommit: string; readonly process: ProcessIdentity; readonly startedAt: Ms }
  | {
      readonly state: 'stopping';
      readonly baseCommit: string;
      readonly process: ProcessIdentity;
      readonly startedAt: Ms;
      readonly cause: StopCause;
      /** The last rung of the ladder that was taken. */
      readonly rung: Rung | null;
      readonly rungAt: Ms | null;
    }
  | RunEnd<'ended'>
  | RunEnd<'settled'>;
export interface RunEnd<S extends string> {
  readonly state: S;
  readonly baseCommit: string | null;
  readonly startedAt: Ms | null;
  readonly endedAt: Ms;
  /** Null: nobody recorded how it ended. */
  readonly exit: Exit | null;
  /** The machine was started anew since the run began. */
  readonly rebooted: boolean;
  readonly cause: StopCause | null;
  /** Set when it never came to a process: git, the template or the spawn failed. */
  readonly failedStart: Failure | null;
}

export type Run = RunFacts & RunState;
export type RunIn<S extends Run['state']> = Extract<Run, { state: S }>;

export const EMPTY_STREAM: StreamFacts = {
  offset: 0,
  events: 0,
  firstEventAt: null,
  lastEventAt: null,
  session: null,
  model: null,
  turns: 0,
  spend: NO_SPEND,
  activity: null,
  result: null,
  providerError: null,
  limitedUntil: null,
};
