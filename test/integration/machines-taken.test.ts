import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/machine/clock.ts';
import { answerCalls, createCalls } from '../../src/adapters/machines/calls.ts';
import { type Database, openDatabase } from '../../src/adapters/machines/database.ts';
import { type Dispatch, openDispatch } from '../../src/adapters/machines/dispatch.ts';
import { takeLead } from '../../src/adapters/machines/lead.ts';
import { beat, listMachines } from '../../src/adapters/machines/register.ts';
import { sharedOn } from '../../src/adapters/machines/shared.ts';
import { PROTOCOL } from '../../src/adapters/machines/tables/schema.ts';
import type { Ask } from '../../src/adapters/machines/wire.ts';
import { openMemoryStore } from '../../src/adapters/store/memory.ts';
import { DEFAULT_POLICY } from '../../src/core/tick/policy.ts';
import { nowhere } from '../../src/engine/act/site.ts';
import type { Log } from '../../src/engine/ports/records/log.ts';
import { anywhere } from '../../src/machines/anywhere.ts';
import { logsHere } from '../../src/machines/far-log.ts';
import { farSite, type Means } from '../../src/machines/far-site.ts';
import { foldersHere } from '../../src/machines/folder-here.ts';
import { makeRounds } from '../../src/machines/gone/rounds.ts';
import { logsThere } from '../../src/machines/there/log-there.ts';
import { startPostgres } from '../support/postgres/postgres.ts';
import { pending, running } from '../support/world/world.ts';

/** What the coordinator takes from its machines, and from which of them, on a real Postgres. */

let end: () => unknown;
let database: Database;
let dispatch: Dispatch;
beforeAll(async () => {
  const postgres = await startPostgres({ onTestFinished: (ending) => (end = ending as typeof end) });
  database = await openDatabase(postgres.url, 'taken');
  dispatch = await openDispatch(database);
});
afterAll(async () => {
  await dispatch.close();
  await database.close();
  await end();
});

const LEADS = { check: async () => undefined };

const beatOf = (name: string, protocol: number): Promise<void> =>
  beat(database, {
    ...{ name, boot: 'b', version: `of ${protocol}`, protocol, slots: 2, load: 0, freeDisk: 1, freeMemory: 1, ahead: null },
    ...{ labels: [], broken: null },
  });

test.each([
  ['half of it, as it came while it ran', 'what it sai', 1],
  ['other bytes than there', 'what it SAID\nand more\n', 2],
  ['more than there', 'what it said\nand more\nand more still\n', 2],
])('at its end a log is proven whole; here was %s', async (_, here, asked) => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [own, theirs] = [join(folder, 'here'), join(folder, 'there')];
  for (const logs of [own, theirs]) mkdirSync(logs);
  const run = running('w-0000ac', 'gh-8');
  const name = `${run.task}.${run.id}.jsonl`;
  writeFileSync(join(theirs, name), 'what it said\nand more\n');
  writeFileSync(join(own, name), here);
  await beatOf('logger', PROTOCOL);
  let logs = 0;
  const there = logsThere(theirs);
  const stop = answerCalls(sharedOn(database), systemClock, 'logger', async (body) => {
    const ask = body as Ask;
    if (ask.kind !== 'log') return { events: [] };
    logs += 1;
    return there.withSum(ask.run, there.piece(ask.run, ask.from));
  });
  const workspaces = { pathOf: () => join(folder, 'none'), consumeSigns: async () => undefined };
  const means = {
    ...{
      shared: sharedOn(database),
      clock: systemClock,
      dispatch,
      calls: createCalls(sharedOn(database)),
      clocks: { ahead: async () => 0 },
      home: nowhere('home'),
      lead: LEADS,
    },
    ...{
      policy: () => DEFAULT_POLICY,
      store: { run: () => null },
      logs: logsHere(own),
      folders: foldersHere(workspaces),
      workspaces,
      log: { warn: () => undefined },
    },
  } as unknown as Means;
  const subject = { run, task: pending('gh-8'), issue: null };
  await farSite('logger', means).perform({ kind: 'log-end', run: run.id, task: run.task }, subject, AbortSignal.any([]));
  expect(readFileSync(join(own, name), 'utf8')).toBe('what it said\nand more\n');
  expect(logs).toBe(asked);
  await stop();
});

