import type { BoardBase } from '../../../core/board/line/base.ts';
import type { PackedBase } from '../../../core/board/line/packed-base.ts';
import type { BoardProblem } from '../../../core/board/text/view.ts';
import type { MAIN_FACT } from '../../../core/household/main-checkout.ts';
import type { MACHINES_FACT, MachinesFact } from '../../../core/limits/machines-seen.ts';
import type { TOTALS_FACT, Totals } from '../../../core/limits/totals.ts';
import type { USAGE_FACT, UsageFact } from '../../../core/limits/usage.ts';
import type { ALERTS_FACT, Book, Notice } from '../../../core/model/alert.ts';
import type { Fleet } from '../../../core/model/fleet.ts';
import type { IssueClaim } from '../../../core/model/forge.ts';
import type { MainKept } from '../../../core/model/household.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { TaskId } from '../../../core/model/task.ts';
import type { PULLS_FACT, PullSight } from '../../../core/review/pull-sights.ts';
import type { SPOKEN_FACT, Spoken } from '../../../core/review/spoken-orders.ts';
import type { Note } from '../../../core/tick/plan.ts';
import type { ApprovedText } from '../../../core/voices/approval.ts';

/** All small named facts that the store keeps. A store checks the shape of what it reads: one that does not fit is as if it were absent. */
export interface Facts {
  readonly fleet: Fleet;
  /** `whole`: the number by which `board-delta` knows it. */
  readonly board: BoardBase & { readonly whole?: number };
  /** The board's base as it is now, where it is not the one under `board`. */
  readonly 'board-delta': PackedBase;
  readonly daemon: DaemonFact;
  readonly trouble: Trouble;
  readonly damage: Damage;
  readonly slow: Slow;
  readonly sign: Sign;
  readonly outbox: Outbox;
  readonly remote: RemoteFact;
  readonly base_branch: { readonly branch: string };
  readonly [ALERTS_FACT]: Book;
  readonly [TOTALS_FACT]: Totals;
  readonly [USAGE_FACT]: UsageFact;
  readonly [MACHINES_FACT]: MachinesFact;
  readonly [PULLS_FACT]: readonly PullSight[];
  readonly [MAIN_FACT]: MainKept;
  readonly [SPOKEN_FACT]: Spoken;
  readonly told: readonly Told[];
  readonly dashboard: Dashboard;
  readonly claims: ClaimsFact;
  readonly copy: CopyFact;
  readonly [text: `text:${TaskId}`]: ApprovedText;
}

/** What a fact of that name is when it is read; of one that is in no list only that it is there is known. */
export type FactOf<K extends string> = K extends keyof Facts ? Facts[K] | null : unknown;

/** Something in the store that has not the shape it should have, in words. */
export interface Misfit {
  /** `fact fleet`, `task gh-7`, `run w-12ab34`. */
  readonly what: string;
  readonly why: string;
}

/** What the daemon writes down about itself, so that `status` can tell what is seen and how old it is. */
export interface DaemonFact {
  readonly at: Ms;
  readonly draining: boolean;
  /** Its process; none: written by an earlier version. */
  readonly pid?: number;
  /** How many may run at the same time. */
  readonly slots: number;
  /** Dollars that a day may cost. */
  readonly usdPerDay?: number;
  /** GitHub is asked so often. */
  readonly interval?: Ms;
  /** What GitHub last said of the token's allowance. */
  readonly limit?: Allowance | null;
  readonly issues: SeenAt | null;
  readonly pulls: SeenAt | null;
  readonly notes: readonly Note[];
  readonly problems: readonly BoardProblem[];
  /** An edit of the board that waits for a person's word. */
  readonly held: HeldEdit | null;
  /** What holds the workers together; null: none was started yet. */
  readonly workers?: Holding | null;
  /** The box that workers get. */
  readonly sandbox?: Sandboxed;
}

/** `unchosen`: none, since the settings say nothing of one. */
export type Sandboxed = 'bwrap' | 'container' | 'none' | 'unchosen';

