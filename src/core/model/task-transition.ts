import type { Failure } from './failure.ts';
import type { Ms } from './seen.ts';
import {
  type Approval,
  branchAfter,
  type Heard,
  isRacer,
  type Priority,
  type PullOver,
  type PullRef,
  type Race,
  type Resume,
  type RunId,
  type Spent,
  type Task,
  type TaskFacts,
  type TaskIn,
  type Waiting,
} from './task.ts';

export type TaskEvent =
  /** `branch`: the one that is there already, where a worker is taken up that the store did not know. */
  | { readonly kind: 'started'; readonly run: RunId; readonly at: Ms; readonly branch?: string }
  /** The run ended and another follows. `burned`: it used an attempt up. */
  | { readonly kind: 'again'; readonly retryAt: Ms; readonly last: Failure; readonly resume: Resume | null; readonly burned: boolean }
  /** `inReview`: its pull is open, and what becomes of that is waited for. */
  | { readonly kind: 'completed'; readonly run: RunId; readonly at: Ms; readonly commit: string | null; readonly inReview: boolean }
  /** The life of its pull is over. */
  | { readonly kind: 'reviewed'; readonly over: PullOver }
  /** Its pull, which was closed without a merge, is open again. */
  | { readonly kind: 'reopened' }
  /** It is over while a further round on it was under way, or after one that failed. `commit`: the pull's head. */
  | { readonly kind: 'over'; readonly run: RunId; readonly at: Ms; readonly commit: string; readonly over: PullOver }
  | { readonly kind: 'failed'; readonly run: RunId | null; readonly at: Ms; readonly failure: Failure; readonly burned: boolean }
  | { readonly kind: 'blocked'; readonly run: RunId; readonly at: Ms; readonly question: string }
  /** Whoever ended it says why only now. */
  | { readonly kind: 'reworded'; readonly message: string }
  /** Its open pull asks for more work. */
  | { readonly kind: 'round'; readonly resume: Resume | null; readonly heard: Heard }
  /** Retried, answered, labelled again: as new, but for what it can resume. */
  | {
      readonly kind: 'rearmed';
      readonly resume: Resume | null;
      readonly armedBy: Task['armedBy'];
      /** When somebody wanted it again. */
      readonly at: Ms;
      /** Its pull was merged or closed: a fresh branch, and a pull of its own. */
      readonly afresh?: true;
      /** The label armed it: when, and not to start before `notBefore`. */
      readonly labelled?: { readonly at: Ms; readonly notBefore: Ms | null };
      /** A fresh branch, too, and the one before is dropped. */
      readonly drop?: true;
      /** It waits for the same racers again. */
      readonly race?: Race;
    }
  /** The push or pull of its last run was refused for good, and is tried again. */
  | { readonly kind: 'delivering'; readonly run: RunId; readonly at: Ms }
  /** What keeps it: the label's going ends it, or a person's word alone. */
  | { readonly kind: 'armed'; readonly by: Task['armedBy'] }
  | { readonly kind: 'described'; readonly title: string; readonly labels: readonly string[]; readonly paths?: readonly string[] }
  | { readonly kind: 'prioritised'; readonly priority: Priority }
  | { readonly kind: 'assigned'; readonly agent: string }
  | { readonly kind: 'ordered'; readonly order: number | null }
  | { readonly kind: 'paused'; readonly at: Ms | null }
  | { readonly kind: 'pull'; readonly pull: PullRef }
  | { readonly kind: 'approved'; readonly approved: Approval }
  /** Its attempts begin side by side, or one of them is chosen. */
  | { readonly kind: 'raced'; readonly race: Race }
  /** What the winner made is handed over: so is the task. */
  | { readonly kind: 'won'; readonly run: RunId; readonly at: Ms; readonly commit: string | null; readonly pull: PullRef | null }
  /** Null: it waits for no open issue any more. */
  | { readonly kind: 'waits'; readonly waits: Waiting | null }
  /** All that its runs have used so far: since it was last armed afresh, and in all. */
  | { readonly kind: 'spent'; readonly spent: Spent; readonly spentInAll: Spent };

