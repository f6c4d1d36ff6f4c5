import { type Chore, type Measured, nameOf, type Standing } from '../../core/model/household.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { performChore } from '../perform/chore.ts';
import type { Context } from '../ports/context.ts';
import { forAMoment } from './for-a-moment.ts';

/** Chores under way or waiting: few at a time, each at most once, in nobody's way. */
export interface Chores {
  readonly busy: ReadonlySet<string>;
  readonly refused: ReadonlyMap<string, { readonly message: string; readonly until: Ms }>;
  /** When a snapshot of a run was begun last. */
  readonly snapshots: ReadonlyMap<RunId, Ms>;
  /** Since when what stands in a run's worktree is as it is. */
  readonly standing: ReadonlyMap<RunId, Standing>;
  /** How much disk each run's task uses. */
  readonly measured: ReadonlyMap<RunId, Measured>;
  launch(chore: Chore): void;
  /** Waiting ones are dropped; those under way are waited for a moment. */
  close(): Promise<void>;
}

export interface ChoresOptions {
  readonly wake: () => void;
  /** It is done and need not be asked for again. */
  readonly onDone: (name: string) => void;
}

const SIDE_BY_SIDE = 2;
const AGAIN_AFTER: Ms = 10 * 60_000;

export function createChores(context: Context, { wake, onDone }: ChoresOptions): Chores {
  const { clock, log } = context.ports;
  const busy = new Set<string>();
  const refused = new Map<string, { message: string; until: Ms }>();
  const snapshots = new Map<RunId, Ms>();
  const prints = new Map<RunId, string>();
  const standing = new Map<RunId, Standing>();
  const measured = new Map<RunId, Measured>();
  const waiting: Chore[] = [];
  const underWay = new Set<Promise<void>>();
  let closed = false;

  async function run(chore: Chore): Promise<void> {
    const name = nameOf(chore);
    try {
      if (chore.kind === 'snapshot') snapshots.set(chore.run, clock.now());
      const asked = clock.now();
      const found = await performChore({ ...context.ports, policy: context.policy() }, chore, () => closed);
      if (chore.kind === 'snapshot' && typeof found === 'string') notePrint(chore.run, found, asked);
      if (chore.kind === 'measure' && typeof found === 'number')
        measured.set(chore.run, { bytes: found, at: asked, took: clock.now() - asked });
      refused.delete(name);
      onDone(name);
    } catch (error) {
      if (closed) return;
      const message = messageOf(error);
      log.warn(`${name}: ${message}`);
      refused.set(name, { message, until: chore.kind === 'snapshot' ? clock.now() : clock.now() + AGAIN_AFTER });
    }
  }

  function notePrint(run: RunId, print: string, seenAt: Ms): void {
    const since = prints.get(run) === print ? (standing.get(run)?.since ?? seenAt) : seenAt;
    prints.set(run, print);
    standing.set(run, { since, seenAt });
  }

  function pump(): void {
    while (!closed && underWay.size < SIDE_BY_SIDE) {
      const chore = waiting.shift();
      if (chore === undefined) return;
      const work = run(chore).finally(() => {
        underWay.delete(work);
        busy.delete(nameOf(chore));
        pump();
        wake();
      });
      underWay.add(work);
    }
  }

  return {
    busy,
    refused,
    snapshots,
    standing,
    measured,
    launch(chore) {
      if (closed || busy.has(nameOf(chore))) return;
      busy.add(nameOf(chore));
      waiting.push(chore);
      pump();
    },
    async close() {
      closed = true;
      waiting.length = 0;
      await forAMoment(clock, underWay);
    },
  };
}
