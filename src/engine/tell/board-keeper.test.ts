import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BoardBase, BoardMemory } from '../../core/board/line/base.ts';
import type { Commit } from '../../core/model/records.ts';
import { keepBoard } from './board-keeper.ts';

/** Facts as a store keeps them; `full`: nothing can be written. */
function facts(first: Record<string, unknown> = {}) {
  const kept = new Map(Object.entries(first).map(([name, value]) => [name, JSON.stringify(value)]));
  const state = { full: false, written: 0 };
  return {
    state,
    fact: (name: string) => JSON.parse(kept.get(name) ?? 'null'),
    commit(commit: Commit): void {
      if (state.full) throw new Error('database or disk is full');
      for (const [name, value] of Object.entries(commit.facts ?? {})) {
        if (value === undefined) kept.delete(name);
        else kept.set(name, JSON.stringify(value));
        state.written += JSON.stringify(value)?.length ?? 0;
      }
    },
  };
}

const LINES = Array.from({ length: 300 }, (_, n) => `[] local-${n}: Something to do`);
const textOf = (lines: readonly string[], version: number): string =>
  `# Work Queue\n**Last updated:** 2026-11-22 14:03:${String(version % 60).padStart(2, '0')}\n\n${lines.join('\n')}\n`;

const memory: fc.Arbitrary<BoardMemory> = fc.record(
  {
    lines: fc.dictionary(
      fc.integer({ min: 1, max: 90 }).map((n) => `gh-${n}`),
      fc.record({
        section: fc.constantFrom('pending' as const, 'completed' as const),
        title: fc.constantFrom('a', 'b'),
        details: fc.array(fc.constantFrom('- PR: #1', '- Note: x'), { maxLength: 2 }),
      }),
      { maxKeys: 80 },
    ),
    strangers: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
    spoken: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
    names: fc.constant({}),
  },
  { requiredKeys: ['lines', 'spoken', 'names'] },
);
const text = fc
  .record({ at: fc.integer({ min: 0, max: 299 }), line: fc.string({ maxLength: 9 }), version: fc.nat(99), few: fc.boolean() })
  .map(({ at, line, version, few }) => textOf(few ? [line] : LINES.with(at, line), version));
const base: fc.Arbitrary<BoardBase> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      { text, memory, next: fc.record({ text, memory }), given: fc.constant({ k: 'local-1' as const }) },
      { requiredKeys: ['text', 'memory'] },
    ),
  },
  fc.record({ text: fc.oneof(text, fc.constant(null)) }),
);

test('whatever is kept is read again, after each commit and after one that failed', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ base, full: fc.boolean(), restart: fc.boolean() }), { maxLength: 12 }), (steps) => {
      const store = facts();
      let keeper = keepBoard(store);
      let last: BoardBase = { text: null };
      for (const { base: next, full, restart } of steps) {
        store.state.full = full;
        if (full) expect(() => keeper.commit(next)).toThrow('full');
        else {
          keeper.commit(next, { facts: { other: 1 } });
          last = next;
        }
        if (restart) {
          keeper = keepBoard(store);
          keeper.read();
        }
        expect(keepBoard(store).read()).toEqual(last);
      }
    }),
  );
});

test('an event on a long board is a small fact', () => {
  const store = facts();
  const keeper = keepBoard(store);
  const nothing = { lines: {}, spoken: [], names: {} };
  keeper.commit({ text: textOf(LINES, 1), memory: nothing });
  store.state.written = 0;
  const now = { text: textOf(LINES.with(150, 'x'), 2), memory: nothing };
  keeper.commit({ text: textOf(LINES, 1), memory: nothing, next: now });
  keeper.commit(now);
  expect(store.state.written).toBeLessThan(1_000);
});

test('what a version before this one kept is read, and is told by differences from then on', () => {
  const old: BoardBase = { text: textOf(LINES, 1), memory: { lines: {}, spoken: ['x'], names: {} } };
  const store = facts({ board: old });
  const keeper = keepBoard(store);
  expect(keeper.read()).toEqual(old);
  keeper.commit({ ...old, text: textOf(LINES, 2) });
  expect(keepBoard(store).read()).toEqual({ ...old, text: textOf(LINES, 2) });
});

test('after a version before this one has written the base alone, that is gone on from', () => {
  const store = facts();
  const keeper = keepBoard(store);
  const nothing = { lines: {}, spoken: [], names: {} };
  keeper.commit({ text: textOf(LINES, 1), memory: nothing });
  keeper.commit({ text: textOf(LINES, 2), memory: nothing });
  const older = { text: textOf(LINES.with(1, 'x'), 3), memory: nothing };
  store.commit({ facts: { board: older } });
  expect(keepBoard(store).read()).toEqual(older);
});
