import { describe, expect, it } from 'vitest';
import { sampleTask } from '../../../test/conformance/store-samples.ts';
import { issue, NOW, seen, world } from '../../../test/support/world/world.ts';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import { CLAIM_EVERY, CLAIM_OLD } from '../../core/start/issue-claim.ts';
import { PortError } from '../ports/error.ts';
import type { ClaimPushed, Claims } from '../ports/repository/claims.ts';
import { watchClaims } from './claim-watch.ts';

const MINUTE = 60_000;
const nothing = (): void => undefined;

/** What the remote holds, as refs that change only from what they are thought to be. */
function remote() {
  const refs = new Map<string, { readonly id: string; readonly text: string }>();
  let made = 0;
  const at = { pushes: 0, reads: 0, fails: null as Error | null, answer: 'given' as 'given' | 'lost' | 'refused' };
  const as = (owner: string): Claims => ({
    whoami: async () => ({ owner, machine: `machine of ${owner}` }),
    async push(changes, text) {
      at.pushes += 1;
      if (at.fails !== null) throw at.fails;
      const id = `object-${++made}`;
      if (at.answer === 'refused') return { id, of: new Map(changes.map(({ task }) => [task, { refused: 'pre-receive hook declined' }])) };
      const of = new Map(
        changes.map(({ task, from, to }): [typeof task, ClaimPushed] => {
          if ((refs.get(task)?.id ?? null) !== from) return [task, 'other'];
          if (to === 'claim') refs.set(task, { id, text });
          else refs.delete(task);
          return [task, 'done'];
        }),
      );
      if (at.answer === 'lost') throw new PortError('retryable', 'the answer was lost');
      return { id, of };
    },
    async read(tasks) {
      at.reads += 1;
      return new Map(tasks.flatMap((task) => (refs.has(task) ? [[task, refs.get(task) ?? { id: '', text: '' }] as const] : [])));
    },
  });
  return { refs, at, as };
}

/** A daemon with the task gh-7, and a clock that all of them share. */
function daemon(claims: Claims, clock: { now: number }, before?: ReturnType<typeof openMemoryStore>) {
  const store = before ?? openMemoryStore();
  if (before === undefined) store.commit({ tasks: [{ next: { ...sampleTask(7, 'pending'), runs: 0 }, expected: null }] });
  const told: string[] = [];
  const watch = watchClaims({
    ...{ claims, store, isOn: () => true, wake: nothing },
    clock: { now: () => clock.now, steady: () => clock.now, spent: () => clock.now, at: () => nothing, local: String, startOfDay: () => 0 },
    log: { debug: nothing, info: (words) => told.push(words), warn: (words) => told.push(words), error: nothing },
  });
  const follow = async (label: number | null, ...wanted: readonly 'gh-7'[]) => {
    const issues = seen([issue(7)]);
    watch.follow(world({ issues, tasks: store.tasks(['gh-7']) }), { claims: wanted.map((task) => ({ task, label })) });
    await settled();
  };
  const sight = () => {
    const found = watch.sights()?.of.get('gh-7');
    return found === undefined ? 'unseen' : found.known ? found.value.kind : found.because;
  };
  /** The task as it is from now on. */
  const becomes = (state: 'active' | 'completed') => {
    const [task] = store.tasks(['gh-7']);
    store.commit({ tasks: [{ next: { ...sampleTask(7, state), version: (task?.version ?? 0) + 1 }, expected: task?.version ?? null }] });
  };
  return { watch, store, told, follow, sight, becomes };
}
const settled = async (): Promise<void> => {
  for (let n = 0; n < 50; n += 1) await null;
};