export type SeenAt =
  | { readonly known: true; readonly at: Ms; readonly count: number }
  | { readonly known: false; readonly because: string; readonly since: Ms };

/** Requests that a token has. */
export interface Allowance {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAt: Ms | null;
  /** Nothing is asked until then, since GitHub said so; null: it takes requests. Left out: an earlier version did not tell. */
  readonly held?: { readonly until: Ms; readonly because: string } | null;
  /** Who spent what of it in this hour, what spent most first; left out: an earlier version did not count. */
  readonly spent?: readonly Spent[];
}

/** What was spent for one purpose. */
export interface Spent {
  readonly by: string;
  /** That counted against the limit. */
  readonly requests: number;
  /** That were answered by "it has not changed", which costs nothing. */
  readonly unchanged: number;
  /** Of the limit that GraphQL has for itself. */
  readonly points: number;
}

/** What holds the workers started from now on together. */
export interface Holding {
  readonly kind: 'cgroup' | 'pidns' | 'sweep';
  /** Null where their memory can be limited, else why not. */
  readonly memory: string | null;
}

/** An edit that looks like an accident: nothing of it is taken in until a person says so. */
export interface HeldEdit {
  readonly kind: string;
  readonly message: string;
  readonly hint: string;
  /** Names this very text: an answer to the question counts for it alone. */
  readonly token: string;
}

/** The comment that tells how a task stands. */
export interface Told {
  readonly task: TaskId;
  /** Its number; null: a person deleted it. */
  readonly comment: number | null;
  /** How many runs the task had begun. */
  readonly runs: number;
  /** It tells the task's end. */
  readonly over?: true;
}

/** The issue that shows the whole fleet. */
export interface Dashboard {
  readonly number: number;
  /** Ticks that were acted on and still stand in its text. */
  readonly acted: readonly string[];
}

/** Which issues are claimed at the remote, as far as this daemon knows. */
export interface ClaimsFact {
  readonly own: readonly (Omit<IssueClaim, 'owner' | 'machine'> & { readonly task: TaskId; readonly id: string | null })[];
  readonly theirs: readonly { readonly task: TaskId; readonly claim: IssueClaim }[];
  /** Why the remote takes none; null: it does. */
  readonly refused: string | null;
}

/** The lead by which this store was last copied to Postgres, where another coordinator would go on with it. */
export interface CopyFact {
  readonly generation: string;
  /** It was another coordinator's before: of the tasks that are in it, git here may know nothing. */
  readonly inherited: boolean;
}

/** The last tick that threw, until one does not. */
export interface Trouble {
  readonly at: Ms;
  readonly message: string;
}

/** The last tick of the loop that took longer than one may. */
export interface Slow {
  readonly at: Ms;
  readonly step: string;
  readonly message: string;
}

/** That a damaged database was put aside, and where it is kept. */
export interface Damage {
  readonly at: Ms;
  readonly kept: string;
  readonly message: string;
}

/** Where the remote is, as it stood at the first start or as a person confirmed it since; null: there was none. */
export interface RemoteFact {
  readonly fetch: string | null;
  readonly push: string | null;
  /** Which repository on which forge: what is fetched from, with the rules of git and the aliases of ssh worked out. */
  readonly origin: string | null;
  /** The same of what is pushed to; left out: nobody has worked it out. */
  readonly head?: string;
  /** The forge's number of the repository that was asked for by this name: a name can be given to another one. Left out: it was not asked yet. */
  readonly number?: { readonly of: string; readonly is: number };
}

/** The daemon's first tick, or its last word: when a daemon was there, and whether it left because it was told to. */
export interface Sign {
  readonly at: Ms;
  readonly left: boolean;
}

/** A notice on its way to one channel. */
export interface Delivery {
  readonly channel: string;
  readonly notice: Notice;
  readonly tries: number;
  readonly notBefore: Ms;
  /** What came of the last try; null: none yet. */
  readonly problem: string | null;
}

/** Written with what the notices are about, and taken out once they are told: none is lost, one may come twice after a crash. */
export type Outbox = readonly Delivery[];
