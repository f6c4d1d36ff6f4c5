import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/machine/clock.ts';
import { answerCalls, createCalls } from '../../src/adapters/machines/calls.ts';
import { type Database, openDatabase } from '../../src/adapters/machines/database.ts';
import { type Dispatch, openDispatch } from '../../src/adapters/machines/dispatch.ts';
import { publish, readFleet } from '../../src/adapters/machines/fleet.ts';
import { layDown, pickUp } from '../../src/adapters/machines/packs.ts';
import { beat, listMachines } from '../../src/adapters/machines/register.ts';
import { type Shared, sharedOn } from '../../src/adapters/machines/shared.ts';
import { rightsOfRunner } from '../../src/adapters/machines/tables/rights.ts';
import { PROTOCOL } from '../../src/adapters/machines/tables/schema.ts';
import type { Ask } from '../../src/adapters/machines/wire.ts';
import type { Run } from '../../src/core/model/run.ts';
import type { RunId, TaskId } from '../../src/core/model/task.ts';
import { DEFAULT_POLICY } from '../../src/core/tick/policy.ts';
import { nowhere } from '../../src/engine/act/site.ts';
import { PortError } from '../../src/engine/ports/error.ts';
import { anywhere } from '../../src/machines/anywhere.ts';
import { farSite, type Means } from '../../src/machines/far-site.ts';
import { type Postgres, startPostgres } from '../support/postgres/postgres.ts';
import { pending, running } from '../support/world/world.ts';

/** What coordinator and runners share, on a real Postgres. */

let postgres: Postgres;
let end: () => unknown;
let database: Database;
let dispatch: Dispatch;
let shared: Shared;
beforeAll(async () => {
  postgres = await startPostgres({ onTestFinished: (ending) => (end = ending as typeof end) });
  database = await openDatabase(postgres.url, 'shared');
  dispatch = await openDispatch(database);
  shared = sharedOn(database);
});
afterAll(async () => {
  await dispatch.close();
  await database.close();
  await end();
});

const alive = (name: string, own = database): Promise<void> =>
  beat(own, {
    ...{ name, boot: 'b', version: '0', protocol: PROTOCOL, slots: 2, load: 0, freeDisk: 1, freeMemory: 1, ahead: null },
    ...{ labels: [], broken: null },
  });
const silence = (name: string): Promise<unknown> =>
  database.query("update machines set seen = now() - interval '1 hour' where name = $1", [name]);
const names = (n: number): [RunId, TaskId] => [`w-${n.toString(16).padStart(6, '0')}`, `gh-${n}`];

/** As the coordinator has it: no machine answers, and `store` knows the runs. */
const meansWith = (store: object): Means =>
  ({
    ...{
      shared,
      dispatch,
      clock: systemClock,
      calls: createCalls(shared),
      clocks: { ahead: async () => 0 },
      home: nowhere('home'),
      lead: { check: async () => undefined },
      inherited: { bring: async () => undefined },
    },
    ...{ policy: () => DEFAULT_POLICY, store },
  }) as unknown as Means;

