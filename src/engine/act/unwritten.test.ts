import { beforeEach, expect, test } from 'vitest';
import { active, alive, gone, policy, running, seen, world } from '../../../test/support/world/world.ts';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import type { Run } from '../../core/model/run.ts';
import { unknown } from '../../core/model/seen.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { Plan } from '../../core/tick/plan.ts';
import type { ProcessSeen, World } from '../../core/tick/world.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Store } from '../ports/records/store.ts';
import { keepUnwritten, type Reply, type Unwritten } from './unwritten.ts';

const RUN = 'w-000001';
const TASK = 'gh-1';
let now = 1_800_000_000_000;
let isFull = false;
let base: Store;
let unwritten: Unwritten;

beforeEach(() => {
  now = 1_800_000_000_000;
  isFull = false;
  const memory = openMemoryStore();
  memory.commit({
    tasks: [{ next: active(TASK, RUN), expected: null }],
    runs: [{ next: running(RUN, TASK), expected: null }],
  });
  base = {
    ...memory,
    commit(commit) {
      if (isFull) throw new Error('no room');
      memory.commit(commit);
    },
  };
  unwritten = keepUnwritten(base, { now: () => now } as Clock);
});

/** A tick as the loop does it: what was decided is written, or what of it ends workers is kept. */
function tick(process: ProcessSeen | null, more: Partial<World> = {}): { readonly plan: Plan; readonly done: readonly string[] } {
  now += 1_000;
  const { store } = unwritten;
  const around = world({
    tasks: store.openTasks(),
    runs: store.openRuns(),
    requests: store.requests(),
    processes: new Map([[RUN, process === null ? unknown('its parent has not recorded it', now) : seen(process, now)]]),
    ...more,
  });
  const plan = reconcile(around, policy(), now);
  try {
    store.commit(plan.commit);
    return { plan, done: plan.actions.map(({ kind }) => kind) };
  } catch (error) {
    return { plan, done: unwritten.keep(plan, around, String(error)).map(({ kind }) => kind) };
  }
}

const shown = (): Run | null => unwritten.store.run(RUN);
const STOP = { signs: new Map([[TASK, seen({ stop: 'wrong approach', blocked: null })]]) } as Partial<World>;

test('without room the ladder is climbed to its end, once per rung, and all of it is written with the first room', () => {
  isFull = true;
  const rungs: string[] = [];
  for (let n = 0; n < 200 && !rungs.includes('kill'); n += 1) {
    const { plan, done } = tick(alive, STOP);
    for (const action of plan.actions) if (action.kind === 'rung' && done.includes('rung')) rungs.push(action.rung);
  }
  expect(rungs).toEqual(['ask', 'interrupt', 'signal', 'terminate', 'kill']);
  expect(base.run(RUN)).toMatchObject({ state: 'running', version: 1 });
  expect(shown()).toMatchObject({ state: 'stopping', rung: 'kill' });
  isFull = false;
  tick(gone({ code: 137, at: now }));
  expect(base.run(RUN)).toMatchObject({ state: 'ended', version: 2, cause: { type: 'stopped', reason: 'wrong approach' } });
  expect(
    base
      .history({ task: TASK, limit: 50 })
      .map(({ event }) => event)
      .filter((event) => event === 'stop' || event === 'rung'),
  ).toHaveLength(6);
  expect(unwritten.isHolding()).toBe(false);
});

test('nothing else is done or shown: what does not end a worker waits for room', () => {
  isFull = true;
  const more = [{ ...world().fresh[0], run: 'w-000009' as const, session: 's' }];
  const { done } = tick(alive, { fresh: more, issues: seen([]) });
  expect(done).toEqual([]);
  expect(shown()).toEqual(base.run(RUN));
  expect(unwritten.isHolding()).toBe(false);
});

test('what is written meanwhile by another hand goes on from what is kept', () => {
  isFull = true;
  tick(alive, STOP);
  isFull = false;
  const run = shown();
  unwritten.store.commit({ runs: [{ next: { ...(run as Run), inputEnded: true } as Run, expected: run?.version ?? 0 }] });
  expect(base.run(RUN)).toMatchObject({ state: 'stopping', inputEnded: true, version: 2 });
});

test('what is kept of a run that somebody else changed is dropped, and decided anew', () => {
  isFull = true;
  tick(alive, STOP);
  isFull = false;
  base.commit({ runs: [{ next: { ...running(RUN, TASK), inputEnded: true }, expected: 1 }] });
  expect(() => unwritten.store.commit({})).toThrow(/version/);
  expect(shown()).toEqual(base.run(RUN));
});

test.each<[string, ProcessSeen | null, RegExp]>([
  ['is gone', gone(), /^the worker of gh-1 is ended; nothing can be written down now \(Error: no room\)/],
  ['was killed, and nobody recorded it', null, /^the worker of gh-1 was sent SIGKILL, and its parent has not recorded it; nothing can be/],
])('who asked is answered when the worker %s; the end is theirs once there is room', async (_how, process, words) => {
  isFull = true;
  let reply: Reply | null = null;
  void unwritten.ask({ by: 'a person', verb: 'kill', task: TASK, args: { reason: 'mine' } }).then((one) => {
    reply = one;
  });
  tick(alive);
  await Promise.resolve();
  expect(reply).toBeNull();
  tick(process);
  await Promise.resolve();
  expect(reply).toEqual({ ok: true, message: expect.stringMatching(words) });
  isFull = false;
  tick(gone({ code: 137, at: now }));
  expect(base.run(RUN)).toMatchObject({ state: 'ended', cause: { type: 'killed', by: 'tac8 kill', reason: 'mine' } });
});

test('a refusal is said at once, and a daemon that leaves says so', async () => {
  isFull = true;
  const refused = unwritten.ask({ by: 'a person', verb: 'kill', task: 'gh-7', args: {} });
  const left = unwritten.ask({ by: 'a person', verb: 'stop', task: TASK, args: {} });
  tick(alive);
  expect(await refused).toMatchObject({ ok: false, message: 'there is no task gh-7' });
  unwritten.close();
  expect(await left).toMatchObject({ ok: false });
});
