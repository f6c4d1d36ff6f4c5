import type { RunIn, Settlement } from '../model/run.ts';
import { isRacer, issueNumber, type TaskId } from '../model/task.ts';
import { endOfRound } from '../review/review.ts';
import { mayDeliver, raceOf } from '../steer/racers.ts';
import type { StepKind } from '../tick/plan.ts';
import { isOverMeanwhile, leftBehind } from '../words/left-behind.ts';
import type { Case } from './case.ts';
import { explain, isExplained } from './explain.ts';
import { finish } from './finish.ts';
import { hold, judge, makeWay, reject } from './judge.ts';

/** Steps that are decided here and now; every other one is an action, which the engine does. */
type Decision = 'explain' | 'judge' | 'reject' | 'hold' | 'make-way' | 'finish';

/** Whether a run still needs the step. Its result is a fact on the run or the task, so that it is done once. */
interface Due {
  readonly isDue: (at: Case) => boolean;
}

interface Done extends Due {
  /** What stands in its place once it was refused too often; without it the step is tried for ever. */
  readonly without?: Partial<Settlement>;
  /** What the task fails with where it is refused for good. */
  readonly refused?: 'delivery_error' | 'worktree_error';
}

interface Decided extends Due {
  /** Answers whether the next step may follow in the same tick. */
  readonly decide: (at: Case) => boolean;
}

/** A step that has no row does not compile. */
type Table = { readonly [K in StepKind]: Done } & { readonly [K in Decision]: Decided };
export type Step<K extends keyof Table = keyof Table> = { [P in K]: readonly [P, Table[P]] }[K];

/**
 * Everything that happens after a run's end, in this order: the first step that is due is the next one. A daemon that dies in between goes on
 * with it, and a step that was done but not written down is done again without harm.
 */
const TABLE: Table = {
  /** A snapshot of everything as the dead left it, before anything touches it. */
  save: { isDue: ({ run }) => hasTree(run) && run.settlement.saved === undefined, without: { saved: { ref: null, commit: null } } },
  /** After an end that was not the agent's own: its locks, a half rebase, HEAD back on the task's branch. */
  mend: { isDue: ({ run }) => hasTree(run) && wasCutOff(run) && run.settlement.mended === undefined, without: { mended: { done: [] } } },
  /** A STOP file is read to its end: people write the reason after they have made the file. */
  explain: { isDue: ({ run }) => hasTree(run) && !isExplained(run), decide: explain },
  /** For `stopped`: all that is uncommitted, as a commit `WIP: stopped by …` on the task's branch. */
  commit: { isDue: ({ run }) => hasTree(run) && wasStopped(run) && run.settlement.wip === undefined, without: { wip: { commit: null } } },
  /** What git says of it now, after it was set right as `mend` does where that was not done yet. */
  inspect: { isDue: ({ run }) => hasTree(run) && run.settlement.inspection === undefined, refused: 'worktree_error' },
  judge: { isDue: ({ run }) => run.settlement.outcome === undefined, decide: judge },

  /** The checks of `pulls.verify`. */
  verify: { isDue: (at) => isDelivered(at) && at.policy.pulls.verify && at.run.settlement.verified === undefined },
  reject: { isDue: ({ run }) => isDone(run) && run.settlement.verified?.ok === false, decide: reject },
  push: {
    isDue: (at) => isHandedOver(at) && isUntold(at.run.settlement),
    refused: 'delivery_error',
  },
  /** A person has to see first what the push would bring. */
  hold: { isDue: ({ run }) => isDone(run) && run.settlement.held !== undefined, decide: hold },
  /** Somebody else's commits are there: the agent brings both together. */
  'make-way': { isDue: ({ run }) => isDone(run) && run.settlement.overtaken !== undefined, decide: makeWay },
  'open-pull': { isDue: (at) => isHandedOver(at) && hasIssue(at) && at.run.settlement.pull === undefined, refused: 'delivery_error' },

  'log-end': { isDue: ({ run }) => run.settlement.logged === undefined },
  /** The task takes the run's outcome before the issue is told, so that no slot waits for GitHub. */
  finish: { isDue: ({ draft, run }) => draft.tasks.get(run.task)?.state === 'active', decide: finish },
  comment: {
    isDue: (at) => at.policy.comment && hasIssue(at) && isWorthTelling(at) && at.run.settlement.commented === undefined,
  },
};

export const STEPS = Object.entries(TABLE) as readonly Step[];

export const isDecision = (step: Step): step is Step<Decision> => 'decide' in step[1];

/** It is not judged yet, and its worktree was made. */
const hasTree = (run: RunIn<'ended'>): boolean => run.settlement.outcome === undefined && run.baseCommit !== null;

const hasRun = (run: RunIn<'ended'>): boolean => run.startedAt !== null || run.exit !== null;

/** It did not end by itself: what it had in hand is half done. */
const wasCutOff = (run: RunIn<'ended'>): boolean =>
  hasRun(run) && (run.cause !== null || run.rebooted || run.exit === null || run.exit.code > 128);

const wasStopped = (run: RunIn<'ended'>): boolean => hasRun(run) && run.cause?.type === 'stopped';

const isDone = (run: RunIn<'ended'>): boolean => run.settlement.outcome?.kind === 'done';

/** Nothing goes onto a pull that is over. */
const isDelivered = ({ draft, world, policy, run }: Case): boolean =>
  isDone(run) && endOfRound(draft.tasks.get(run.task), world.pullSights, policy.pulls) === null;

/** Of attempts side by side the chosen one alone is. */
const isHandedOver = (at: Case): boolean => isDelivered(at) && mayDeliver(at.draft.tasks, at.run.task);

/** Nothing came of its push yet. */
const isUntold = ({ pushed, held, overtaken }: Settlement): boolean => [pushed, held, overtaken].every((one) => one === undefined);

const hasIssue = ({ world, run }: Case): boolean => world.forge === 'github' && issueNumber(run.task) !== null;

const isLast = ({ tasks }: Case['draft'], id: TaskId): boolean =>
  (raceOf(tasks, id)?.racers ?? []).every((one) => tasks.get(one)?.state === 'failed');

/** An end that a person should know of. */
function isWorthTelling({ draft, run }: Case): boolean {
  const kind = run.settlement.outcome?.kind;
  const task = draft.tasks.get(run.task);
  if (task !== undefined && isOverMeanwhile(task, run)) return kind === 'done' || leftBehind(task, run) !== null;
  if (isRacer(run.task) && kind === 'done') return mayDeliver(draft.tasks, run.task);
  // Where another attempt may get there, that this one did not is no news.
  if (isRacer(run.task) && kind === 'failed') return isLast(draft, run.task);
  return kind === 'done' || kind === 'blocked' || draft.tasks.get(run.task)?.state === 'failed';
}