describe('the queue of runs', () => {
  test('a run that is offered once more as it is taken holds no slot of another machine when it is over', async () => {
    const [run, task] = names(40);
    await alive('racer');
    const stop = answerCalls(shared, systemClock, 'racer', () => Promise.reject(new PortError('terminal', 'enough')));
    await dispatch.offer(run, task, 0, null);
    expect(await dispatch.take('racer')).toEqual({ run, task });
    await dispatch.offer(run, task, 0, null);
    const subject = { run: { ...running(run, task), machine: 'any' }, task: pending(task), issue: null };
    const site = anywhere(meansWith({ run: () => null, runsOf: () => [] }));
    await expect(site.perform({ kind: 'prepare', run, task }, subject, AbortSignal.any([]))).rejects.toThrow('enough');
    await dispatch.release(run);
    expect(await dispatch.take('another')).toBeNull();
    await stop();
  });

  test('one that is taken while it is another machine’s is nobody else’s', async () => {
    const [run, task] = names(41);
    for (const machine of ['racer', 'another']) {
      await dispatch.offer(run, task, 0, null);
      expect((await dispatch.take(machine))?.run).toBe(machine === 'racer' ? run : undefined);
    }
    await dispatch.release(run);
  });

  test('the slot of a run that is over is given back while another run waits for one', async () => {
    const [[over, task], [waits, other]] = [names(42), names(43)];
    await alive('racer');
    await dispatch.offer(over, task, 0, null);
    await dispatch.take('racer');
    const subject = { run: running(waits, other), task: pending(other), issue: null };
    const abort = new AbortController();
    const site = anywhere(meansWith({ run: (id: RunId) => (id === over ? { state: 'settled' } : null), runsOf: () => [] }));
    const waiting = site.perform({ kind: 'prepare', run: waits, task: other }, subject, abort.signal);
    await vi.waitFor(async () => expect(await dispatch.machineOf(over)).toBeNull(), { timeout: 20_000 });
    abort.abort();
    await expect(waiting).rejects.toThrow();
    expect(await dispatch.take('another')).toBeNull();
  });

  test('a run that is offered again and again is taken once, by one machine, and its lease says by whom', async () => {
    const [run, task] = names(1);
    for (const _ of [1, 2, 3]) await dispatch.offer(run, task, 0, null);
    const taken = await Promise.all(['one', 'two', 'three'].map((machine) => dispatch.take(machine)));
    expect(taken.filter((one) => one !== null)).toEqual([{ run, task }]);
    const machine = await dispatch.machineOf(run);
    expect(['one', 'two', 'three'][taken.findIndex((one) => one !== null)]).toBe(machine);
    await dispatch.release(run);
    expect(await dispatch.machineOf(run)).toBeNull();
  });

  test('the more urgent one first; one for a certain machine is for nobody else, until it is withdrawn', async () => {
    const [low, high, own] = [names(2), names(3), names(4)];
    await dispatch.offer(...low, -2, null);
    await dispatch.offer(...high, 0, null);
    await dispatch.offer(...own, -3, 'two');
    expect((await dispatch.take('one'))?.run).toBe(high[0]);
    expect((await dispatch.take('one'))?.run).toBe(low[0]);
    expect(await dispatch.take('one')).toBeNull();
    await dispatch.withdraw(own[0], 'two');
    expect(await dispatch.take('two')).toBeNull();
    await dispatch.offer(...own, -3, 'two');
    expect((await dispatch.take('two'))?.run).toBe(own[0]);
  });

  test('a run that needs labels is for machines that have them all', async () => {
    const [big, any] = [names(6), names(7)];
    await dispatch.offer(...big, -3, null, ['gpu', 'big']);
    await dispatch.offer(...any, 0, null);
    expect((await dispatch.take('plain', ['gpu']))?.run).toBe(any[0]);
    expect(await dispatch.take('plain', ['gpu'])).toBeNull();
    expect((await dispatch.take('strong', ['big', 'fast', 'gpu']))?.run).toBe(big[0]);
    await dispatch.offer(...names(8), 0, null, ['gpu']);
    await dispatch.withdraw(names(8)[0], null, ['gpu']);
    expect(await dispatch.take('strong', ['big', 'fast', 'gpu'])).toBeNull();
  });

  test('a run is taken back from a machine that is silent, and from no other', async () => {
    const [run, task] = names(5);
    await alive('five');
    await dispatch.offer(run, task, 0, null);
    await dispatch.take('five');
    expect(await dispatch.takeBack(run)).toBe(false);
    await silence('five');
    expect((await listMachines(database)).find(({ name }) => name === 'five')?.runs).toEqual([run]);
    expect(await dispatch.takeBack(run)).toBe(true);
    expect(await dispatch.machineOf(run)).toBeNull();
  });
});

describe('what is asked of a machine', () => {
  test('comes back with its answer, or with the error as it was sorted there', async () => {
    await alive('asked');
    const calls = createCalls(shared);
    const stop = answerCalls(shared, systemClock, 'asked', async (body) => {
      const { word } = body as { word: string };
      if (word === 'limited') throw new PortError('limited', 'too much', { hint: 'Wait.', until: 42 });
      if (word === 'odd') throw new TypeError('no such thing');
      return { word };
    });
    const words = ['a', 'b', 'c', 'd'];
    expect(await Promise.all(words.map((word) => calls.ask('asked', { word })))).toEqual(words.map((word) => ({ word })));
    await expect(calls.ask('asked', { word: 'limited' })).rejects.toMatchObject({
      sort: 'limited',
      message: 'too much',
      hint: 'Wait.',
      until: 42,
    });
    await expect(calls.ask('asked', { word: 'odd' })).rejects.toMatchObject({ sort: 'unknown', message: 'no such thing' });
    await stop();
    expect(await database.query('select * from calls')).toEqual([]);
    expect(await database.query('select * from answers')).toEqual([]);
  });

  test('that nobody waits for any more is given up there; of a silent machine nothing is waited for', async () => {
    await alive('slow');
    const calls = createCalls(shared);
    const given = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const stop = answerCalls(shared, systemClock, 'slow', (_, signal) => {
      begun.resolve();
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          given.resolve();
          reject(new Error('given up'));
        });
      });
    });
    const abort = new AbortController();
    const asked = calls.ask('slow', {}, abort.signal);
    await begun.promise;
    abort.abort();
    await expect(asked).rejects.toThrow();
    await given.promise;
    await stop();
    await silence('slow');
    await expect(calls.ask('slow', {})).rejects.toMatchObject({
      sort: 'retryable',
      message: 'the machine slow has not been heard of for 30 s',
    });
  });

  test.each([
    ['there', 'here', null, false],
    ['here', 'here', 'the old one', true],
  ])('a launch goes on in the conversation of a run that was %s only where that is here', async (before, name, resumed, isKept) => {
    await alive(name);
    const asks: Ask[] = [];
    const stop = answerCalls(shared, systemClock, name, async (body) => {
      asks.push(body as Ask);
      return { events: [] };
    });
    const means = meansWith({ run: () => (before === null ? {} : { machine: before }) });
    const resumes = { run: 'w-0000aa', session: 'the old one', message: 'Go on.', because: null } as const;
    const run = { ...running('w-0000ab', 'gh-7'), resumes };
    const subject = { run, task: pending('gh-7'), issue: null };
    await farSite(name, means).perform({ kind: 'launch', run: run.id, task: 'gh-7' }, subject, AbortSignal.any([]));
    const [ask] = asks as unknown as readonly [{ readonly subject: { readonly run: Run } }];
    expect(ask.subject.run.resumes?.session ?? null).toBe(resumed);
    expect(ask.subject.run.tells?.some(({ text, via }) => text === 'Go on.' && via === 'prompt') ?? false).toBe(!isKept);
    await stop();
  });
});

