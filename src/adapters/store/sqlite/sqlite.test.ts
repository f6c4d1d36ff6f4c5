import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storeConformance } from '../../../../test/conformance/store.ts';
import { sampleRun, sampleTask } from '../../../../test/conformance/store-samples.ts';
import { endingOf } from '../../../core/model/records.ts';
import type { Run } from '../../../core/model/run.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Damage } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { ENDED_AT } from './indexes.ts';
import { MIGRATIONS, migrate } from './migrations.ts';
import { openOrBegin } from './open-or-begin.ts';
import { setAside } from './set-aside.ts';
import { openSqliteStore } from './sqlite.ts';

const makeRoom = () => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-store-'));
  const path = join(folder, '.tac8', 'tac8.db');
  const handles: Store[] = [];
  return {
    path,
    open: (readOnly = false) => {
      const store = openSqliteStore({ path, readOnly });
      handles.push(store);
      return store;
    },
    dispose: () => {
      for (const store of handles) store.close();
      rmSync(folder, { recursive: true });
    },
  };
};

storeConformance('the SQLite store', makeRoom);

describe('openSqliteStore', () => {
  let room: ReturnType<typeof makeRoom>;
  beforeEach(() => {
    room = makeRoom();
  });
  afterEach(() => room.dispose());

  test('ended tasks that nobody has written to are the same list, also after as many other questions as a tick and the page have', () => {
    const store = room.open();
    store.commit({ tasks: [sampleTask(1, 'completed', 9), sampleTask(2)].map((next) => ({ next, expected: null })) });
    const ended = () => store.endedTasks({ state: 'completed', since: 0, limit: 9 });
    const first = ended();
    for (let limit = 10; limit < 30; limit += 1) store.endedTasks({ state: 'failed', since: 0, limit });
    store.commit({ tasks: [{ next: { ...sampleTask(2), title: 'another' }, expected: 1 }] });
    expect(ended()).toBe(first);
  });

  test('a reader that comes while another process makes the database waits for it', async () => {
    mkdirSync(dirname(room.path), { recursive: true });
    closeSync(openSync(room.path, 'w'));
    // Whatever a slow machine takes to start it is over before the reader comes.
    const script = `const { openSqliteStore } = await import(${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))});
      process.stdout.write('ready');
      setTimeout(() => openSqliteStore({ path: process.argv[1] }).close(), 150);`;
    const maker = spawn(process.execPath, ['--input-type=module', '-e', script, room.path], { stdio: ['ignore', 'pipe', 'ignore'] });
    const made = once(maker, 'exit');
    try {
      await once(maker.stdout, 'data');
      expect(room.open(true).countTasks()).toMatchObject({ pending: 0 });
    } finally {
      await made;
    }
  });

  const refusal = (work: () => unknown): PortError => {
    try {
      work();
    } catch (error) {
      if (error instanceof PortError) return error;
      throw error;
    }
    throw new Error('was expected to be refused');
  };
  const plan = (sql: string) => {
    const db = new DatabaseSync(room.path, { readOnly: true });
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    db.close();
    return steps;
  };
  const change = (sql: string) => {
    const db = new DatabaseSync(room.path);
    db.exec(sql);
    db.close();
  };

  test('read only: sees what is written while it is open, refuses to write, makes no file', () => {
    expect(refusal(() => room.open(true)).message).toBe(`there is no database at ${room.path}`);
    const writer = room.open();
    const reader = room.open(true);
    writer.commit({ tasks: [{ next: sampleTask(1), expected: null }] });
    expect(reader.openTasks()).toEqual([sampleTask(1)]);
    const error = refusal(() => reader.commit({ facts: { a: 1 } }));
    expect([error.sort, error.message]).toEqual(['terminal', expect.stringContaining('cannot be written')]);
  });

  test('read only after the daemon is gone, cleanly or not', () => {
    const writer = room.open();
    writer.commit({ facts: { a: 1 } });
    writer.close();
    expect(room.open(true).fact('a')).toBe(1);
  });

  test('how runs ended is told alike with and without the index, which an earlier version keeps up', () => {
    const store = room.open();
    const [whole, odd, torn] = [10, 20, 30].map((at, n) => sampleRun(n + 1, 'gh-1', 'settled', at));
    const add = (...runs: (Run | undefined)[]) => runs.flatMap((next) => (next === undefined ? [] : [{ next, expected: null }]));
    store.commit({ tasks: [{ next: sampleTask(1), expected: null }], runs: add(whole, odd) });
    const told = (reader: Store, since: number) => {
      const found: unknown[] = [];
      reader.endings(since, (ending) => found.push(ending));
      return found;
    };
    // What does not fit is read whole, and filled in or judged by what is known of it.
    change(`UPDATE runs SET doc = json_remove(doc, '$.stream.spend.usd', '$.startedAt') WHERE id = '${odd?.id}'`);
    const both = [whole, odd].map((run) => run && endingOf(run));
    const steps = () => JSON.stringify(plan(`SELECT id FROM runs WHERE state IN ('ended', 'settled') AND ${ENDED_AT} >= 1`));
    expect(steps()).toContain('runs_endings');
    expect(told(store, 0)).toEqual(both);
    expect(told(store, 21)).toEqual(both.slice(1));
    change('DROP INDEX runs_endings');
    expect(steps()).not.toContain('runs_endings');
    expect(told(room.open(true), 0)).toEqual(both);
    store.commit({ runs: add(torn) });
    room.open();
    expect(steps()).toContain('runs_endings');
    expect(told(store, 31)).toHaveLength(1);
    change(`UPDATE runs SET doc = '{"endedAt":' WHERE id = '${torn?.id}'`);
    expect(() => told(store, 1e12)).toThrow();
  });

  test('a newer database is refused with both versions, and left as it is', () => {
    room.open().close();
    change('UPDATE schema_version SET version = 99');
    const before = readFileSync(room.path);
    const error = refusal(() => room.open());
    expect(error.message).toBe(`${room.path} has version 99, this tac8 knows versions up to ${MIGRATIONS.length}`);
    expect(error.sort).toBe('terminal');
    expect(readFileSync(room.path)).toEqual(before);
  });

  test('a database of another program is refused', () => {
    room.open().close();
    change('DROP TABLE schema_version');
    expect(refusal(() => room.open()).message).toContain('is a database of another program');
  });

  test('an older database is brought up to date, one step after the other, and only by a writer', () => {
    room.open().close();
    const more = [...MIGRATIONS, 'CREATE TABLE later (a)', 'ALTER TABLE later ADD COLUMN b'];
    const db = new DatabaseSync(room.path);
    expect(refusal(() => migrate(db, room.path, true, more)).message).toContain(
      `has version ${MIGRATIONS.length}, this tac8 needs version ${more.length}`,
    );
    migrate(db, room.path, false, more);
    db.exec('INSERT INTO later (a, b) VALUES (1, 2)');
    expect(db.prepare('SELECT version FROM schema_version').all()).toEqual([{ version: more.length }]);
    db.close();
  });

  test('a migration that fails leaves the old version whole', () => {
    room.open().close();
    const db = new DatabaseSync(room.path);
    expect(() => migrate(db, room.path, false, [...MIGRATIONS, 'CREATE TABLE later (a)', 'NOT SQL'])).toThrow('syntax error');
    expect(db.prepare('SELECT version FROM schema_version').get()?.version).toBe(MIGRATIONS.length);
    expect(db.prepare("SELECT * FROM sqlite_schema WHERE name = 'later'").all()).toEqual([]);
    db.close();
  });

  test('a file that is no database is refused, says what to do, and is left as it is', () => {
    room.open().close();
    writeFileSync(room.path, 'this is not a database, not even one bit of it '.repeat(100));
    const error = refusal(() => room.open());
    expect([error.sort, error.message]).toEqual(['terminal', expect.stringContaining('the database is damaged')]);
    expect(error.hint).toContain(`${room.path}.damaged-1`);
    expect(readFileSync(room.path, 'utf8')).toMatch(/^this is not a database/);
  });

  test('a damaged file is set aside with its log when asked, never over an earlier one', () => {
    room.open().close();
    for (const n of [1, 2]) {
      writeFileSync(room.path, `damaged ${n}`);
      writeFileSync(`${room.path}-wal`, `log ${n}`);
      expect(setAside(room.path)).toBe(`${room.path}.damaged-${n}`);
      expect(readFileSync(`${room.path}.damaged-${n}-wal`, 'utf8')).toBe(`log ${n}`);
    }
    expect(readFileSync(`${room.path}.damaged-1`, 'utf8')).toBe('damaged 1');
    expect(room.open().openTasks()).toEqual([]);
  });

  test('a daemon begins a new one beside a damaged one, and says so; one of another program is left alone', () => {
    const store = room.open();
    store.commit({ tasks: [{ next: sampleTask(1), expected: null }] });
    store.close();
    const db = new DatabaseSync(room.path);
    db.exec("UPDATE tasks SET doc = '{'");
    db.close();
    const told: Damage[] = [];
    const next = openOrBegin(room.path, 7, (damage) => told.push(damage));
    const kept = `${room.path}.damaged-1`;
    expect(told).toEqual([{ at: 7, kept, message: expect.stringContaining('1 documents in tasks are not JSON') }]);
    expect(next.openTasks()).toEqual([]);
    expect(next.fact('damage')).toEqual(told[0]);
    expect(next.history({ limit: 1 })).toMatchObject([{ event: 'database-damaged', detail: expect.stringContaining(kept) }]);
    next.close();
    openOrBegin(room.path, 8, (damage) => told.push(damage)).close();
    expect(told).toHaveLength(1);
    const foreign = join(dirname(room.path), 'foreign.db');
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE songs (name TEXT)');
    other.close();
    expect(refusal(() => openOrBegin(foreign, 9, (damage) => told.push(damage))).message).toContain('another program');
    expect(told).toHaveLength(1);
  });

  test('damage inside the file is found where it is read', () => {
    const store = room.open();
    store.commit({ tasks: Array.from({ length: 500 }, (_, n) => ({ next: sampleTask(n + 1), expected: null })) });
    store.close();
    const file = openSync(room.path, 'r+');
    for (let page = 20; page < 60; page++) writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
    closeSync(file);
    expect(refusal(() => room.open().openTasks()).message).toContain('the database is damaged');
    expect(refusal(() => openSqliteStore({ path: room.path, verify: true })).message).toContain('the database is damaged');
    truncateSync(room.path, 4096 * 3);
    expect(refusal(() => room.open().openTasks()).message).toContain('the database is damaged');
  });

  test('a writer that finds the file locked waits, then says so', () => {
    room.open().close();
    const store = openSqliteStore({ path: room.path, busyTimeout: 200 });
    const other = new DatabaseSync(room.path);
    other.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    const error = refusal(() => store.commit({ facts: { a: 1 } }));
    other.close();
    expect(performance.now() - started).toBeGreaterThan(150);
    expect([error.sort, error.message]).toEqual(['retryable', expect.stringContaining('stayed locked')]);
    store.commit({ facts: { a: 1 } });
    expect(store.fact('a')).toBe(1);
    store.close();
  });
});
