import { traceLineage } from '../../../src/adapters/board/history/lineage.ts';
import { takeIn } from '../../../src/core/board/edit/take.ts';
import type { BoardBase } from '../../../src/core/board/line/base.ts';
import { planPublish } from '../../../src/core/board/show/plan.ts';
import type { Board, BoardReading } from '../../../src/engine/ports/repository/board.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';

/** `tasks.md` with the real reading, merging and writing; only the file is simulated. */
export function boardPort(stage: Stage, life: Life): Board {
  const { board } = stage;
  const { versions } = board;
  const lineage = traceLineage(versions);
  const reading = remembered<BoardReading>();
  const same = remembered<BoardBase>();

  function read(base: BoardBase, accept: string | undefined): BoardReading {
    const { text } = board;
    if (base.text !== null) versions.put(base.text);
    const isMeant = accept !== undefined && accept === tokenOf(text);
    const caught = text === null || isMeant ? text : lineage.catchUp(text, []);
    const { hold, ...taken } = takeIn(base, caught, versions.get, isMeant);
    if (hold === null && text !== null) lineage.latest = caught;
    return { ...taken, held: hold === null ? null : { ...hold, token: tokenOf(text) } };
  }

  /** By an exchange: what was saved since it was read comes out, and is brought in. What came out is known only once that is done. */
  async function swap(text: string, seen: string | null): Promise<'done' | 'held'> {
    const out: string[] = [];
    versions.put(text);
    const done = await life.call('board.publish/swap', () => {
      const now = board.text;
      if (now !== null && now !== seen && now.trim() === '') return 'held';
      if (now !== null) out.push(now);
      board.text = now === null || now === seen ? text : lineage.reconcile(now, seen, text, []);
      versions.put(board.text);
      lineage.latest = board.text;
      return 'done';
    });
    for (const known of [...(seen === null ? [] : [seen]), ...out]) versions.put(known);
    return done;
  }

  return {
    async read(base, { accept } = {}) {
      // A text counts as saved when nobody writes on it any more.
      while (board.isBeingSaved) await life.pause(10);
      stage.ticked();
      return life.call('board.read', () => reading([base, board.text, accept, lineage.latest], () => read(base, accept)));
    },
    async publish(view, base, { record, restore = false } = {}) {
      const seen = board.text;
      const unchanged = same.found([base, seen, JSON.stringify(view.lines), view.maxActive]);
      if (unchanged !== undefined && !restore) return life.call('board.publish', () => unchanged);
      const caught = seen === null ? null : lineage.catchUp(seen, []);
      const plan = await life.call('board.publish', () => planPublish(view, base, caught, versions.get, restore, seen));
      if (plan.kind === 'held') return base;
      if (plan.kind === 'same') {
        const next = JSON.stringify(plan.base) === JSON.stringify(base) ? base : plan.base;
        same.keep([next, seen, JSON.stringify(view.lines), view.maxActive], next);
        return next;
      }
      if (restore && seen !== null) board.copies.push(seen);
      await record?.({ ...base, next: { text: plan.base.text, memory: plan.base.memory ?? { lines: {}, spoken: [], names: {} } } });
      return (await swap(plan.text, seen)) === 'held' ? base : plan.base;
    },
    close: async () => undefined,
  };
}

const tokenOf = (text: string | null): string => `${text?.length ?? 0}`;

/** The last answer, for the same question asked again: what is asked is a pure function. */
function remembered<T>() {
  let question: readonly unknown[] = [];
  let answer: T | undefined;
  const found = (asked: readonly unknown[]): T | undefined =>
    answer !== undefined && asked.length === question.length && asked.every((part, at) => part === question[at]) ? answer : undefined;
  const keep = (asked: readonly unknown[], value: T): void => {
    question = asked;
    answer = value;
  };
  return Object.assign(
    (asked: readonly unknown[], compute: () => T): T => {
      const known = found(asked);
      if (known !== undefined) return known;
      const value = compute();
      keep(asked, value);
      return value;
    },
    { found, keep },
  );
}