test('a runner that is one version older or newer is given work; one further apart is given nothing, and it is said why', async () => {
  const store = openMemoryStore();
  await Promise.all([-2, -1, 0, 1, 2].map((by) => beatOf(`m${by}`, PROTOCOL + by)));
  const said: string[] = [];
  const log = { warn: (words: string) => void said.push(words) } as unknown as Log;
  const workspaces = { takeWork: () => Promise.reject(new Error('nothing is taken')) };
  const end = makeRounds({
    shared: sharedOn(database),
    clock: systemClock,
    dispatch,
    lead: { renew: async () => undefined },
    workspaces,
    log,
    store,
    forgetAfter: null,
  });
  await vi.waitFor(async () => expect(said).toHaveLength(2), { timeout: 20_000 });
  await end();
  expect((await listMachines(database)).filter(({ draining }) => draining).map(({ name }) => name)).toEqual(['m-2', 'm2']);
  expect(said).toEqual([expect.stringContaining('m-2 is tac8 of'), expect.stringContaining('m2 is tac8 of')]);
  // What was heard is written down, for whoever looks.
  expect(store.fact('machines')?.machines.map(({ name }) => name)).toEqual(expect.arrayContaining(['m-1', 'm-2', 'm0', 'm1', 'm2']));
});

test('one coordinator has the lead; one that was silent too long is taken over, and does nothing outside any more', async () => {
  const lost: string[] = [];
  const [mine, theirs] = [
    { id: 'mine', words: 'of /a on one' },
    { id: 'theirs', words: 'of /b on two' },
  ];
  const first = await takeLead(database, mine, (why) => void lost.push(why));
  await expect(takeLead(database, theirs, () => undefined)).rejects.toThrow(
    /^the coordinator of \/a on one, heard \d s ago, works with the schema taken/,
  );
  await first.renew();
  // A daemon that begins anew in the same clone does not wait for itself.
  const again = await takeLead(database, mine, (why) => void lost.push(why));
  await expect(first.check()).rejects.toThrow('another coordinator has taken over: of /a on one');
  await again.check();
  await database.query("update lead set seen = now() - interval '31 seconds'");
  const second = await takeLead(database, theirs, () => undefined);
  await second.renew();
  expect(Number(second.generation)).toBeGreaterThan(Number(again.generation));
  await expect(again.renew()).rejects.toThrow('another coordinator has taken over: of /b on two');
  expect(lost).toHaveLength(2);
  // Frozen meanwhile, it wakes up in the midst of its work: nothing of it reaches the forge, a machine or the queue.
  const done: string[] = [];
  const home = { ...nowhere('home'), perform: async ({ kind }: { kind: string }) => ({ events: [], done: done.push(kind) }) };
  const stale = await openDispatch(database, again);
  const shared = sharedOn(database, again);
  const calls = createCalls(shared, again);
  const means = { shared, clock: systemClock, dispatch: stale, calls, clocks: LEADS, home, lead: again } as unknown as Means;
  const run = running('w-0000ad', 'gh-9');
  const subject = { run, task: pending('gh-9'), issue: null };
  for (const kind of ['push', 'comment', 'rung'] as const)
    await expect(
      farSite('logger', means).perform({ kind, run: run.id, task: run.task } as never, subject, AbortSignal.any([])),
    ).rejects.toThrow('another coordinator has taken over');
  await expect(calls.ask('logger', { kind: 'tips' })).rejects.toThrow('another coordinator has taken over');
  const site = anywhere(means);
  await expect(site.perform({ kind: 'prepare', run: run.id, task: run.task }, subject, AbortSignal.any([]))).rejects.toThrow(
    'has taken over',
  );
  expect(done).toEqual([]);
  expect(await database.query('select * from calls')).toEqual([]);
  expect(await dispatch.take('logger')).toBeNull();
  // Nor does what it had asked Postgres for already, without a look of its own before.
  await dispatch.offer(run.id, run.task, 0, null);
  await dispatch.take('logger');
  await expect(stale.offer('w-0000ae', 'gh-10', 0, null)).rejects.toThrow('another coordinator has taken over');
  await stale.release(run.id);
  await database.query("update machines set seen = now() - interval '1 hour' where name = 'logger'");
  expect(await stale.takeBack(run.id)).toBe(false);
  expect(await shared.forget('logger')).toBeNull();
  expect(await shared.setDraining('logger', true)).toBe(false);
  expect(await shared.layDown('logger', { refs: {}, bytes: null })).toBeNull();
  expect([await dispatch.machineOf(run.id), await dispatch.take('logger')]).toEqual(['logger', null]);
  expect(await database.query('select id from packs')).toEqual([]);
  await stale.close();
});

test('Postgres goes away between two questions of one transaction: nothing of it is done, and the process lives', async () => {
  const told = database.together(async (ask) => {
    await ask("insert into labelled (queue, labels) values ('half', '{}')");
    const { rows } = await ask('select pg_backend_pid() as pid');
    const { pid } = rows[0] as { readonly pid: number };
    await database.query('select pg_terminate_backend($1)', [pid]);
    await vi.waitFor(async () => expect(await database.query('select 1 from pg_stat_activity where pid = $1', [pid])).toEqual([]));
    await ask('select 1');
  });
  await expect(told).rejects.toMatchObject({ sort: 'retryable' });
  expect(await database.query("select 1 from labelled where queue = 'half'")).toEqual([]);
});
