import type { Failure } from './failure.ts';
import type { Ms } from './seen.ts';
import type { Approval, Priority, PullRef, Resume, RunId, Spent, Task, TaskFacts, TaskIn, Waiting } from './task.ts';

export type TaskEvent =
  | { readonly kind: 'started'; readonly run: RunId; readonly at: Ms }
  /** The run ended and another follows. `burned`: it used an attempt up. */
  | { readonly kind: 'again'; readonly retryAt: Ms; readonly last: Failure; readonly resume: Resume | null; readonly burned: boolean }
  | { readonly kind: 'completed'; readonly run: RunId; readonly at: Ms; readonly commit: string | null }
  | { readonly kind: 'failed'; readonly run: RunId | null; readonly at: Ms; readonly failure: Failure; readonly burned: boolean }
  | { readonly kind: 'blocked'; readonly run: RunId; readonly at: Ms; readonly question: string }
  /** Retried, answered, labelled again: as new, but for what it can resume. */
  | { readonly kind: 'rearmed'; readonly resume: Resume | null; readonly armedBy: Task['armedBy'] }
  /** What keeps it: the label's going ends it, or a person's word alone. */
  | { readonly kind: 'armed'; readonly by: Task['armedBy'] }
  | { readonly kind: 'described'; readonly title: string; readonly labels: readonly string[] }
  | { readonly kind: 'prioritised'; readonly priority: Priority }
  | { readonly kind: 'ordered'; readonly order: number | null }
  | { readonly kind: 'paused'; readonly at: Ms | null }
  | { readonly kind: 'pull'; readonly pull: PullRef }
  | { readonly kind: 'approved'; readonly approved: Approval }
  /** Null: it waits for no open issue any more. */
  | { readonly kind: 'waits'; readonly waits: Waiting | null }
  /** All that its runs have used so far. */
  | { readonly kind: 'spent'; readonly spent: Spent };

/** The task's own facts, without those of its present state. */
function facts(task: Task): TaskFacts {
  const { id, title, priority, labels, addedAt, armedBy, order, branch, attempts, runs, pull, pausedAt, version } = task;
  const kept = { id, title, priority, labels, addedAt, armedBy, order, branch, attempts, runs, pull, pausedAt, version: version + 1 };
  const { spent, approved } = task;
  return { ...kept, ...(spent === undefined ? {} : { spent }), ...(approved === undefined ? {} : { approved }) };
}

const ARMABLE: ReadonlySet<Task['state']> = new Set(['failed', 'blocked', 'completed']);

/** The task after the event, one version on; null when the event does not fit its state (it came too late and changes nothing). */
export function transitionTask(task: Task, event: TaskEvent): Task | null {
  const next = facts(task);
  switch (event.kind) {
    case 'started':
      return task.state === 'pending'
        ? { ...next, runs: task.runs + 1, state: 'active', run: event.run, startedAt: event.at, last: task.last }
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
      return task.state === 'active'
        ? { ...next, attempts: 0, state: 'completed', run: event.run, at: event.at, commit: event.commit }
        : null;
    case 'failed':
      if (task.state === 'completed' || task.state === 'failed') return null;
      return {
        ...next,
        attempts: task.attempts + (event.burned ? 1 : 0),
        state: 'failed',
        run: event.run,
        at: event.at,
        failure: event.failure,
      };
    case 'blocked':
      return task.state === 'active' ? { ...next, state: 'blocked', run: event.run, at: event.at, question: event.question } : null;
    case 'rearmed':
      // One that waits for its next attempt need not wait.
      if (!ARMABLE.has(task.state) && !(task.state === 'pending' && task.last !== null)) return null;
      return rearmed(next, event);
    case 'armed':
      return { ...task, armedBy: event.by, version: next.version };
    case 'described':
      return { ...task, title: event.title, labels: event.labels, version: next.version };
    case 'prioritised':
      return { ...task, priority: event.priority, version: next.version };
    case 'ordered':
      return { ...task, order: event.order, version: next.version };
    case 'paused':
      return { ...task, pausedAt: event.at, version: next.version };
    case 'pull':
      return { ...task, pull: event.pull, version: next.version };
    case 'approved':
      return { ...task, approved: event.approved, version: next.version };
    case 'waits':
      return task.state === 'pending' ? waiting(task, event.waits, next.version) : null;
    case 'spent':
      return { ...task, spent: event.spent, version: next.version };
  }
}

function waiting({ waits: _before, ...task }: TaskIn<'pending'>, waits: Waiting | null, version: number): Task {
  return { ...task, ...(waits === null ? {} : { waits }), version };
}

/** What was used counts on only where the same conversation goes on: a fresh attempt that a person wants has all of the budget. */
function rearmed({ spent, ...next }: TaskFacts, { resume, armedBy }: Extract<TaskEvent, { kind: 'rearmed' }>): Task {
  const kept = resume === null || spent === undefined ? {} : { spent };
  return { ...next, ...kept, armedBy, attempts: 0, state: 'pending', retryAt: null, last: null, resume };
}
