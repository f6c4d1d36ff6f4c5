import { describe, expect, test } from 'vitest';
import { sampleRun, sampleTask } from '../../../test/conformance/store-samples.ts';
import { policy } from '../../../test/support/world/world.ts';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import type { Run } from '../../core/model/run.ts';
import { known, type Ms } from '../../core/model/seen.ts';
import { nowhere, type Site, type SiteSight } from '../act/site.ts';
import { createEngine } from '../loop.ts';
import type { Ports } from '../ports/context.ts';
import type { Clock } from '../ports/machine/clock.ts';
import { watchSites } from './site-watch.ts';

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const IDENTITY = { pid: 7, startTime: 1, bootId: 'b', containment: { kind: 'sweep' } } as const;
const never = <T>(): Promise<T> => new Promise(() => undefined);

/** A clock that goes on when it is told to. */
function handClock(): Clock & { go(ms: Ms): Promise<void> } {
  let time = 1_000_000;
  let timers: { readonly at: Ms; readonly wake: () => void }[] = [];
  return {
    now: () => time,
    steady: () => time,
    spent: () => time,
    at(at, wake) {
      const timer = { at, wake };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    local: String,
    startOfDay: () => 0,
    async go(ms) {
      time += ms;
      const due = timers.filter(({ at }) => at <= time);
      timers = timers.filter(({ at }) => at > time);
      for (const { wake } of due) wake();
      await settled();
    },
  };
}

/** Lets everything go on that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

function runningOn(machine: string | undefined, n: number): Run {
  const { id, task, attempt, createdAt, session, resumes, wanted, inputEnded, agent, stream, version } = sampleRun(n, `gh-${n}`);
  const facts = {
    id,
    task,
    attempt,
    createdAt,
    session,
    resumes,
    wanted,
    inputEnded,
    agent,
    stream,
    version,
    settlement: {},
    problem: null,
  };
  const where = machine === undefined ? {} : { machine };
  return { ...facts, ...where, state: 'running', baseCommit: 'b'.repeat(40), process: IDENTITY, startedAt: 0 };
}

const goneSight = (runs: readonly Run[], at: Ms): SiteSight => ({
  processes: new Map(runs.map(({ id }) => [id, known({ kind: 'gone', exit: { code: 0, at }, rebooted: false } as const, at)])),
  streams: new Map(runs.map(({ id, stream }) => [id, stream])),
  unread: new Map(),
  signs: new Map(runs.map(({ task }) => [task, known({ stop: null, blocked: null }, at)])),
  machine: known({ freeMemoryBytes: 1, freeDiskBytes: 1, loadPerCore: 0 }, at),
});

/** A place whose looks are answered by hand. */
function site(name: string | null, patience: Ms) {
  const asked: { readonly runs: readonly Run[]; readonly answer: (sight: SiteSight) => void }[] = [];
  const place: Site = {
    name,
    patience,
    perform: async () => ({ events: [] }),
    look: (runs) => new Promise((answer) => asked.push({ runs, answer })),
  };
  return { place, asked };
}

describe('a place that does not answer', () => {
  test('is asked again after a while; the answer to the first question may come after the other one', async () => {
    const clock = handClock();
    const there = site('m1', 0);
    let woken = 0;
    const watch = watchSites({ home: site(null, 0).place, named: () => there.place, clock, log: SILENT, wake: () => (woken += 1) });
    const run = runningOn('m1', 1);
    await watch.look([run]);
    await clock.go(30_000);
    await watch.look([run]);
    expect(there.asked).toHaveLength(2);
    for (const { answer } of there.asked.toReversed()) {
      answer(goneSight([run], clock.now()));
      await settled();
    }
    expect(woken).toBe(2);
    expect((await watch.look([run])).processes.get(run.id)).toMatchObject({ known: true });
  });

  test('is waited for once, for as long as it is worth, and never again until it answers', async () => {
    const clock = handClock();
    const here = site(null, 5_000);
    let woken = 0;
    const watch = watchSites({ home: here.place, named: nowhere, clock, log: SILENT, wake: () => (woken += 1) });
    const run = runningOn(undefined, 1);
    const first = watch.look([run]);
    await clock.go(5_000);
    expect((await first).processes.get(run.id)).toMatchObject({ known: false });
    // From now on a tick has its answer at once.
    const second = await watch.look([run]);
    expect(second.processes.get(run.id)).toMatchObject({ known: false, because: 'this machine has not answered yet' });
    expect(second.unread.get(run.id)).toBe('this machine has not answered yet');
    expect(second.signs.get(run.task)).toMatchObject({ known: false });
    expect(here.asked).toHaveLength(1);
    here.asked[0]?.answer(goneSight([run], clock.now()));
    await settled();
    expect(woken).toBe(1);
    expect((await watch.look([run])).processes.get(run.id)).toMatchObject({ known: true, value: { kind: 'gone' } });
  });

  test('is asked again after a while, and what it said before is forgotten', async () => {
    const clock = handClock();
    const there = site('m1', 0);
    const watch = watchSites({ home: site(null, 0).place, named: () => there.place, clock, log: SILENT, wake: () => undefined });
    const run = runningOn('m1', 1);
    await watch.look([run]);
    there.asked[0]?.answer(goneSight([run], clock.now()));
    await settled();
    expect((await watch.look([run])).processes.get(run.id)).toMatchObject({ known: true });
    await clock.go(9_000);
    expect((await watch.look([run])).processes.get(run.id), 'young enough').toMatchObject({ known: true });
    expect(there.asked).toHaveLength(2);
    await clock.go(2_000);
    expect((await watch.look([run])).processes.get(run.id), 'old').toMatchObject({
      known: false,
      because: 'the machine m1 does not answer',
    });
    expect(there.asked).toHaveLength(2);
    await clock.go(30_000);
    await watch.look([run]);
    expect(there.asked, 'it may have forgotten the question').toHaveLength(3);
  });

  test.each([
    ['while it was asked', true],
    ['after it answered', false],
  ])('what was seen of a run before an action on it counts no more: the action came %s', async (_when, early) => {
    const clock = handClock();
    const there = site('m1', 0);
    const watch = watchSites({ home: site(null, 0).place, named: () => there.place, clock, log: SILENT, wake: () => undefined });
    const run = runningOn('m1', 1);
    const other = runningOn('m1', 2);
    const act = () =>
      watch
        .siteOf(run)
        .perform({ kind: 'sweep', run: run.id, task: run.task }, { run, task: sampleTask(1, 'active'), issue: null }, AbortSignal.any([]));
    await watch.look([run, other]);
    if (early) await act();
    there.asked[0]?.answer(goneSight([run, other], clock.now()));
    await settled();
    if (!early) await act();
    const { processes } = await watch.look([run, other]);
    expect(processes.get(run.id)).toMatchObject({ known: false });
    expect(processes.get(other.id)).toMatchObject({ known: true });
  });

  test('a machine that nobody knows is no machine where anything ended', async () => {
    const here = site(null, 0);
    const watch = watchSites({ home: here.place, named: nowhere, clock: handClock(), log: SILENT, wake: () => undefined });
    const run = runningOn('elsewhere', 1);
    await watch.look([run]);
    await settled();
    const { processes } = await watch.look([run]);
    expect(processes.get(run.id)).toMatchObject({ known: false, because: 'nobody here knows the machine elsewhere' });
    await expect(
      watch
        .siteOf(run)
        .perform({ kind: 'sweep', run: run.id, task: run.task }, { run, task: sampleTask(1, 'active'), issue: null }, AbortSignal.any([])),
    ).rejects.toThrow('nobody here knows the machine elsewhere');
  });
});

/** An engine with a run here, whose worker has ended, and one on a machine that never answers. */
function engineWithDeafMachine(clock: ReturnType<typeof handClock>) {
  const store = openMemoryStore();
  const here = runningOn(undefined, 1);
  const there = runningOn('m1', 2);
  const task = (n: number, run: Run) => ({ ...sampleTask(n, 'active'), run: run.id });
  store.commit({
    tasks: [task(1, here), task(2, there)].map((next) => ({ next, expected: null })),
    runs: [here, there].map((next) => ({ next, expected: null })),
  });
  const signs = { stop: null, blocked: null };
  const ports = {
    store,
    clock,
    log: SILENT,
    forge: null,
    board: {
      read: async (base: unknown) => ({ intents: [], problems: [], base, held: null }),
      publish: async (_view: unknown, base: unknown) => base,
    },
    workers: {
      probe: async () => ({ kind: 'gone', exit: { code: 0, at: clock.now() }, rebooted: false }),
      strays: async () => [],
      held: () => null,
      usage: async (id: string) => (id === here.id ? { processes: 1, memoryBytes: 1, cpuSeconds: 1 } : never()),
    },
    workspaces: {
      signs: async () => signs,
      save: async () => ({ ref: null, commit: null }),
      mendAfterKill: async () => ({ done: [] }),
      inspect: async () => ({ head: null, commits: 1, changed: true, dirty: false, question: null }),
      push: async () => ({ commit: 'c'.repeat(40), remote: null }),
      consumeSigns: async () => undefined,
    },
    housekeeping: { look: never, mainChanges: never },
    agents: { follow: async (run: Run) => run.stream, logins: async () => '' },
    runLog: { append: async () => undefined, appendOnce: async () => undefined },
    surroundings: {
      machine: async () => ({ freeMemoryBytes: 2 ** 40, freeDiskBytes: 2 ** 40, loadPerCore: 0 }),
      names: () => ({ run: 'w-abcdef', session: '' }),
      publishMetrics: async () => undefined,
    },
    notifier: { channelsFor: () => [], tell: async () => '', beat: () => null },
  };
  const deaf: Site = { name: 'm1', patience: 0, perform: never, look: never };
  const engine = createEngine({
    ports: ports as unknown as Ports,
    settings: { pollInterval: () => 60_000, trees: 'trees', baseBranch: 'main', draft: false },
    policy: () => policy(),
    machines: () => () => deaf,
  });
  return { engine, store, here, there };
}

test('a machine whose look never answers leaves the runs elsewhere going, and the loop ticking', async () => {
  const clock = handClock();
  const { engine, store, here, there } = engineWithDeafMachine(clock);
  void engine.run();
  for (let step = 0; step < 40; step += 1) await clock.go(1_000);
  expect(store.run(here.id)?.state, 'its work was taken in').toBe('settled');
  expect(store.run(there.id)?.state, 'nothing is known of it: nothing follows').toBe('running');
  const ticks = engine.pulse().ticks.counts.reduce((sum, count) => sum + count, 0);
  expect(ticks).toBeGreaterThan(35);
  expect(engine.pulse().failedTicks).toBe(0);
  engine.leave();
  await clock.go(5_000);
});
