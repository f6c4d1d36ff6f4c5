import type { Chore } from './household.ts';
import type { Commit } from './records.ts';
import type { Rung } from './run.ts';
import type { Ms } from './seen.ts';
import type { RunId, TaskId } from './task.ts';

/** One effect on the world. Repeating one is harmless; each has its own file in the engine. */
export type Action =
  | { readonly kind: 'prepare'; readonly run: RunId; readonly task: TaskId }
  | { readonly kind: 'launch'; readonly run: RunId; readonly task: TaskId }
  /** Gives up what is under way for the run (a setup script, a fetch). */
  | { readonly kind: 'abort'; readonly run: RunId; readonly task: TaskId }
  | { readonly kind: 'rung'; readonly run: RunId; readonly task: TaskId; readonly rung: Rung }
  /** Ends what outlived the agent. */
  | { readonly kind: 'sweep'; readonly run: RunId; readonly task: TaskId }
  | { readonly kind: 'end-input'; readonly run: RunId; readonly task: TaskId }
  /** Says these messages to the agent. They are named here: what an earlier daemon was about to say is not said again. */
  | { readonly kind: 'tell'; readonly run: RunId; readonly task: TaskId; readonly ids: readonly number[] }
  | { readonly kind: StepKind; readonly run: RunId; readonly task: TaskId };

/** The steps after a run's end, in their order. */
export type StepKind = 'save' | 'mend' | 'commit' | 'inspect' | 'verify' | 'push' | 'open-pull' | 'log-end' | 'comment';

/** What a person should know that no state shows. */
export interface Note {
  readonly task: TaskId | null;
  readonly text: string;
  /** When it will change by itself, if that is known. */
  readonly until: Ms | null;
}

/** What one tick decided: what to write down, then what to do, and when to look again without a wake-up. */
export interface Plan {
  readonly commit: Commit;
  readonly actions: readonly Action[];
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
  /** A person wants the board put back over their held edit. */
  readonly restoreBoard: boolean;
  /** Which new task came from which line of the board. */
  readonly addKeys: ReadonlyMap<TaskId, string>;
}