/** The task's own facts, without those of its present state. */
function facts(task: Task): TaskFacts {
  const { id, title, priority, labels, addedAt, armedBy, order, branch, attempts, runs, pull, pausedAt, version } = task;
  const kept = { id, title, priority, labels, addedAt, armedBy, order, branch, attempts, runs, pull, pausedAt, version: version + 1 };
  const { spent, spentInAll, approved, rounds, heard, agent, paths, drops, armedAt, labelled, race } = task;
  return {
    ...kept,
    ...(spent === undefined ? {} : { spent }),
    ...(spentInAll === undefined ? {} : { spentInAll }),
    ...(approved === undefined ? {} : { approved }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(heard === undefined ? {} : { heard }),
    ...(agent === undefined ? {} : { agent }),
    ...(paths === undefined ? {} : { paths }),
    ...(armedAt === undefined ? {} : { armedAt }),
    ...(labelled === undefined ? {} : { labelled }),
    ...(drops === undefined ? {} : { drops }),
    ...(race === undefined ? {} : { race }),
  };
}

const ARMABLE: ReadonlySet<Task['state']> = new Set(['failed', 'blocked', 'completed', 'review']);

/** The task after the event, one version on; null when the event does not fit its state (it came too late and changes nothing). */
export function transitionTask(task: Task, event: TaskEvent): Task | null {
  const next = facts(task);
  switch (event.kind) {
    case 'started':
      return task.state === 'pending'
        ? {
            ...{ ...next, branch: event.branch ?? next.branch, runs: task.runs + 1 },
            ...{ state: 'active', run: event.run, startedAt: event.at, last: task.last },
          }
        : null;
    case 'again':
      if (task.state !== 'active') return null;
      return {
        ...next,
        attempts: task.attempts + (event.burned ? 1 : 0),
        state: 'pending',
        retryAt: event.retryAt,
        last: event.last,
        resume: event.resume,
      };
    case 'completed':
      return task.state === 'active' ? completed(next, event) : null;
    case 'reviewed':
      return task.state === 'review' ? reviewed(next, task, event.over) : null;
    case 'reopened':
      return task.state === 'completed' && task.over?.how === 'closed'
        ? { ...next, state: 'review', run: task.run, at: task.at, commit: task.commit }
        : null;
    case 'over': {
      if (task.rounds === undefined || task.state === 'completed' || task.state === 'review') return null;
      const { run, at, commit, over } = event;
      return { ...withoutRounds(next), attempts: 0, state: 'completed', run, at, commit, over };
    }
    case 'failed':
      if (task.state === 'completed' || task.state === 'review' || task.state === 'failed') return null;
      return {
        ...next,
        attempts: task.attempts + (event.burned ? 1 : 0),
        state: 'failed',
        run: event.run,
        at: event.at,
        failure: event.failure,
      };
    case 'reworded':
      return task.state === 'failed' ? { ...task, failure: { ...task.failure, message: event.message }, version: next.version } : null;
    case 'blocked':
      return task.state === 'active' ? { ...next, state: 'blocked', run: event.run, at: event.at, question: event.question } : null;
    case 'round': {
      if (task.state !== 'review') return null;
      const { resume, heard } = event;
      const after = rearmed(
        { ...next, rounds: (task.rounds ?? 0) + 1 },
        { kind: 'rearmed', resume, armedBy: task.armedBy, at: task.armedAt },
      );
      return { ...after, heard };
    }
    case 'rearmed':
      // One that waits for its next attempt need not wait.
      if (!ARMABLE.has(task.state) && !(task.state === 'pending' && task.last !== null)) return null;
      // A person's word: who stopped it in review, where nothing ran, has paused it.
      return rearmed(
        task.state === 'review' ? { ...next, ...byPerson(task), pausedAt: null, rounds: (task.rounds ?? 0) + 1 } : next,
        event,
      );
    case 'delivering':
      if (!isHandOver(task) || task.run !== event.run) return null;
      return { ...next, state: 'active', run: event.run, startedAt: event.at, last: null };
    case 'armed':
      return { ...task, armedBy: event.by, version: next.version };
    case 'described':
      return {
        ...{ ...task, title: event.title, labels: event.labels, version: next.version },
        ...(event.paths === undefined ? {} : { paths: event.paths }),
      };
    case 'prioritised':
      return { ...task, priority: event.priority, version: next.version };
    case 'assigned':
      return { ...task, agent: event.agent, version: next.version };
    case 'ordered':
      return { ...task, order: event.order, version: next.version };
    case 'paused':
      return { ...task, pausedAt: event.at, version: next.version };
    case 'pull':
      return { ...task, pull: event.pull, version: next.version };
    case 'approved':
      return { ...task, approved: event.approved, version: next.version };
    case 'raced':
      return task.state === 'pending' ? { ...task, race: event.race, version: next.version } : null;
    case 'won': {
      if (task.state !== 'pending' || task.race?.winner === undefined) return null;
      const { run, at, commit, pull } = event;
      return { ...next, attempts: 0, state: 'completed', run, at, commit, pull };
    }
    case 'waits':
      return task.state === 'pending' ? waiting(task, event.waits, next.version) : null;
    case 'spent':
      return { ...task, spent: event.spent, spentInAll: event.spentInAll, version: next.version };
  }
}

/** Its work is done, and waits only to be handed over: for a person, or for the choice among racers. */
const isHandOver = (task: Task): task is TaskIn<'failed' | 'blocked' | 'completed'> =>
  task.state === 'blocked' ||
  (task.state === 'failed' && task.failure.type === 'delivery_error') ||
  (task.state === 'completed' && task.pull === null && isRacer(task.id));

function waiting({ waits: _before, ...task }: TaskIn<'pending'>, waits: Waiting | null, version: number): Task {
  return { ...task, ...(waits === null ? {} : { waits }), version };
}

/** A person's word gives builds all of their rounds again. */
const byPerson = ({ heard }: Task): Pick<TaskFacts, 'heard'> => (heard === undefined ? {} : { heard: { ...heard, alone: 0 } });

/** What is taken up again after its pull's end is another piece of work, with a pull of its own. */
const withoutRounds = ({ rounds: _over, heard: _said, ...next }: TaskFacts): TaskFacts => next;

function completed(next: TaskFacts, { run, at, commit, inReview }: Extract<TaskEvent, { kind: 'completed' }>): Task {
  if (inReview) return { ...next, attempts: 0, state: 'review', run, at, commit };
  return { ...withoutRounds(next), attempts: 0, state: 'completed', run, at, commit };
}

const reviewed = (next: TaskFacts, { run, at, commit }: TaskIn<'review'>, over: PullOver): Task => ({
  ...withoutRounds(next),
  state: 'completed',
  run,
  at,
  commit,
  over,
});

const LABELLED_KEPT = 5;

/** A round is nobody's word to begin anew: it has the time of the one before. */
type Rearming = Omit<Extract<TaskEvent, { kind: 'rearmed' }>, 'at'> & { readonly at: Ms | undefined };

/** What was used counts on only where the same conversation goes on: a fresh attempt that a person wants has all of the budget. */
function rearmed({ spent, race: _over, ...next }: TaskFacts, { resume, armedBy, at, afresh, drop, labelled, race }: Rearming): Task {
  const kept = spent === undefined ? {} : { spentInAll: next.spentInAll ?? spent, ...(resume === null ? {} : { spent }) };
  const dropped = drop === true ? { drops: next.branch } : {};
  const facts =
    afresh === true || drop === true ? { ...withoutRounds(next), branch: branchAfter(next.branch), pull: null, ...dropped } : next;
  const byLabel = labelled === undefined ? {} : { labelled: [...(next.labelled ?? []), labelled.at].slice(-LABELLED_KEPT) };
  return {
    ...facts,
    ...kept,
    ...byLabel,
    ...(at === undefined ? {} : { armedAt: at }),
    ...(race === undefined ? {} : { race }),
    armedBy,
    attempts: 0,
    state: 'pending',
    retryAt: labelled?.notBefore ?? null,
    last: null,
    resume,
  };
}
