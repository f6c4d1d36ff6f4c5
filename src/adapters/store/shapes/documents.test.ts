import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runId, sampleRun, sampleTask } from '../../../../test/conformance/store-samples.ts';
import { active, ended, NOW, policy, preparing, running, starting, world } from '../../../../test/support/world/world.ts';
import type { Run } from '../../../core/model/run.ts';
import type { Task } from '../../../core/model/task.ts';
import { reconcile } from '../../../core/reconcile.ts';
import type { Misfit } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { openSqliteStore } from '../sqlite/sqlite.ts';

const STATES = ['pending', 'active', 'review', 'completed', 'failed', 'blocked'] as const;
const TASKS: readonly Task[] = STATES.map((state, n) => sampleTask(n + 1, state));
const CAUSE = { type: 'stopped', by: 'tac8 stop', reason: '', at: NOW } as const;
const live = running('w-000003', 'gh-1', { warnings: [{ by: 'x', text: 'y', at: 1 }] });
const RUNS: readonly Run[] = [
  preparing('w-000001', 'gh-1'),
  starting('w-000002', 'gh-1'),
  live,
  live.state === 'running' ? { ...live, id: 'w-000004', state: 'stopping', cause: CAUSE, rung: 'ask', rungAt: NOW } : live,
  ended('w-000005', 'gh-1', { settlement: { saved: { ref: null, commit: null }, outcome: { kind: 'blocked', question: '?' } } }),
  sampleRun(6, 'gh-1', 'settled'),
];

describe('a document', () => {
  let folder: string;
  let path: string;
  let store: Store;
  let misfits: Misfit[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tac8-shapes-'));
    path = join(folder, 'tac8.db');
    misfits = [];
    store = openSqliteStore({ path, onMisfit: (misfit) => misfits.push(misfit) });
    store.commit({ tasks: TASKS.map((next) => ({ next, expected: null })), runs: RUNS.map((next) => ({ next, expected: null })) });
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  /** What another version, or a person with an editor, left there; this process has read nothing of it so far. */
  function put(table: 'tasks' | 'runs', id: string, doc: unknown): void {
    store.close();
    const db = new DatabaseSync(path);
    db.prepare(`UPDATE ${table} SET doc = ? WHERE id = ?`).run(JSON.stringify(doc), id);
    db.close();
    store = openSqliteStore({ path, onMisfit: (misfit) => misfits.push(misfit) });
  }

  test('of every state is read as it was written, and nothing is named', () => {
    expect(TASKS.map(({ id }) => store.task(id))).toEqual(TASKS);
    expect(RUNS.map(({ id }) => store.run(id))).toEqual(RUNS);
    expect([store.misfits(), misfits]).toEqual([[], []]);
  });

  test('that lacks what later versions write is brought up, and nothing is named', () => {
    const { order: _o, pausedAt: _p, pull: _u, labels: _l, ...old } = sampleTask(1);
    put('tasks', 'gh-1', old);
    const { inputEnded: _i, problem: _r, stream, ...before } = sampleRun(6, 'gh-1', 'settled');
    const { limitedUntil: _m, providerError: _e, ...said } = stream;
    put('runs', 'w-000006', { ...before, stream: said });
    expect(store.task('gh-1')).toEqual({ ...sampleTask(1), labels: [] });
    expect(store.run('w-000006')).toEqual(sampleRun(6, 'gh-1', 'settled'));
    expect([store.misfits(), misfits]).toEqual([[], []]);
  });

  test('of a task that does not fit costs that task: it has failed and says why, others go on, a retry makes it whole', () => {
    put('tasks', 'gh-1', { ...sampleTask(1), labels: 'rpi-auto', addedAt: 'yesterday' });
    const read = store.openTasks();
    expect(read.map(({ id, state }) => [id, state])).toEqual([
      ['gh-1', 'failed'],
      ['gh-2', 'active'],
      ['gh-6', 'blocked'],
    ]);
    expect(read[0]).toMatchObject({ title: sampleTask(1).title, failure: { type: 'unknown', message: expect.stringContaining('labels') } });
    for (let n = 0; n < 3; n += 1) store.openTasks();
    expect(misfits).toMatchObject([{ what: 'task gh-1' }]);
    expect(store.misfits()).toEqual(misfits);
    const request = { id: 1, at: NOW, verb: 'retry', task: 'gh-1', args: {} } as const;
    const paused = { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 1 };
    store.commit(reconcile(world({ tasks: read, requests: [request], fleet: paused }), policy(), NOW).commit);
    expect(store.task('gh-1')).toMatchObject({ state: 'pending', version: 2 });
    expect(store.misfits()).toEqual([]);
  });

  test('of a run that does not fit ends it alone; its task is tried again and says why', () => {
    const task = active('gh-2', 'w-000003', { version: 1 });
    store.commit({ tasks: [{ next: task, expected: 1 }] });
    put('runs', 'w-000003', { ...live, task: 'gh-2', process: { pid: 'many' } });
    const run = store.run('w-000003');
    expect(run).toMatchObject({ state: 'ended', task: 'gh-1', settlement: { outcome: { kind: 'failed', failure: { type: 'unknown' } } } });
    if (run === null) return expect.unreachable();
    store.commit({ tasks: [{ next: { ...task, id: 'gh-1' }, expected: 1 }] });
    const now = store.task('gh-1');
    if (now === null) return expect.unreachable();
    const { commit } = reconcile(world({ tasks: [now], runs: [run], forge: 'none' }), policy(), NOW);
    store.commit(commit);
    expect(store.task('gh-1')).toMatchObject({ state: 'pending', last: { message: expect.stringContaining('w-000003') } });
    expect(store.run('w-000003')).toMatchObject({ state: 'settled' });
    expect(store.misfits()).toEqual([]);
  });

  const anyTask = fc.constantFrom(...TASKS);
  const anyRun = fc.constantFrom(...RUNS);
  const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined));

  test('of any shape at all: the store reads on, what is decided on it can be written, and then it fits', () => {
    fc.assert(
      fc.property(fc.oneof(anyTask, anyRun), fc.context(), fc.infiniteStream(junk), fc.nat(), (good, _, values, at) => {
        const fields = Object.keys(good);
        const field = fields[at % fields.length] ?? 'id';
        const value = values.next().value;
        const bad = at % 11 === 0 ? (value ?? null) : { ...good, [field]: value };
        put('branch' in good ? 'tasks' : 'runs', good.id, bad);
        const tasks = [
          ...store.openTasks(),
          ...STATES.slice(2, 5).flatMap((state) =>
            state === 'failed' || state === 'completed' || state === 'review' ? store.endedTasks({ state, since: 0, limit: 10 }) : [],
          ),
        ];
        const runs = store.openRuns();
        expect(runs.every(({ id, version }) => RUNS.some((one) => one.id === id) && version > 0)).toBe(true);
        expect(tasks.every(({ id }) => store.task(id)?.id === id)).toBe(true);
        expect(() => reconcile(world({ tasks, runs }), policy(), NOW)).not.toThrow();
        put('branch' in good ? 'tasks' : 'runs', good.id, good);
      }),
      { numRuns: 60 },
    );
    expect(store.run(runId(1))).toEqual(RUNS[0]);
  });
});
