import type { Dependency, Issue, Pull, PullForm, Said, Trigger } from '../../../core/model/forge.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { PullRef } from '../../../core/model/task.ts';
import type { Failing, Review } from '../../../core/review/calls.ts';
import type { CommitChecks } from '../../../core/review/checks.ts';
import type { LetGo, Merge, Merging } from '../../../core/review/merging.ts';
import type { SpokenOrder } from '../../../core/review/spoken-orders.ts';
import type { Allowance } from '../records/facts.ts';

/** What is under way at the forge. */
export interface ForgeWork {
  /** Open pulls of ours, by their numbers. */
  readonly pulls: readonly number[];
  /** The branch that pulls go into; null: the forge's default. */
  readonly base: string | null;
}

export interface Forge {
  /** What the forge last said of it; null: nothing yet. Asks nobody. */
  limits(): Allowance | null;
  /** Whose account the daemon speaks as; null when it cannot be told. */
  login(): Promise<string | null>;
  defaultBranch(): Promise<string>;
  /** Every open issue with the label: complete, or it throws. Pulls are left out. */
  issues(label: string, signal: AbortSignal): Promise<readonly Issue[]>;
  /** One issue, whatever its state or labels; null when there is none (a pull is none). With `label`: also who took that one off, where it is told at once. */
  issue(number: number, signal: AbortSignal, label?: string): Promise<Issue | null>;
  /**
   * Asks in one question for what is under way; what is asked one by one after it is answered out of that, as far as it tells. Throws nothing: what
   * it cannot tell is asked for as ever.
   */
  look(work: ForgeWork, signal: AbortSignal): Promise<void>;
  /** Every open pull: complete, or it throws. */
  openPulls(signal: AbortSignal): Promise<readonly Pull[]>;
  /** Pulls in any state whose head is this branch of this repository. */
  pullsOf(branch: string, signal: AbortSignal): Promise<readonly Pull[]>;
  trigger(issue: number, label: string, signal: AbortSignal): Promise<Trigger>;
  /** All that is said of a commit, check runs and commit statuses: complete but for what it names as withheld, or it throws. Null: the forge has no checks. */
  checks(commit: string, signal: AbortSignal): Promise<CommitChecks | null>;
  /** The checks of a commit that failed, and the reason each gives, as far as the token may read it. Those that were cancelled are none. */
  failures(commit: string, signal: AbortSignal): Promise<readonly Failing[]>;
  /** Reviews of a pull by persons who have write access now, which ask for changes or have remarks; oldest first, texts as they are on the forge. */
  reviews(pull: number, signal: AbortSignal): Promise<readonly Review[]>;
  /** Whether an open pull can be merged into its base as both are now. */
  merging(pull: number, signal: AbortSignal): Promise<Merging>;
  /**
   * Comments since then by persons who may write now, which begin as an order to tac8 or stand on an issue or pull where an answer is awaited;
   * oldest first, and some from a little before.
   */
  orders(since: Ms, isAwaited: (number: number) => boolean, signal: AbortSignal): Promise<readonly SpokenOrder[]>;
  /** What persons who may write now said under an issue, oldest first, the newest few; orders to tac8, and what it said itself, left out. */
  discussion(issue: number, signal: AbortSignal): Promise<readonly Said[]>;
  /** Shows at a comment that it was heard; repeated it changes nothing. */
  acknowledge(comment: number, signal: AbortSignal): Promise<void>;
  /** Makes a draft ready for review; one that is no draft stays as it is. */
  markReady(pull: number, signal: AbortSignal): Promise<void>;
  /** Has a green pull merged, if this is its head still: by the forge itself where it can wait for its rules, else now if nothing is in the way. */
  mergeGreen(pull: number, commit: string, signal: AbortSignal): Promise<Merge>;
  /** Takes the wish back that it is merged, armed or in a queue, where it was this account's: by this call or an earlier one. False: it was not. */
  takeBack(pull: number, signal: AbortSignal): Promise<boolean>;
  /** Deletes the branch of a merged pull, if it stands where it was merged; answers why it stays, null: it is gone. */
  dropBranch(pull: number, signal: AbortSignal): Promise<string | null>;
  /** Of pulls that the forge was asked to merge: that it does not any more, or null where it is still on it. One that is missing nobody knows of. */
  letGo(pulls: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, LetGo | null>>;
  /** The commit at which a branch of the repository stands; null: there is no such branch. */
  tip(branch: string, signal: AbortSignal): Promise<string | null>;
  /** The issues that block this one, open and closed: complete as far as the token may see them, or it throws. */
  dependencies(issue: number, signal: AbortSignal): Promise<readonly Dependency[]>;
  /** Posts once: first looks for a comment of our own that holds `marker`, which is given these words where it has others. */
  comment(issue: number, marker: string, body: string, signal: AbortSignal): Promise<{ readonly url: string; readonly posted: boolean }>;
  /** Gives a comment of our own other words; false: it is gone. */
  editComment(comment: number, body: string, signal: AbortSignal): Promise<boolean>;
  /** The number of an issue of our own that holds the mark; made if there is none, whatever its state. */
  ownIssue(marker: string, title: string, body: string, signal: AbortSignal): Promise<number>;
  /**
   * The text of an issue of our own, and who edited it since we did, the newest first: asked for where it is another than `known`. `editors` null:
   * the forge cannot tell. `mayAll`: each of them may write now. Null: there is no such issue any more.
   */
  editedIssue(
    number: number,
    known: string | null,
    signal: AbortSignal,
  ): Promise<{
    readonly open: boolean;
    readonly body: string;
    readonly editors: readonly string[] | null;
    readonly mayAll: boolean;
  } | null>;
  /** Gives an issue of our own another text in place of that one; false: it has another by now, or is gone. */
  editIssue(number: number, body: string, inPlaceOf: string, signal: AbortSignal): Promise<boolean>;
  /** Gives a pull of ours another text; false: a person has changed the one that it has, which stays. */
  rewritePull(pull: number, body: string, signal: AbortSignal): Promise<boolean>;
  /** Puts labels, assignees and requests for reviews on a pull; answers in words what was refused. */
  dress(pull: number, form: Omit<PullForm, 'title'>, signal: AbortSignal): Promise<readonly string[]>;
  /** Opens once: first looks for a pull by head, any author, that is open or ended with this very commit. */
  openPull(
    pull: {
      readonly branch: string;
      readonly base: string;
      readonly title: string;
      readonly body: string;
      readonly draft: boolean;
      /** The head that was pushed; left out: nobody knows. */
      readonly commit?: string;
    },
    signal: AbortSignal,
  ): Promise<PullRef>;
}
