import { systemClock } from '../adapters/machine/clock.ts';
import type { Run } from '../core/model/run.ts';
import type { Ms } from '../core/model/seen.ts';
import { isRacer, rootOf, type Task } from '../core/model/task.ts';
import { byTurn } from '../core/start/schedule.ts';
import type { Store } from '../engine/ports/records/store.ts';
import type { Place } from '../place/place.ts';
import { openForReading } from './open.ts';

const FAILED_SHOWN = 20;
const REVIEW_SHOWN = 20;
const COMPLETED_SHOWN = 20;

/** Who must act first: questions, failures, what runs, what waits, what is in review, what is done today. */
export function shownTasks(store: Store, now: Ms): readonly Task[] {
  const open = store.openTasks();
  const of = (state: Task['state']): Task[] => open.filter((task) => task.state === state);
  return [
    ...of('blocked'),
    ...store.endedTasks({ state: 'failed', since: 0, limit: FAILED_SHOWN }),
    ...of('active'),
    ...of('pending').sort(byTurn),
    ...store.endedTasks({ state: 'review', since: 0, limit: REVIEW_SHOWN }),
    ...store.endedTasks({ state: 'completed', since: systemClock.startOfDay(now), limit: COMPLETED_SHOWN }),
  ];
}

export interface TaskReport {
  readonly task: Task;
  /** The run in hand, or the last one. */
  readonly run: Run | null;
  /** An attempt that is over, in a race that has its winner. */
  readonly isTold?: true;
}

/** Its last run, and whether it is an attempt that is over, in a race that is: the task that it was made for tells of both. */
export function reportOf(store: Store, task: Task): TaskReport {
  const run = 'run' in task && task.run !== null ? store.run(task.run) : null;
  const isOver = task.state === 'failed' || task.state === 'review' || task.state === 'completed';
  const race = isOver && isRacer(task.id) ? store.task(rootOf(task.id))?.race : undefined;
  const isTold = race?.winner !== undefined && race.racers.includes(task.id);
  return { task, run, ...(isTold ? { isTold } : {}) };
}

/** The same of a repository as it is now. */
export function tasksAt(place: Place): readonly Task[] {
  const store = openForReading(place);
  try {
    return shownTasks(store, Date.now());
  } finally {
    store.close();
  }
}
