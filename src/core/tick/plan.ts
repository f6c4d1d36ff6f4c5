import type { Chore } from '../model/household.ts';
import type { Commit } from '../model/records.ts';
import type { Rung } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { RunId, TaskId } from '../model/task.ts';

/** One effect on the world. Repeating one is harmless; each has its own file in the engine. */
export type Action = ActionOf<PlainKind> | ActionOf<keyof Carried>;

export type ActionOf<K extends PlainKind | keyof Carried> = {
  [P in K]: { readonly kind: P; readonly run: RunId; readonly task: TaskId } & (P extends keyof Carried ? Carried[P] : unknown);
}[K];

/**
 * `abort` gives up what is under way for the run (a setup script, a fetch); `sweep` ends what outlived the agent; `put-aside` takes what a person laid
 * into the worktree of a settled run to its folder.
 */
export type PlainKind = 'prepare' | 'launch' | 'abort' | 'sweep' | 'end-input' | 'put-aside' | StepKind;

/** Actions that say more than their kind. */
interface Carried {
  readonly rung: { readonly rung: Rung };
  /** Says these messages to the agent. They are named here: what an earlier daemon was about to say is not said again. */
  readonly tell: { readonly ids: readonly number[] };
}

/** The steps after a run's end, in their order. */
export type StepKind = 'save' | 'mend' | 'commit' | 'inspect' | 'verify' | 'push' | 'open-pull' | 'log-end' | 'comment';

/** What a person should know that no state shows. */
export interface Note {
  readonly task: TaskId | null;
  readonly text: string;
  /** When it will change by itself, if that is known. */
  readonly until: Ms | null;
  /** The gate that is shut, where the note says why nothing starts. */
  readonly gate?: string;
}

/** What one tick decided: what to write down, then what to do, and when to look again without a wake-up. */
export interface Plan {
  readonly commit: Commit;
  readonly actions: readonly Action[];
  /** Actions that were asked for beside another one of the same run: none, unless two stages of the decision are at odds. */
  readonly lost: readonly string[];
  /** What is done beside the runs; nothing waits for it. */
  readonly chores: readonly Chore[];
  readonly wakeAt: Ms | null;
  readonly notes: readonly Note[];
  readonly wanted: {
    /** Issues for which nobody has looked up lately who labelled them. */
    readonly triggers: readonly number[];
    /** Issues that the list lacks, to be asked for by themselves. */
    readonly issues: readonly number[];
    /** Issues that depend on open ones, to be asked which. */
    readonly dependencies: readonly number[];
  };
  /** Issues to be claimed before they start, each with the time when its label was put on; null: a person named it. */
  readonly claims: readonly { readonly task: TaskId; readonly label: Ms | null }[];
  /** A person wants the board put back over their held edit. */
  readonly restoreBoard: boolean;
  /** Which new task came from which line of the board. */
  readonly addKeys: ReadonlyMap<TaskId, string>;
}