test('many may begin at once, each making what is missing', async () => {
  const opened = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const own = await openDatabase(postgres.url, 'at_once');
      return { own, queue: await openDispatch(own) };
    }),
  );
  const [first] = opened;
  await first?.queue.offer(...names(9), 0, null);
  const taken = await Promise.all(opened.map(({ queue }, n) => queue.take(`m${n}`)));
  expect(taken.filter((one) => one !== null)).toHaveLength(1);
  for (const { own, queue } of opened) {
    await queue.close();
    await own.close();
  }
});

describe('a runner with a role of its own in Postgres', () => {
  const as = (role: string): string => postgres.url.replace('tac8@', `${role}@`);

  test('takes runs and answers, and reads and writes nothing that is not its own', async () => {
    await database.query('create role thief login');
    await database.query(rightsOfRunner('shared', 'thief'));
    await publish(database, { written: 'settings' }, '1.2.3');
    const own = await openDatabase(as('thief'), 'shared');
    const queue = await openDispatch(own);
    expect([own.isOwner, (await readFleet(own))?.version]).toEqual([false, '1.2.3']);
    await alive('taken', own);
    await dispatch.welcome('taken');
    await alive('other');
    // What its own machine is given and asked it gets.
    await dispatch.offer(...names(20), 0, 'taken');
    expect((await queue.take('taken'))?.run).toBe(names(20)[0]);
    expect(await dispatch.machineOf(names(20)[0])).toBe('taken');
    const stop = answerCalls(sharedOn(own), systemClock, 'taken', async (body) => body);
    expect(await createCalls(shared).ask('taken', { word: 'hello' })).toEqual({ word: 'hello' });
    const parcel = await layDown(database, 'taken', { refs: { a: 'b' }, bytes: null });
    expect((await pickUp(own, parcel ?? '')).refs).toEqual({ a: 'b' });
    expect(await layDown(own, 'taken', { refs: {}, bytes: null })).not.toBe('');

    // Nothing of another machine, and no order.
    await database.query("insert into calls (machine, body) values ('other', '\"the text of another task\"')");
    await database.query("insert into leases (run, task, machine) values ('w-0000f1', 'gh-99', 'other')");
    const secret = await layDown(database, 'other', { refs: { secret: 'c' }, bytes: null });
    expect(await own.query('select * from calls')).toEqual([]);
    expect(await own.query('select machine from leases')).toEqual([{ machine: 'taken' }]);
    expect(await own.query('select name from machines')).toEqual([{ name: 'taken' }]);
    await expect(pickUp(own, secret ?? '')).rejects.toThrow('not there any more');
    const forbidden = [
      "insert into calls (machine, body) values ('other', '{}')",
      "insert into calls (machine, body) values ('taken', '{}')",
      "insert into leases (run, task, machine) values ('w-0000f2', 'gh-1', 'other')",
      "insert into answers (call, body) select 1 + max(c), '{}' from (values (1000000)) v(c)",
      'delete from leases',
      'delete from packs',
      "update fleet set settings = '{}'",
      "insert into machines (name, boot, version, protocol, slots, role) values ('fake', 'b', '0', 2, 9, 'tac8')",
      "insert into machines (name, boot, version, protocol, slots) values ('other', 'b', '0', 2, 9) on conflict (name) do update set slots = 9",
      'create table more (a int)',
      'alter table calls disable row level security',
    ];
    for (const text of forbidden) await expect(own.query(text), text).rejects.toThrow(/permission denied|row-level security|must be owner/);
    expect(await own.query("update machines set draining = true where name = 'other' returning name")).toEqual([]);
    await stop();
    await queue.close();
    await own.close();
    await database.query("delete from calls; delete from leases where run like 'w-0000f%'");
  });
});
