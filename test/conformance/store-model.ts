import fc from 'fast-check';
import { expect } from 'vitest';
import type { Commit, HistoryEntry } from '../../src/core/model/records.ts';
import type { Run } from '../../src/core/model/run.ts';
import type { Task } from '../../src/core/model/task.ts';
import type { Store } from '../../src/engine/ports/records/store.ts';
import type { StoreRoom } from './store.ts';
import { sampleRun, sampleTask, taskId } from './store-samples.ts';

const TASKS = 4;
const RUNS = 4;
const STATES = ['pending', 'active', 'completed', 'failed', 'blocked'] as const;

interface Model {
  readonly tasks: readonly Task[];
  readonly runs: readonly Run[];
  readonly history: readonly HistoryEntry[];
  readonly launched: number;
  readonly base: number | null;
}

/** Mostly the version that is there, so that commits get through; else one out of the air. */
type Expected = 'right' | number | null;
const expectation: fc.Arbitrary<Expected> = fc.oneof(
  { weight: 9, arbitrary: fc.constant('right' as const) },
  fc.option(fc.nat(3), { nil: null }),
);
interface Write<T> {
  readonly next: T;
  readonly expected: Expected;
}
type Draft = Omit<Commit, 'tasks' | 'runs'> & { readonly tasks: readonly Write<Task>[]; readonly runs: readonly Write<Run>[] };
const put = <T>(sample: fc.Arbitrary<T>) => fc.record({ next: sample, expected: expectation });
// Few values, so that many tasks end at the same time.
const at = fc.integer({ min: 1, max: 4 });
const drafts: fc.Arbitrary<Draft> = fc.record({
  tasks: fc.array(
    put(fc.tuple(fc.nat(TASKS - 1), fc.constantFrom(...STATES), at).map(([n, state, end]) => sampleTask(n + 1, state, end))),
    {
      maxLength: 3,
    },
  ),
  runs: fc.array(
    put(
      fc
        .tuple(fc.nat(RUNS - 1), fc.nat(TASKS - 1), fc.constantFrom('preparing' as const, 'settled' as const), at)
        .map(([n, task, state, created]) => sampleRun(n, taskId(task + 1), state, created)),
    ),
    { maxLength: 2 },
  ),
  history: fc.array(
    fc.record({
      at,
      task: fc.constantFrom(null, taskId(1), taskId(2)),
      run: fc.constant(null),
      event: fc.string(),
      detail: fc.string({ unit: 'grapheme' }),
    }),
    { maxLength: 2 },
  ),
  counters: fc.record({ workers_launched: fc.nat(3) }),
  facts: fc.record({ base: fc.nat(9) }, { requiredKeys: [] }),
});

function resolved<T extends { readonly id: string; readonly version: number }>(rows: readonly T[], writes: readonly Write<T>[]) {
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  return writes.map(({ next, expected }) => {
    const found = versions.get(next.id) ?? null;
    versions.set(next.id, found === null ? next.version : found + 1);
    return { next, expected: expected === 'right' ? found : expected };
  });
}

/** The rows after the writes, or null where one of them must be refused. */
function written<T extends { readonly id: string; readonly version: number }>(
  rows: readonly T[],
  writes: Iterable<{ readonly next: T; readonly expected: number | null }>,
): readonly T[] | null {
  let after = rows;
  for (const { next, expected } of writes) {
    const before = after.find(({ id }) => id === next.id);
    if ((before?.version ?? null) !== expected) return null;
    const row = { ...next, version: before ? before.version + 1 : next.version };
    after = before ? after.map((old) => (old === before ? row : old)) : [...after, row];
  }
  return after;
}

function next(model: Model, commit: Commit): Model | null {
  const tasks = written(model.tasks, commit.tasks ?? []);
  const runs = written(model.runs, commit.runs ?? []);
  if (!tasks || !runs || !(commit.runs ?? []).every((run) => tasks.some(({ id }) => id === run.next.task))) return null;
  const base = commit.facts && 'base' in commit.facts ? Number(commit.facts.base) : model.base;
  const launched = model.launched + (commit.counters?.workers_launched ?? 0);
  return { tasks, runs, history: [...model.history, ...(commit.history ?? [])], launched, base };
}

function expectSame(store: Store, model: Model): void {
  const end = (task: Task): number => (task.state === 'completed' || task.state === 'failed' ? task.at : 0);
  expect(store.openTasks()).toEqual(model.tasks.filter((task) => end(task) === 0));
  for (const state of ['completed', 'failed'] as const) {
    const ended = model.tasks.filter((task) => task.state === state && end(task) >= 2);
    expect(store.endedTasks({ state, since: 2, limit: 3 })).toEqual(
      ended
        .toReversed()
        .sort((a, b) => end(b) - end(a))
        .slice(0, 3),
    );
  }
  expect(store.countTasks()).toEqual(
    Object.fromEntries(STATES.map((state) => [state, model.tasks.filter((task) => task.state === state).length])),
  );
  expect(store.openRuns()).toEqual(model.runs.filter(({ state }) => state !== 'settled'));
  for (let n = 1; n <= TASKS; n++) {
    const own = model.runs.filter(({ task }) => task === taskId(n));
    expect(store.runsOf(taskId(n))).toEqual(own.toSorted((a, b) => a.createdAt - b.createdAt));
  }
  expect(store.history({ limit: 99 })).toEqual(model.history.toReversed());
  expect(store.history({ task: taskId(1), limit: 99 })).toEqual(model.history.filter(({ task }) => task === taskId(1)).toReversed());
  expect(store.counters().workers_launched).toBe(model.launched);
  expect(store.fact('base')).toBe(model.base);
}

const isSomething = ({ tasks = [], runs = [], history = [], facts = {}, counters = {} }: Commit): boolean =>
  tasks.length + runs.length + history.length + Object.keys(facts).length > 0 || (counters.workers_launched ?? 0) > 0;

/** Random commits, half of them through a second handle; after each the store says what the model says. */
export function checkAgainstModel(makeRoom: () => StoreRoom): void {
  const steps = fc.array(fc.record({ draft: drafts, handle: fc.nat(1) }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(steps, (series) => {
      const room = makeRoom();
      try {
        const handles = [room.open(), room.open()] as const;
        let model: Model = { tasks: [], runs: [], history: [], launched: 0, base: null };
        for (const { draft, handle } of series) {
          const commit = { ...draft, tasks: resolved(model.tasks, draft.tasks), runs: resolved(model.runs, draft.runs) };
          const store = handle === 0 ? handles[0] : handles[1];
          const after = next(model, commit);
          const before = handles.map((one) => one.changes());
          if (after) store.commit(commit);
          else expect(() => store.commit(commit)).toThrow();
          if (after && isSomething(commit)) for (const [n, one] of handles.entries()) expect(one.changes()).not.toBe(before[n]);
          model = after ?? model;
          expectSame(handles[0], model);
        }
      } finally {
        room.dispose();
      }
    }),
    { numRuns: 50 },
  );
}
