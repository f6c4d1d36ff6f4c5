import { existsSync } from 'node:fs';
import { systemClock } from '../adapters/machine/clock.ts';
import { type LockHolder, lockHolder } from '../adapters/store/lock.ts';
import type { Damage } from '../adapters/store/open-or-begin.ts';
import { openSqliteStore } from '../adapters/store/sqlite.ts';
import { ALERTS_FACT, type Book } from '../core/alerts/alert.ts';
import { type Fleet, NEW_FLEET } from '../core/fleet.ts';
import { healthOf } from '../core/health.ts';
import { keptSights, PULLS_FACT, type PullSights } from '../core/pull-sights.ts';
import type { Counters } from '../core/records.ts';
import type { Run } from '../core/run.ts';
import { byTurn } from '../core/schedule.ts';
import type { Ms } from '../core/seen.ts';
import type { Task } from '../core/task.ts';
import { USAGE_FACT, type UsageFact } from '../core/usage.ts';
import type { Trouble } from '../engine/loop.ts';
import type { Store } from '../engine/ports.ts';
import type { DaemonFact } from '../engine/surfaces.ts';
import type { Place } from '../place.ts';

/** What `status` tells, read from the store alone: it waits for no git, no GitHub and no daemon. */
export interface StatusReport {
  readonly at: Ms;
  readonly root: string;
  /** Null: no daemon runs. */
  readonly daemon: LockHolder | null;
  readonly seen: DaemonFact | null;
  /** The loop's own failure, while it lasts. */
  readonly trouble: Trouble | null;
  /** The database was damaged and a new one begun, not long ago. */
  readonly damage: Damage | null;
  readonly slots: { readonly used: number; readonly of: number | null };
  readonly fleet: Fleet;
  readonly counters: Counters;
  readonly health: string;
  /** Conditions that people were told of and that hold. */
  readonly alerts: Book;
  /** The last look at the machine and the workers; null: none yet. */
  readonly usage: UsageFact | null;
  /** What is known of the tasks' pulls. */
  readonly pulls: PullSights;
  /** Dollars. */
  readonly spentToday: number;
  readonly counts: Readonly<Record<Task['state'], number>>;
  readonly tasks: readonly TaskReport[];
}

export interface TaskReport {
  readonly task: Task;
  /** The run in hand, or the last one. */
  readonly run: Run | null;
}

const FAILED_SHOWN = 20;
const COMPLETED_SHOWN = 20;
const EMPTY = { pending: 0, active: 0, completed: 0, failed: 0, blocked: 0 };
const NO_COUNTERS: Counters = { workers_launched: 0, workers_completed: 0, workers_failed: 0, worktree_errors: 0, prs_created: 0 };

export function readStatus(project: Place): StatusReport {
  const now = Date.now();
  const head = { at: now, root: project.root, daemon: lockHolder(project.locks) };
  if (!existsSync(project.database)) {
    return {
      ...head,
      seen: null,
      trouble: null,
      damage: null,
      slots: { used: 0, of: null },
      fleet: NEW_FLEET,
      counters: NO_COUNTERS,
      health: 'ok',
      alerts: [],
      usage: null,
      pulls: new Map(),
      spentToday: 0,
      counts: EMPTY,
      tasks: [],
    };
  }
  const store = openSqliteStore({ path: project.database, readOnly: true });
  try {
    const counts = store.countTasks();
    const counters = store.counters();
    const seen = store.fact<DaemonFact>('daemon');
    const fleet = { ...NEW_FLEET, ...store.fact<Fleet>('fleet') };
    return {
      ...head,
      seen,
      trouble: store.fact<Trouble>('trouble'),
      damage: recent(store.fact<Damage>('damage'), now),
      slots: { used: counts.active, of: seen?.slots ?? null },
      fleet,
      alerts: store.fact<Book>(ALERTS_FACT) ?? [],
      usage: store.fact<UsageFact>(USAGE_FACT),
      pulls: keptSights(store.fact(PULLS_FACT)),
      spentToday: fleet.day?.start === systemClock.startOfDay(now) ? fleet.day.usd : 0,
      counters,
      health: healthOf(counters),
      counts,
      tasks: readTasks(store, now),
    };
  } finally {
    store.close();
  }
}

/** Said for a week; the file stays. */
const DAMAGE_SHOWN: Ms = 7 * 24 * 60 * 60_000;
const recent = (damage: Damage | null, now: Ms): Damage | null => (damage === null || now - damage.at > DAMAGE_SHOWN ? null : damage);

/** Who must act first: questions, failures, what runs, what waits, what is done today. */
function readTasks(store: Store, now: Ms): readonly TaskReport[] {
  const open = store.openTasks();
  const of = (state: Task['state']): Task[] => open.filter((task) => task.state === state);
  const tasks = [
    ...of('blocked'),
    ...store.endedTasks({ state: 'failed', since: 0, limit: FAILED_SHOWN }),
    ...of('active'),
    ...of('pending').sort(byTurn),
    ...store.endedTasks({ state: 'completed', since: systemClock.startOfDay(now), limit: COMPLETED_SHOWN }),
  ];
  return tasks.map((task) => ({ task, run: 'run' in task && task.run !== null ? store.run(task.run) : null }));
}

/** All that the daemon said of why the task does not go on, or wrote down of it; null: nothing. */
export function waitsFor({ id, waits }: Task, seen: DaemonFact | null): readonly string[] | null {
  const texts = (seen?.notes ?? []).flatMap(({ task, text }) => (task === id ? [text] : []));
  if (texts.length > 0) return texts;
  return waits === undefined ? null : [waits.on];
}
