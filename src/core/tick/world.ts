import type { BoardIntent } from '../board/text/view.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Claims, Dependency, Issue, Pull, Trigger } from '../model/forge.ts';
import type { Upkeep } from '../model/household.ts';
import type { Request } from '../model/records.ts';
import type { Exit, ProcessIdentity, Run, StopCause, StreamFacts } from '../model/run.ts';
import type { Ms, Seen } from '../model/seen.ts';
import type { RunId, Task, TaskId } from '../model/task.ts';
import type { Calls } from '../review/calls.ts';
import type { PullSights } from '../review/pull-sights.ts';

/** What is known of a run's process tree. */
export type ProcessSeen =
  /** Alive by identity. `members`: live processes of the tree, the agent's among them. */
  | { readonly kind: 'alive'; readonly identity: ProcessIdentity; readonly members: number }
  /** The agent is gone, others of its tree live. */
  | { readonly kind: 'remains'; readonly exit: Exit | null; readonly members: number }
  /** Nothing of it lives. `exit` null: nobody wrote how it ended. */
  | { readonly kind: 'gone'; readonly exit: Exit | null; readonly rebooted: boolean }
  /** It was never launched. */
  | { readonly kind: 'never' };

/** A run of this repository that lives though the store does not know it as one that does: the database was lost, or is an older one. */
export interface Stray {
  readonly run: RunId;
  /** Null: nothing tells for which task it runs. */
  readonly task: TaskId | null;
  readonly process: ProcessIdentity;
  readonly startedAt: Ms;
  /** Live processes of it that were found. */
  readonly members: number;
  /** The store knows the run, as one that is over. */
  readonly isOver: boolean;
  /** What its branch was made from; null where git cannot tell. */
  readonly baseCommit: string | null;
  /** The branch that it works on: its name may bear words that the title has no more. Null: none of the task’s is there. */
  readonly branch: string | null;
  /** As its line on the board has it; null: there is none. */
  readonly title: string | null;
}

/** The files in a worktree that speak to tac8. Null: there is none. */
export interface Signs {
  readonly stop: string | null;
  /** When STOP came there or was last written, as the file system has it, which nobody sets; left out: there is none, or it was not told. */
  readonly stopAt?: Ms;
  readonly blocked: string | null;
}

/** Memory, disk, load and heat, looked at in each tick. */
export interface Machine {
  readonly freeMemoryBytes: number;
  readonly freeDiskBytes: number;
  /** Processes that want to run, per core, over the last minute. */
  readonly loadPerCore: number;
  /** All there is; left out where it is not told, as are those below. */
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
  /** The busy share of all cores since the look before, from 0 to 1. */
  readonly cpuShare?: number;
  /** Degrees Celsius by sensor; a machine without sensors has none. */
  readonly temperatures?: Readonly<Record<string, number>>;
}

/** All that one tick saw. Built by the engine's observe step; the core only reads it. */
export interface World {
  /** Open ones, those of the labelled issues, those that intents and requests name, and those whose review may be over. */
  readonly tasks: readonly Task[];
  /** All that are not settled, and those that a resume names. */
  readonly runs: readonly Run[];
  readonly forge: 'github' | 'none';
  /** The complete list of open issues with the label. */
  readonly issues: Seen<readonly Issue[]>;
  readonly pulls: Seen<readonly Pull[]>;
  /** What was last seen of our own pulls, open or not. */
  readonly pullSights: PullSights;
  /** How many pulls of ours are open, as far as is known; counted only where that is limited. */
  readonly ownPulls: number;
  /** What is said of pulls of tasks in review, and asks for a further round. */
  readonly calls: Calls;
  readonly triggers: ReadonlyMap<number, Seen<Trigger>>;
  /** Issues of tasks that the list lacks, each asked for by itself. Null: there is none of that number. */
  readonly singles: ReadonlyMap<number, Seen<Issue | null>>;
  /** All that an issue depends on, open or closed; asked for only where the issue says that some of them are open. */
  readonly dependencies: ReadonlyMap<number, Seen<readonly Dependency[]>>;
  /** What is known of who works on which issue. */
  readonly claims: Claims;
  readonly processes: ReadonlyMap<RunId, Seen<ProcessSeen>>;
  readonly strays: Seen<readonly Stray[]>;
  readonly streams: ReadonlyMap<RunId, StreamFacts>;
  /** Logs that cannot be read now, and why: what these runs said since is unknown. */
  readonly unread: ReadonlyMap<RunId, string>;
  readonly signs: ReadonlyMap<TaskId, Seen<Signs>>;
  readonly machine: Seen<Machine>;
  /** Runs that another machine ended by itself while it was cut off, and why. */
  readonly endedThere?: ReadonlyMap<RunId, StopCause>;
  readonly intents: readonly BoardIntent[];
  /** An edit of the board looks like an accident and waits for a person's word. */
  readonly isEditHeld: boolean;
  readonly requests: readonly Request[];
  /** Persons can be told from workers here: a request without a name is nobody's word. */
  readonly hearsPersons: boolean;
  /** Runs and tasks for which an action is under way in this process. */
  readonly busy: ReadonlySet<string>;
  /** The daemon was told to leave: nothing new starts. */
  readonly draining: boolean;
  readonly fleet: Fleet;
  /** A print of the agent's logins, while the fleet waits for another; null: it does not, or nobody can tell. */
  readonly logins: string | null;
  /** The local day. */
  readonly today: { readonly start: Ms; readonly end: Ms };
  /** Names drawn at random before the tick, for the runs that it may create. */
  readonly fresh: readonly { readonly run: RunId; readonly session: string }[];
  /** When this daemon first saw a run's tree gone without an exit record. */
  readonly goneSince: ReadonlyMap<RunId, Ms>;
  /** What is kept, and what of it is not needed any more. */
  readonly upkeep: Upkeep;
}
