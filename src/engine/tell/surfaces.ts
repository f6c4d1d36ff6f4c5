import type { BoardBase } from '../../core/board/line/base.ts';
import type { BoardView } from '../../core/board/text/view.ts';
import { composeBoard } from '../../core/explain/board-view.ts';
import type { Run } from '../../core/model/run.ts';
import type { Seen } from '../../core/model/seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Note, Plan } from '../../core/tick/plan.ts';
import { eventfulIn } from '../../core/tick/tasks.ts';
import type { World } from '../../core/tick/world.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Context } from '../ports/context.ts';
import type { DaemonFact, SeenAt } from '../ports/records/facts.ts';
import type { BoardReading } from '../ports/repository/board.ts';
import { watchUsage } from '../watch/usage-watch.ts';
import type { BoardKeeper } from './board-keeper.ts';

export interface Surfaces {
  /** Board, metrics and the daemon's own fact; each only where it changed. Answers the board's new base. */
  publish(tick: {
    readonly world: World;
    readonly plan: Plan;
    /** Null: the board could not be read. */
    readonly reading: BoardReading | null;
    readonly base: BoardBase;
  }): Promise<BoardBase>;
}

/** Failed tasks that the board shows at most. */
const FAILED_SHOWN = 500;
const COMPLETED_SHOWN = 2_000;

export function createSurfaces({ ports, settings, policy }: Context, keeper: BoardKeeper): Surfaces {
  const { store, clock, log } = ports;
  const usage = watchUsage(ports);
  const compose = composer(ports, () => ({ slots: policy().slots, trees: settings.trees }));
  const logs = new Map<TaskId, RunId>();
  let counters = '';
  let fact = '';

  async function board(base: BoardBase, restore: boolean): Promise<BoardBase> {
    const view = compose();
    let stored = base;
    const record = (pending: BoardBase): void => {
      keeper.commit(pending);
      stored = pending;
    };
    try {
      const next = await ports.board.publish(view, base, { record, restore });
      if (next !== base) record(next);
      return next;
    } catch (error) {
      // What was recorded before the file was touched is what the next look starts from, whether or not the write took place.
      log.error(`tasks.md: ${messageOf(error)}`);
      return stored;
    }
  }

  async function metrics(): Promise<void> {
    const now = store.counters();
    const text = JSON.stringify(now);
    if (text === counters) return;
    await ports.surroundings.publishMetrics(now, clock.now());
    counters = text;
  }

  function daemon(world: World, plan: Plan, reading: BoardReading | null): void {
    const { problems = [], held = null } = reading ?? {};
    const next = {
      draining: world.draining,
      pid: process.pid,
      slots: policy().slots,
      usdPerDay: policy().limits.usdPerDay,
      interval: settings.pollInterval(),
      limit: ports.forge?.limits() ?? null,
      issues: seenAt(world.issues),
      pulls: seenAt(world.pulls),
      notes: [...ownNotes(reading), ...plan.notes],
      problems,
      held,
      workers: ports.workers.holding(),
      ...(settings.sandbox === undefined ? {} : { sandbox: settings.sandbox }),
    };
    const text = JSON.stringify(next);
    if (text === fact) return;
    store.commit({ facts: { daemon: { at: clock.now(), ...next } satisfies DaemonFact } });
    fact = text;
  }

  /** The log of a task that several attempts are for names the chosen one's, before that the one of an attempt that works. */
  async function nameLogs({ tasks, runs }: World): Promise<void> {
    for (const { id, state, race } of eventfulIn(tasks)) {
      if (state !== 'pending' || race === undefined) continue;
      const named = race.winner === undefined ? race.racers : [race.winner];
      const run = runs.filter(({ task }) => named.includes(task)).toSorted((a, b) => inTurn(a, named) - inTurn(b, named))[0];
      if (run === undefined || logs.get(id) === run.id) continue;
      await ports.runLog.name(id, run);
      logs.set(id, run.id);
    }
  }

  /** What is wrong with the files that people write. */
  function ownNotes(reading: BoardReading | null): readonly Note[] {
    const board = reading === null ? 'tasks.md cannot be read: logs/tac8.log says why' : null;
    return [settings.complaint?.() ?? null, board].flatMap((text) => (text === null ? [] : [{ task: null, text, until: null }]));
  }

  /** One surface that cannot be written does not keep the others from it, nor the work from going on. */
  async function attempt<T>(what: string, write: () => Promise<T> | T, otherwise: T): Promise<T> {
    try {
      return await write();
    } catch (error) {
      log.error(`${what}: ${messageOf(error)}`);
      return otherwise;
    }
  }

  return {
    async publish({ world, plan, reading, base }) {
      const next = await board(base, plan.restoreBoard);
      await attempt('logs', () => nameLogs(world), undefined);
      await attempt('metrics', metrics, undefined);
      await attempt('daemon fact', () => daemon(world, plan, reading), undefined);
      await attempt('usage', () => usage(world), undefined);
      return next;
    },
  };
}

/** Those that work come first, then as the setting has them. */
const inTurn = (run: Run, named: readonly TaskId[]): number =>
  (run.state === 'running' || run.state === 'stopping' ? 0 : 1_000) + named.indexOf(run.task);

/** Composes the board; one of which nothing has changed has the very lines of the one before. */
function composer({ store, clock }: Context['ports'], settings: () => { readonly slots: number; readonly trees: string }): () => BoardView {
  let last: { readonly rests: readonly unknown[]; readonly view: BoardView } | null = null;
  return () => {
    const now = clock.now();
    const since = clock.startOfDay(now);
    const ended = (['completed', 'review'] as const).map((state) => store.endedTasks({ state, since, limit: COMPLETED_SHOWN }));
    const failed = store.endedTasks({ state: 'failed', since: 0, limit: FAILED_SHOWN });
    const open = store.openTasks();
    const runs = store.openRuns();
    const { slots, trees } = settings();
    const rests = [...ended, failed, open, runs.map(shownOf).join(), slots, trees];
    if (last !== null && rests.every((one, n) => one === last?.rests[n])) return { ...last.view, updatedAt: clock.local(now) };
    const source = {
      open,
      ended: [...ended.flat(), ...failed],
      runs: new Map(runs.map((run) => [run.id, run])),
      slots,
      trees,
      local: clock.local,
    };
    last = { rests, view: composeBoard(source, now) };
    return last.view;
  };
}

/** What the board shows of a run. */
const shownOf = (run: Run): string => {
  const pid = run.state === 'running' || run.state === 'stopping' ? run.process.pid : '';
  return `${run.id} ${pid} ${run.settlement.pull?.url ?? ''}`;
};

function seenAt(seen: Seen<readonly unknown[]>): SeenAt {
  return seen.known ? { known: true, at: seen.at, count: seen.value.length } : { known: false, because: seen.because, since: seen.since };
}