describe('of two daemons', () => {
  it('one has the issue, and the other knows who has it since when', async () => {
    const [there, clock] = [remote(), { now: NOW }];
    const [ann, ben] = [daemon(there.as('ann'), clock), daemon(there.as('ben'), clock)];
    await ann.follow(5, 'gh-7');
    await ben.follow(5, 'gh-7');
    expect([ann.sight(), ben.sight()]).toEqual(['ours', 'theirs']);
    expect(ben.store.fact('claims')?.theirs).toMatchObject([{ task: 'gh-7', claim: { machine: 'machine of ann', since: NOW } }]);
  });

  it('the other takes it over only when it was not renewed for long, and the first learns of it', async () => {
    const [there, clock] = [remote(), { now: NOW }];
    const [ann, ben] = [daemon(there.as('ann'), clock), daemon(there.as('ben'), clock)];
    await ann.follow(5, 'gh-7');
    ann.becomes('active');
    await ben.follow(5, 'gh-7');
    for (let n = 0; n < 6; n += 1) {
      clock.now += CLAIM_EVERY;
      await ann.follow(5);
      await ben.follow(5, 'gh-7');
      expect(ben.sight()).toBe('theirs');
    }
    clock.now += CLAIM_OLD - MINUTE;
    await ben.follow(5, 'gh-7');
    expect(ben.sight()).toBe('theirs');
    clock.now += MINUTE;
    await ben.follow(5, 'gh-7');
    expect(ben.sight()).toBe('ours');
    await ann.follow(5);
    expect(ann.sight()).toBe('theirs');
  });

  it('where the work is over, only a newer label or a person frees it', async () => {
    const [there, clock] = [remote(), { now: NOW }];
    const [ann, ben] = [daemon(there.as('ann'), clock), daemon(there.as('ben'), clock)];
    await ann.follow(5, 'gh-7');
    ann.becomes('completed');
    await ann.follow(5);
    await ben.follow(5, 'gh-7');
    clock.now += 10 * CLAIM_OLD;
    await ben.follow(5, 'gh-7');
    await ben.follow(5, 'gh-7');
    expect(ben.sight()).toBe('theirs');
    await ben.follow(6, 'gh-7');
    expect(ben.sight()).toBe('ours');
    // What was done here may not be gone on with: it is another's now.
    await ann.follow(6, 'gh-7');
    expect(ann.sight()).toBe('theirs');
  });
});

it('a lost answer and a new daemon of the same clone find their own claim', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const first = daemon(there.as('ann'), clock);
  there.at.answer = 'lost';
  await first.follow(5, 'gh-7');
  expect(first.sight()).toBe('the answer was lost');
  there.at.answer = 'given';
  clock.now += MINUTE;
  await first.follow(5, 'gh-7');
  expect(first.sight()).toBe('ours');
  expect(daemon(there.as('ann'), clock, first.store).sight()).toBe('ours');
  // One whose database was lost knows itself by the clone.
  const fresh = daemon(there.as('ann'), clock);
  await fresh.follow(5, 'gh-7');
  expect(fresh.sight()).toBe('ours');
});

it('one push renews, every five minutes and no more often', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const ann = daemon(there.as('ann'), clock);
  await ann.follow(5, 'gh-7');
  ann.becomes('active');
  there.at.pushes = 0;
  for (let n = 0; n < 120; n += 1) {
    clock.now += MINUTE / 2;
    await ann.follow(5);
  }
  expect(there.at).toMatchObject({ pushes: 12, reads: 0 });
});

it('a remote that takes none is told of once, and the work goes on without', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const ann = daemon(there.as('ann'), clock);
  there.at.answer = 'refused';
  for (let n = 0; n < 10; n += 1) {
    await ann.follow(5, 'gh-7');
    expect(ann.watch.sights()).toBeNull();
    clock.now += MINUTE;
  }
  expect(there.at.pushes).toBe(1);
  expect(ann.told).toEqual([expect.stringContaining('goes on without: pre-receive hook declined')]);
});

it('what looks like a refusal and passes starts nothing without a claim; three in a row are one', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const ann = daemon(there.as('ann'), clock);
  const tries = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      await ann.follow(5, 'gh-7');
      clock.now += MINUTE;
    }
  };
  there.at.fails = new PortError('terminal', 'returned error: 403');
  await tries(2);
  expect(ann.sight()).toBe('returned error: 403');
  there.at.fails = null;
  await tries(1);
  expect(ann.sight()).toBe('ours');

  const ben = daemon(there.as('ben'), clock);
  there.at.fails = new PortError('unknown', 'something else');
  for (const sees of ['something else', 'something else', 'unseen']) {
    await ben.follow(6, 'gh-7');
    expect(ben.sight()).toBe(sees);
    clock.now += MINUTE;
  }
  expect(ben.watch.sights()).toBeNull();
});

it('a remote that does not answer holds the start, and is asked again', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const ann = daemon(there.as('ann'), clock);
  there.at.fails = new PortError('retryable', 'the remote does not answer');
  await ann.follow(5, 'gh-7');
  await ann.follow(5, 'gh-7');
  expect([ann.sight(), there.at.pushes]).toEqual(['the remote does not answer', 1]);
  there.at.fails = null;
  clock.now += MINUTE;
  await ann.follow(5, 'gh-7');
  expect(ann.sight()).toBe('ours');
});

it('what stands there and is no claim holds the issue until it is old', async () => {
  const [there, clock] = [remote(), { now: NOW }];
  const ann = daemon(there.as('ann'), clock);
  there.refs.set('gh-7', { id: 'x', text: 'tac8 claims issues\n\n{"owner":"ann","machine":"\u001b[31m","issues":{"gh-7":["x"]}}' });
  await ann.follow(5, 'gh-7');
  expect(ann.sight()).toBe('theirs');
  clock.now += CLAIM_OLD;
  await ann.follow(5, 'gh-7');
  expect(ann.sight()).toBe('ours');
});
