import type { BoardProblem } from '../core/board/view.ts';
import { composeBoard } from '../core/board/view-of.ts';
import { messageOf } from '../core/message-of.ts';
import type { Note, Plan } from '../core/plan.ts';
import type { Ms, Seen } from '../core/seen.ts';
import type { World } from '../core/world.ts';
import type { Context } from './context.ts';
import type { Allowance, BoardBase, BoardReading, Held } from './ports.ts';
import { watchUsage } from './usage-watch.ts';

/** What the daemon writes down about itself, so that `status` can tell what is seen and how old it is. */
export interface DaemonFact {
  readonly at: Ms;
  readonly draining: boolean;
  /** How many may run at the same time. */
  readonly slots: number;
  /** Dollars that a day may cost. */
  readonly usdPerDay?: number;
  /** What GitHub last said of the token's allowance. */
  readonly limit?: Allowance | null;
  readonly issues: SeenAt | null;
  readonly pulls: SeenAt | null;
  readonly notes: readonly Note[];
  readonly problems: readonly BoardProblem[];
  /** An edit of the board that waits for a person's word. */
  readonly held: BoardReading['held'];
  /** What holds the workers together; null: none was started yet. */
  readonly workers?: Held | null;
}

export type SeenAt =
  | { readonly known: true; readonly at: Ms; readonly count: number }
  | { readonly known: false; readonly because: string; readonly since: Ms };

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

export function createSurfaces({ ports, settings, policy }: Context): Surfaces {
  const { store, clock, log } = ports;
  const usage = watchUsage(ports);
  let counters = '';
  let fact = '';

  async function board(base: BoardBase, restore: boolean): Promise<BoardBase> {
    const now = clock.now();
    const completed = store.endedTasks({ state: 'completed', since: clock.startOfDay(now), limit: COMPLETED_SHOWN });
    const failed = store.endedTasks({ state: 'failed', since: 0, limit: FAILED_SHOWN });
    const runs = new Map(store.openRuns().map((run) => [run.id, run]));
    const tasks = [...store.openTasks(), ...completed, ...failed];
    const view = composeBoard({ tasks, runs, slots: policy().slots, trees: settings.trees, local: clock.local }, now);
    let stored = base;
    const record = (pending: BoardBase): void => {
      store.commit({ facts: { board: pending } });
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
      slots: policy().slots,
      usdPerDay: policy().limits.usdPerDay,
      limit: ports.forge?.limits?.() ?? null,
      issues: seenAt(world.issues),
      pulls: seenAt(world.pulls),
      notes: [...ownNotes(reading), ...plan.notes],
      problems,
      held,
      workers: ports.workers.held(),
    };
    const text = JSON.stringify(next);
    if (text === fact) return;
    store.commit({ facts: { daemon: { at: clock.now(), ...next } satisfies DaemonFact } });
    fact = text;
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
      await attempt('metrics', metrics, undefined);
      await attempt('daemon fact', () => daemon(world, plan, reading), undefined);
      await attempt('usage', () => usage(world), undefined);
      return next;
    },
  };
}

function seenAt(seen: Seen<readonly unknown[]>): SeenAt {
  return seen.known ? { known: true, at: seen.at, count: seen.value.length } : { known: false, because: seen.because, since: seen.since };
}
