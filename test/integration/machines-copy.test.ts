import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/machine/clock.ts';
import { copyIn, readCopy, writeCopy } from '../../src/adapters/machines/copy/copy.ts';
import { type Database, openDatabase } from '../../src/adapters/machines/database.ts';
import { holderOf, type Lead, takeLead } from '../../src/adapters/machines/lead.ts';
import { openRows } from '../../src/adapters/store/sqlite/rows.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/sqlite.ts';
import type { Task, TaskId } from '../../src/core/model/task.ts';
import type { Store } from '../../src/engine/ports/records/store.ts';
import { keepBoard } from '../../src/engine/tell/board-keeper.ts';
import { type Shipping, shipChanges } from '../../src/machines/standby/shipping.ts';
import { isBehind, keepOwn, refuseCopy, takeOver } from '../../src/machines/standby/take-over.ts';
import { sampleRun, sampleTask } from '../conformance/store-samples.ts';
import { type Postgres, startPostgres } from '../support/postgres/postgres.ts';

/** The coordinator's store in a real Postgres, and a coordinator that goes on with it. */

let postgres: Postgres;
let end: () => unknown;
let database: Database;
let schemas = 0;
beforeAll(async () => {
  postgres = await startPostgres({ onTestFinished: (ending) => (end = ending as typeof end) });
});
afterAll(() => end());
beforeEach(async () => {
  schemas += 1;
  database = await openDatabase(postgres.url, `copy_${schemas}`);
  onTestFinished(() => database.close());
});

const A = { id: 'a', words: 'of /a on one' };
const B = { id: 'b', words: 'of /b on two' };
const lead = (who = A): Promise<Lead> => takeLead(database, who, () => undefined);
const silence = (): Promise<unknown> => database.query("update lead set seen = now() - interval '1 minute'");

