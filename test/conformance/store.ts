import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endingOf } from '../../src/core/model/records.ts';
import { PortError } from '../../src/engine/ports/error.ts';
import { ConflictError, type Store } from '../../src/engine/ports/records/store.ts';
import { checkAgainstModel } from './store-model.ts';
import { sampleRun, sampleTask, taskId } from './store-samples.ts';

/** One place where stores can be opened, again and again. */
export interface StoreRoom {
  /** Another handle on the same contents, as another process has it. */
  open(): Store;
  /** Closes every handle and removes what is on the disk. */
  dispose(): void;
}

/** What every store must do, whatever it is made of. */
export function storeConformance(name: string, makeRoom: () => StoreRoom): void {
  describe(`${name} keeps the store contract`, () => {
    let room: StoreRoom;
    let store: Store;
    beforeEach(() => {
      room = makeRoom();
      store = room.open();
    });
    afterEach(() => room.dispose());

    test('a new store is empty', () => {
      expect(store.task('gh-1')).toBeNull();
      expect(store.run('w-000001')).toBeNull();
      expect(store.openTasks()).toEqual([]);
      expect(store.openRuns()).toEqual([]);
      expect(store.runsOf('gh-1')).toEqual([]);
      expect(store.history({ limit: 10 })).toEqual([]);
      expect(store.requests()).toEqual([]);
      expect(store.fact('anything')).toBeNull();
      expect(store.countTasks()).toEqual({ pending: 0, active: 0, completed: 0, failed: 0, blocked: 0 });
      expect(store.counters()).toEqual({
        workers_launched: 0,
        workers_completed: 0,
        workers_failed: 0,
        worktree_errors: 0,
        prs_created: 0,
      });
    });

    test('what is committed comes back unchanged, also through another handle', () => {
      const tasks = (['pending', 'active', 'completed', 'failed', 'blocked'] as const).map((state, n) => sampleTask(n + 1, state));
      const runs = [sampleRun(1, 'gh-1'), sampleRun(2, 'gh-2', 'settled')];
      store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: runs.map((next) => ({ next, expected: null })) });
      for (const handle of [store, room.open()]) {
        expect(tasks.map(({ id }) => handle.task(id))).toEqual(tasks);
        expect(runs.map(({ id }) => handle.run(id))).toEqual(runs);
        expect(handle.countTasks()).toEqual({ pending: 1, active: 1, completed: 1, failed: 1, blocked: 1 });
      }
    });

    test('tasks come in the order asked for, those that are not there left out', () => {
      store.commit({ tasks: [1, 2, 3].map((n) => ({ next: sampleTask(n), expected: null })) });
      expect(store.tasks(['gh-3', 'gh-9', 'gh-1']).map(({ id }) => id)).toEqual(['gh-3', 'gh-1']);
    });

    test('ended tasks: by state, since a time, newest first, limited', () => {
      const tasks = [10, 30, 20, 40].map((at, n) => sampleTask(n + 1, 'completed', at));
      store.commit({ tasks: [...tasks, sampleTask(5, 'failed', 50), sampleTask(6)].map((next) => ({ next, expected: null })) });
      const ended = (since: number, limit: number) => store.endedTasks({ state: 'completed', since, limit }).map(({ id }) => id);
      expect(ended(0, 10)).toEqual(['gh-4', 'gh-2', 'gh-3', 'gh-1']);
      expect(ended(20, 10)).toEqual(['gh-4', 'gh-2', 'gh-3']);
      expect(ended(0, 1)).toEqual(['gh-4']);
      expect(store.endedTasks({ state: 'failed', since: 0, limit: 10 }).map(({ id }) => id)).toEqual(['gh-5']);
    });

    test('tasks that came to an end since a time are counted by it', () => {
      const tasks = [
        sampleTask(1, 'completed', 10),
        sampleTask(2, 'completed', 20),
        sampleTask(3, 'review', 30),
        sampleTask(4, 'failed', 40),
      ];
      store.commit({ tasks: [...tasks, sampleTask(5, 'blocked', 50), sampleTask(6)].map((next) => ({ next, expected: null })) });
      const [, , , lost] = tasks;
      const failure = lost?.state === 'failed' ? lost.failure.type : null;
      const expected = [
        { state: 'completed', failure: null, n: 1 },
        { state: 'review', failure: null, n: 1 },
        { state: 'failed', failure, n: 1 },
      ];
      const sorted = (since: number) => [...store.countEnded(since)].sort((a, b) => (a.state < b.state ? -1 : 1));
      expect(sorted(20)).toEqual(expected.sort((a, b) => (a.state < b.state ? -1 : 1)));
      expect(store.countEnded(0)).toContainEqual({ state: 'completed', failure: null, n: 2 });
      expect(store.countEnded(41)).toEqual([]);
    });

    test('a task in review is neither open nor completed, and counted where there is one', () => {
      const tasks = [sampleTask(1, 'review', 30), sampleTask(2, 'completed', 20), sampleTask(3)];
      store.commit({ tasks: tasks.map((next) => ({ next, expected: null })) });
      expect(store.openTasks().map(({ id }) => id)).toEqual(['gh-3']);
      const ended = (state: 'review' | 'completed') => store.endedTasks({ state, since: 0, limit: 10 }).map(({ id }) => id);
      expect([ended('review'), ended('completed')]).toEqual([['gh-1'], ['gh-2']]);
      expect(store.countTasks()).toEqual({ pending: 1, active: 0, review: 1, completed: 1, failed: 0, blocked: 0 });
      store.commit({ tasks: [{ next: sampleTask(1, 'completed', 30, 2), expected: 1 }] });
      expect(store.countTasks()).toEqual({ pending: 1, active: 0, completed: 2, failed: 0, blocked: 0 });
      expect([ended('review'), ended('completed')]).toEqual([[], ['gh-1', 'gh-2']]);
    });

    test('runs of a task come oldest first, open runs are those not settled', () => {
      const runs = [sampleRun(1, 'gh-1', 'settled', 30), sampleRun(2, 'gh-1', 'preparing', 10), sampleRun(3, 'gh-1', 'settled', 20)];
      store.commit({ tasks: [{ next: sampleTask(1), expected: null }], runs: runs.map((next) => ({ next, expected: null })) });
      expect(store.runsOf('gh-1').map(({ createdAt }) => createdAt)).toEqual([10, 20, 30]);
      expect(store.openRuns().map(({ id }) => id)).toEqual(['w-000002']);
    });

    test('what runs came to that ended since a time', () => {
      const runs = [sampleRun(1, 'gh-1', 'settled', 30), sampleRun(2, 'gh-1', 'preparing', 10), sampleRun(3, 'gh-1', 'settled', 20)];
      store.commit({ tasks: [{ next: sampleTask(1), expected: null }], runs: runs.map((next) => ({ next, expected: null })) });
      const ended = (since: number, until?: number): unknown[] => {
        const found: unknown[] = [];
        store.endings(since, (ending) => found.push(ending), until);
        return found;
      };
      expect(ended(0)).toEqual(expect.arrayContaining([runs[0], runs[2]].map((run) => run && endingOf(run))));
      expect(ended(0)).toHaveLength(2);
      const last = Math.max(...runs.map((run) => ('endedAt' in run ? run.endedAt : 0)));
      expect(ended(last)).toHaveLength(runs.filter((run) => 'endedAt' in run && run.endedAt === last).length);
      expect(ended(last + 1)).toEqual([]);
      expect(ended(0, last)).toHaveLength(runs.filter((run) => 'endedAt' in run && run.endedAt < last).length);
      expect(ended(0, last + 1)).toEqual(expect.arrayContaining(ended(0)));
    });

    test('a writer that names an older version loses, and nothing of its commit is written', () => {
      store.commit({ tasks: [1, 2].map((n) => ({ next: sampleTask(n), expected: null })) });
      const other = room.open();
      other.commit({ tasks: [{ next: { ...sampleTask(1), title: 'theirs', version: 2 }, expected: 1 }] });
      const stale = () =>
        store.commit({
          tasks: [
            { next: { ...sampleTask(2), title: 'ours', version: 2 }, expected: 1 },
            { next: { ...sampleTask(1), title: 'ours', version: 2 }, expected: 1 },
          ],
          runs: [{ next: sampleRun(1, 'gh-1'), expected: null }],
          history: [{ at: 1, task: null, run: null, event: 'ours', detail: '' }],
          counters: { prs_created: 1 },
          facts: { ours: true },
        });
      expect(stale).toThrow(ConflictError);
      expect(stale).toThrow('task gh-1 was expected at version 1, but it is at version 2');
      expect(store.tasks(['gh-1', 'gh-2']).map(({ title, version }) => ({ title, version }))).toEqual([
        { title: 'theirs', version: 2 },
        { title: sampleTask(2).title, version: 1 },
      ]);
      expect(store.runsOf('gh-1')).toEqual([]);
      expect(store.history({ limit: 1 })).toEqual([]);
      expect(store.counters().prs_created).toBe(0);
      expect(store.fact('ours')).toBeNull();
    });

    test('inserting what is there and changing what is not are conflicts, for tasks and runs', () => {
      store.commit({ tasks: [{ next: sampleTask(1), expected: null }], runs: [{ next: sampleRun(1, 'gh-1'), expected: null }] });
      expect(() => store.commit({ tasks: [{ next: sampleTask(1), expected: null }] })).toThrow(ConflictError);
      expect(() => store.commit({ tasks: [{ next: sampleTask(2), expected: 1 }] })).toThrow(ConflictError);
      expect(() => store.commit({ runs: [{ next: sampleRun(1, 'gh-1'), expected: null }] })).toThrow(ConflictError);
      expect(() => store.commit({ runs: [{ next: sampleRun(2, 'gh-1'), expected: 3 }] })).toThrow(ConflictError);
    });

    test('the version rises by one with each change, whatever the caller wrote into it', () => {
      store.commit({ tasks: [{ next: sampleTask(1), expected: null }] });
      store.commit({ tasks: [{ next: sampleTask(1), expected: 1 }] });
      expect(store.task('gh-1')?.version).toBe(2);
      expect(() => store.commit({ tasks: [{ next: sampleTask(1), expected: 1 }] })).toThrow(ConflictError);
    });

    test('a run of a task that is not stored is refused', () => {
      expect(() => store.commit({ runs: [{ next: sampleRun(1, 'gh-1'), expected: null }] })).toThrow(PortError);
      expect(store.openRuns()).toEqual([]);
    });

    test('what nobody has written to is the same list, also when something else was written', () => {
      const runs = [sampleRun(1, 'gh-1'), sampleRun(2, 'gh-2', 'settled')];
      store.commit({
        tasks: [sampleTask(1), sampleTask(2, 'completed', 9), sampleTask(3)].map((next) => ({ next, expected: null })),
        runs: runs.map((next) => ({ next, expected: null })),
      });
      const look = () => [store.openTasks(), store.openRuns(), store.endedTasks({ state: 'completed', since: 0, limit: 9 })] as const;
      const before = look();
      const [changes, asked] = [store.changes(), store.changes()];
      expect(asked).toBe(changes);
      room.open().commit({ history: [{ at: 1, task: null, run: null, event: 'seen', detail: '' }] });
      expect(store.changes()).not.toBe(changes);
      for (const [n, list] of look().entries()) expect(list).toEqual(before[n]);
      room.open().commit({ tasks: [{ next: { ...sampleTask(1), title: 'another' }, expected: 1 }] });
      const [tasks, open, ended] = look();
      expect(tasks.map(({ title }) => title)).toEqual(['another', sampleTask(3).title]);
      // One that was not written is the very same document.
      expect(tasks[1]).toBe(before[0][1]);
      expect([open[0], ended[0]]).toEqual([before[1][0], before[2][0]]);
    });

    test('history: newest first, of one task or of all', () => {
      const entry = (at: number, n: number | null) => ({
        at,
        task: n === null ? null : taskId(n),
        run: null,
        event: 'seen',
        detail: `at ${at}`,
      });
      const entries = [entry(3, 1), entry(1, null), entry(2, 1)];
      for (const one of entries) store.commit({ history: [one] });
      expect(store.history({ limit: 10 })).toEqual(entries.toReversed());
      expect(store.history({ task: 'gh-1', limit: 10 })).toEqual([entries[2], entries[0]]);
      expect(store.history({ limit: 1 })).toEqual([entries[2]]);
    });

    test('counters add up; a reset comes before what the same commit counts', () => {
      store.commit({ counters: { worktree_errors: 11, workers_launched: 2 } });
      store.commit({ counters: { worktree_errors: 1 }, resetCounters: ['worktree_errors'] });
      expect(store.counters()).toMatchObject({ worktree_errors: 1, workers_launched: 2, prs_created: 0 });
    });

    test('facts are replaced whole; undefined takes one away', () => {
      store.commit({ facts: { base: { text: 'a\r\n' }, next: 1 } });
      store.commit({ facts: { base: { text: null } } });
      expect([store.fact('base'), store.fact('next')]).toEqual([{ text: null }, 1]);
      store.commit({ facts: { next: undefined } });
      expect(store.fact('next')).toBeNull();
    });

    test('a request is seen by others until it is answered; the first answer stands', () => {
      const other = room.open();
      const first = other.ask({ verb: 'stop', task: 'gh-1', args: { reason: 'not “needed”' }, at: 7 });
      const second = other.ask({ verb: 'drain', task: null, args: {}, at: 8 });
      expect(second).toBeGreaterThan(first);
      expect(store.requests()).toEqual([
        { id: first, at: 7, verb: 'stop', task: 'gh-1', args: { reason: 'not “needed”' } },
        { id: second, at: 8, verb: 'drain', task: null, args: {} },
      ]);
      expect(other.answer(first)).toBeNull();
      store.commit({ answers: [{ id: first, at: 9, ok: true, message: 'stopped' }] });
      store.commit({ answers: [{ id: first, at: 10, ok: false, message: 'again' }] });
      expect(other.answer(first)).toEqual({ ok: true, message: 'stopped' });
      expect(store.requests().map(({ id }) => id)).toEqual([second]);
    });

    test('what is old goes: answered requests and history; open requests stay', () => {
      const [old, open, fresh] = [1, 2, 900].map((at) => store.ask({ verb: 'stop', task: null, args: {}, at }));
      store.commit({ answers: [old, fresh].map((id, n) => ({ id: id ?? 0, at: [5, 900][n] ?? 0, ok: true, message: '' })) });
      store.commit({ history: [3, 901].map((at) => ({ at, task: null, run: null, event: 'x', detail: '' })) });
      expect(store.prune({ answered: 100, history: 100 })).toBe(2);
      expect([old, fresh].map((id) => store.answer(id ?? 0))).toEqual([null, { ok: true, message: '' }]);
      expect(store.requests().map(({ id }) => id)).toEqual([open]);
      expect(store.history({ limit: 9 }).map(({ at }) => at)).toEqual([901]);
      expect(store.prune({ answered: 100, history: 100 })).toBe(0);
      // A number is never given twice.
      expect(store.ask({ verb: 'stop', task: null, args: {}, at: 902 })).toBeGreaterThan(fresh ?? 0);
    });

    test('changing what was handed in or out does not change the store', () => {
      const labels = ['a'];
      store.commit({ tasks: [{ next: { ...sampleTask(1), labels }, expected: null }] });
      labels.push('b');
      const read = store.task('gh-1');
      try {
        (read?.labels as string[]).push('c');
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
      expect(store.task('gh-1')?.labels).toEqual(['a']);
    });

    test('any series of commits, good and refused, leaves what a plain model says', () => {
      checkAgainstModel(makeRoom);
    }, 120_000);
  });
}
