import type { BoardBase } from '../../core/board/line/base.ts';
import { packBase, unpackBase, type WholeBase } from '../../core/board/line/packed-base.ts';
import type { Commit } from '../../core/model/records.ts';
import type { Plan } from '../../core/tick/plan.ts';
import type { Store } from '../ports/records/store.ts';
import type { BoardReading } from '../ports/repository/board.ts';

/** The board's base in the store: whole once, from then on what differs from that. */
export interface BoardKeeper {
  read(): BoardBase;
  /** In one transaction with the rest of the commit. */
  commit(base: BoardBase, rest?: Commit): void;
}

const isWhole = (base: BoardBase & { readonly whole?: number }): base is BoardBase & WholeBase =>
  base.whole !== undefined && base.text !== null && base.memory !== undefined;

export function keepBoard(store: Pick<Store, 'fact' | 'commit'>): BoardKeeper {
  /** The number of the last whole one. */
  let last = store.fact('board')?.whole ?? 0;
  let whole: WholeBase | null = null;
  return {
    read() {
      const found = store.fact('board') ?? { text: null };
      last = found.whole ?? 0;
      whole = isWhole(found) ? { whole: found.whole, text: found.text, memory: found.memory } : null;
      const { whole: _, ...base } = found;
      const delta = store.fact('board-delta');
      // A version before this one writes the base alone: what differs from another is of no use then.
      return whole === null || delta === null ? base : (unpackBase(whole, delta) ?? base);
    },
    commit(base, rest = {}) {
      const delta = whole === null ? null : packBase(whole, base);
      if (delta !== null) {
        store.commit({ ...rest, facts: { ...rest.facts, 'board-delta': delta } });
        return;
      }
      const fresh = { ...base, whole: last + 1 };
      store.commit({ ...rest, facts: { ...rest.facts, board: fresh, 'board-delta': undefined } });
      // Only now is it there to be referred to.
      last = fresh.whole;
      whole = isWhole(fresh) ? { whole: fresh.whole, text: fresh.text, memory: fresh.memory } : null;
    },
  };
}

/** The board's base once this tick's intents are in the store: written in the same transaction, so that no edit counts twice. */
export function takenIn(base: BoardBase, reading: BoardReading | null, plan: Plan): BoardBase {
  if (reading === null) return base;
  const next = reading.base;
  if (plan.addKeys.size === 0) return next.text === base.text && next.next === base.next ? base : next;
  const given = Object.fromEntries([...plan.addKeys].map(([task, key]) => [key, task]));
  return { ...next, given: { ...next.given, ...given } };
}