function folder() {
  const home = mkdtempSync(join(tmpdir(), 'tac8-copy-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return { database: join(home, 'tac8.db'), state: home, board: join(home, 'tasks.md') };
}

function coordinator(here: ReturnType<typeof folder>, its: Lead): { store: Store; shipping: Shipping } {
  const opened = openSqliteStore({ path: here.database });
  keepOwn(opened, its);
  const shipping = shipChanges({
    table: copyIn(database),
    lead: its,
    clock: systemClock,
    openRows: () => openRows(here.database),
    of: { repository: 'acme/widgets', words: A.words },
  });
  const store = shipping.noting(opened);
  onTestFinished(async () => {
    await shipping.close();
    store.close();
  });
  return { store, shipping };
}

const ids = (count: number): readonly TaskId[] => Array.from({ length: count }, (_, n): TaskId => `gh-${n + 1}`);
/** Everything that a store answers; `copy` is each coordinator's own. */
const all = (store: Store, facts: readonly string[]) => ({
  tasks: ids(8).map((id) => store.task(id)),
  open: store.openTasks(),
  counts: store.countTasks(),
  runs: ids(8).map((id) => store.runsOf(id)),
  history: store.history({ limit: 1_000 }).filter(({ event }) => event !== 'took-over'),
  counters: store.counters(),
  requests: store.requests(),
  answers: Array.from({ length: 8 }, (_, n) => store.answer(n + 1)),
  facts: facts.map((name) => store.fact(name)),
});

test('whatever is written is there for whoever takes over, and nothing else', async () => {
  const here = folder();
  const its = await lead();
  const { store, shipping } = coordinator(here, its);
  const FACTS = ['fleet', 'odd', 'gone'];
  let random = 7;
  const pick = (below: number): number => {
    random = (random * 16_807) % 2_147_483_647;
    return random % below;
  };
  for (let n = 0; n < 60; n += 1) {
    const id = pick(8) + 1;
    const task = store.task(`gh-${id}`);
    store.commit({
      tasks: [
        { next: sampleTask(id, (['pending', 'completed', 'failed'] as const)[pick(3)] ?? 'pending', n), expected: task?.version ?? null },
      ],
      history: [{ at: n, task: `gh-${id}`, run: null, event: 'odd', detail: `\u0000 ${n} 'x' \ud800` }],
      counters: { workers_launched: 1 },
      ...(pick(9) === 0 ? { resetCounters: ['workers_launched'] as const } : {}),
      facts: { odd: { n }, gone: pick(2) === 0 ? undefined : n },
    });
    const run = store.run(`w-00000${id}`);
    if (pick(2) === 0)
      store.commit({
        runs: [{ next: sampleRun(id, `gh-${id}`, pick(2) === 0 ? 'settled' : 'preparing', n), expected: run?.version ?? null }],
      });
    const asked = pick(3) === 0 ? store.ask({ verb: 'stop', task: `gh-${id}`, args: { n }, at: n }) : null;
    if (asked !== null && pick(2) === 0) store.commit({ answers: [{ id: asked, at: n, ok: true, message: 'done' }] });
    if (n === 40) store.prune({ answered: 10, history: 10 });
    if (pick(4) === 0) await shipping.shipped();
  }
  await shipping.shipped();
  const copy = await readCopy(database);
  expect(copy).toMatchObject({ generation: its.generation, isWhole: true, repository: 'acme/widgets' });
  await silence();
  const there = folder();
  expect(isBehind(there, copy)).toBe(true);
  if (copy === null) throw new Error('there is no copy');
  await takeOver(there, database, await lead(B), copy);
  const other = openSqliteStore({ path: there.database });
  onTestFinished(() => other.close());
  expect(all(other, FACTS)).toEqual(all(store, FACTS));
  // A number is never given twice, not either by the one that took over.
  const next = store.ask({ verb: 'stop', task: null, args: {}, at: 0 });
  expect(other.ask({ verb: 'stop', task: null, args: {}, at: 0 })).toBe(next);
});

test('what was written while Postgres was away, or before a coordinator began anew, comes as soon as it can', async () => {
  const here = folder();
  const its = await lead();
  const first = coordinator(here, its);
  first.store.commit({ tasks: [{ next: sampleTask(1, 'pending', 1), expected: null }], facts: { odd: 1 } });
  await first.shipping.shipped();
  await postgres.kill();
  first.store.commit({ tasks: [{ next: sampleTask(2, 'pending', 1), expected: null }], facts: { odd: undefined } });
  await expect(first.shipping.shipped()).rejects.toMatchObject({ sort: 'retryable' });
  await postgres.start();
  await first.shipping.shipped();
  const rows = () => database.query<{ key: string }>("select key from store_rows where kind in ('tasks', 'facts') order by key");
  expect((await rows()).map(({ key }) => key)).toEqual(['copy', 'gh-1', 'gh-2']);
  // It dies with a commit that never went out.
  openSqliteStore({ path: here.database }).commit({ tasks: [{ next: sampleTask(3, 'pending', 1), expected: null }] });
  const again = coordinator(here, await lead());
  await again.shipping.shipped();
  expect((await rows()).map(({ key }) => key)).toEqual(['copy', 'gh-1', 'gh-2', 'gh-3']);
});

test('a coordinator that lost the lead writes nothing; one that takes it waits for a write that is under way', async () => {
  const here = folder();
  const its = await lead();
  const { store, shipping } = coordinator(here, its);
  await shipping.shipped();
  await silence();
  // A write that has come to Postgres and stands there, since somebody else is at the same row.
  const slow = new Client({ connectionString: postgres.url });
  await slow.connect();
  await slow.query(`set search_path = ${database.schema}; begin; insert into store_rows values ('facts', 'slow', '{}')`);
  const waits = (what: string) => `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into ${what} %'`;
  store.commit({ facts: { slow: 1 } });
  const writing = shipping.shipped();
  await vi.waitFor(async () => expect(await database.query(waits('store_rows'))).not.toEqual([]), { timeout: 20_000 });
  let isTaken = false;
  const taking = lead(B).finally(() => {
    isTaken = true;
  });
  await vi.waitFor(async () => expect(await database.query(waits('lead'))).not.toEqual([]), { timeout: 20_000 });
  expect(isTaken).toBe(false);
  await slow.query('rollback');
  await slow.end();
  await writing;
  const next = await taking;
  expect(await database.query("select from store_rows where key = 'slow'")).toHaveLength(1);
  expect(Number(next.generation)).toBe(Number(its.generation) + 1);
  store.commit({ tasks: [{ next: sampleTask(5, 'pending', 1), expected: null }] });
  await expect(shipping.shipped()).rejects.toThrow('another coordinator has taken over: of /b on two');
  const change = { put: [{ table: 'tasks', key: 'gh-9', body: '{}' }], gone: [], before: [], isWhole: true };
  expect(await writeCopy(database, { generation: its.generation, version: 1, repository: null, words: 'x', ahead: 0 }, change)).toBe(false);
  expect(await database.query("select key from store_rows where key in ('gh-5', 'gh-9')")).toEqual([]);
  expect((await readCopy(database))?.words).toBe(A.words);
  expect((await holderOf(database))?.holder).toBe('b');
  // Whoever claims issues for the schema is the same, whoever leads it.
  expect(next.owner).toBe(its.owner);
});

test('a board of its own gives way to the one that was taken over, and is kept; whose store is newer keeps it', async () => {
  const here = folder();
  const { store, shipping } = coordinator(here, await lead());
  keepBoard(store).commit({ text: '# Tasks\n' });
  await shipping.shipped();
  const copy = await readCopy(database);
  if (copy === null) throw new Error('there is no copy');
  expect(isBehind(here, copy)).toBe(false);
  const there = folder();
  writeFileSync(there.board, '# Mine\n');
  openSqliteStore({ path: there.database }).close();
  await silence();
  const next = await lead(B);
  expect(await takeOver(there, database, next, copy)).toBe(
    `; what was here is kept as ${there.database}.before-1 and ${there.state}/tasks.md.before-1`,
  );
  const other = coordinator(there, next);
  await other.shipping.shipped();
  expect(isBehind(here, await readCopy(database))).toBe(true);
  expect(isBehind(there, await readCopy(database))).toBe(false);
});

test('a clock that is an hour off ends no wait: times are moved to the one here', async () => {
  const here = folder();
  const { store, shipping } = coordinator(here, await lead());
  const waits = { ...sampleTask(1), retryAt: 5_000_000 } as Task;
  store.commit({ tasks: [{ next: waits, expected: null }] });
  await shipping.shipped();
  const copy = await readCopy(database);
  if (copy?.ahead == null) throw new Error('the clocks were not compared');
  expect(Math.abs(copy.ahead)).toBeLessThan(1_000);
  await silence();
  const there = folder();
  await takeOver(there, database, await lead(B), { ...copy, ahead: copy.ahead + 3_600_000 });
  const other = openSqliteStore({ path: there.database });
  onTestFinished(() => other.close());
  const moved = other.task('gh-1');
  expect(moved?.state === 'pending' && Math.abs((moved.retryAt ?? 0) - 1_400_000)).toBeLessThan(1_000);
});

test('what cannot be gone on with is refused in a sentence', () => {
  const copy = { generation: '1', version: 1, repository: 'acme/widgets', isWhole: true, words: 'of /a on one', ahead: 0 };
  expect(() => refuseCopy(copy, 'acme/widgets', 's')).not.toThrow();
  expect(() => refuseCopy(copy, 'acme/gadgets', 's')).toThrow(
    'the schema s is the one of acme/widgets, and this is a clone of acme/gadgets',
  );
  expect(() => refuseCopy({ ...copy, version: 99 }, null, 's')).toThrow('is a newer tac8');
  expect(() => refuseCopy({ ...copy, isWhole: false }, null, 's')).toThrow('had not come to Postgres whole');
});
