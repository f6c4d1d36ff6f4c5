import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/machine/clock.ts';
import { openMemoryStore } from '../../../../src/adapters/store/memory.ts';
import { known } from '../../../../src/core/model/seen.ts';
import { CHECKED, PULLS_FACT, type PullSight } from '../../../../src/core/review/pull-sights.ts';
import type { Forge } from '../../../../src/engine/ports/outside/forge.ts';
import type { Log } from '../../../../src/engine/ports/records/log.ts';
import type { Store } from '../../../../src/engine/ports/records/store.ts';
import { type PullWatch, watchPulls } from '../../../../src/engine/watch/pulls/pull-watch.ts';
import { pending } from '../../../support/world/world.ts';
import { signal, useGitHub } from '../world.ts';

/*
 * The watch on our own pulls, with the real adapter and a GitHub over HTTP.
 */

const world = useGitHub();
const POLL = 30_000;
const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** So many tasks, each with an open pull; answers the pulls' numbers. */
async function pulls(store: Store, many: number): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let n = 1; n <= many; n += 1) {
    await world.branch(`auto/gh-${n}`);
    const number = await world.github.createPull('tac8', { title: `P ${n}`, head: `auto/gh-${n}`, draft: true });
    const pull = { number, url: `${world.github.url}/acme/widgets/pull/${number}` };
    store.commit({ tasks: [{ next: { ...pending(`gh-${n}`), pull }, expected: null }] });
    numbers.push(number);
  }
  return numbers;
}

const sightsOf = (store: Store): readonly PullSight[] => store.fact(PULLS_FACT) ?? [];
const withChecks = (store: Store): readonly number[] => sightsOf(store).flatMap(({ number, checks }) => (checks === null ? [] : [number]));
const asked = (): number => world.requests('GET', /\/commits\/.*\/check-runs/).length;
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000, interval: 20 });

function watch(store: Store, forge: Pick<Forge, 'checks' | 'pullsOf' | 'limits'>): PullWatch {
  return watchPulls({
    forge,
    store,
    log,
    clock: { ...systemClock, now: () => world.clock },
    interval: () => POLL,
    follows: () => false,
    letGo: async (sights) => sights,
    gather: async () => undefined,
    withdrawals: { isDue: () => false, withdraw: async (sights) => sights },
    tidy: async (sights) => sights,
    advance: async (sights) => sights,
    talk: async () => undefined,
  });
}

/** A poll: the list as it is now. */
async function poll(pullWatch: PullWatch, forge: Forge): Promise<void> {
  world.clock += POLL;
  pullWatch.follow(known(await forge.openPulls(signal), world.clock));
}

describe('the watch on our own pulls', () => {
  it('asks for the checks of the newest twenty, one after the other, and again only when it is time, also after a restart', async () => {
    await world.start();
    const store = openMemoryStore();
    const numbers = await pulls(store, CHECKED + 3);
    const forge = world.connect();
    let [now, most] = [0, 0];
    const checks: Forge['checks'] = async (...args) => {
      now += 1;
      most = Math.max(most, now);
      return forge.checks(...args).finally(() => {
        now -= 1;
      });
    };
    const first = watch(store, { ...forge, checks });
    await poll(first, forge);
    await eventually(() => withChecks(store)).toEqual(numbers.slice(3));
    expect(sightsOf(store)).toHaveLength(numbers.length);
    expect([most, asked()]).toEqual([1, CHECKED]);
    await first.close();

    // What is at rest for an hour is not asked for with each poll, nor because a daemon begins.
    for (const sight of sightsOf(store)) expect(sight.checks?.unknown ?? null).toBeNull();
    const old = sightsOf(store).map((sight) => ({
      ...sight,
      checks: sight.checks && { ...sight.checks, since: world.clock - 60 * 60_000 },
    }));
    store.commit({ facts: { [PULLS_FACT]: old } });
    const second = watch(store, forge);
    for (let n = 0; n < 3; n += 1) await poll(second, forge);
    await second.close();
    expect([asked(), withChecks(store)]).toEqual([CHECKED, numbers.slice(3)]);
    world.clock += 10 * 60_000;
    const third = watch(store, forge);
    await poll(third, forge);
    await eventually(() => sightsOf(store).filter((sight) => sight.checks?.askedAt === world.clock)).toHaveLength(CHECKED);
    expect(asked()).toBe(2 * CHECKED);
    await third.close();
  });

  it('asks nothing while few requests are left, and says so', async () => {
    await world.start({ rateLimit: 102 });
    const store = openMemoryStore();
    await pulls(store, 1);
    const forge = world.connect();
    await forge.issues('x', signal);
    const one = watch(store, forge);
    for (let n = 0; n < 3; n += 1) await poll(one, forge);
    expect(sightsOf(store)).toMatchObject([
      {
        state: 'open',
        checks: { summary: null, unknown: { because: expect.stringMatching(/^not asked: only \d+ of 102 requests are left$/) } },
      },
    ]);
    expect(asked()).toBe(0);
    await one.close();
  });

  it('ends its round when GitHub says that it is enough', async () => {
    await world.start();
    const store = openMemoryStore();
    const numbers = await pulls(store, 3);
    const forge = world.connect();
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'secondary-limit', retryAfterSeconds: 5 });
    const one = watch(store, forge);
    await poll(one, forge);
    await eventually(() => withChecks(store)).toEqual(numbers.slice(2));
    expect(asked()).toBe(1);
    await poll(one, forge);
    await eventually(() => sightsOf(store).filter(({ checks }) => checks?.unknown === null)).toHaveLength(3);
    await one.close();
  });

  it('leaves at once though a question hangs', async () => {
    await world.start();
    const store = openMemoryStore();
    await pulls(store, 2);
    const forge = world.connect();
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'hang', times: null });
    const one = watch(store, forge);
    await poll(one, forge);
    // Further polls wait for nothing either.
    await poll(one, forge);
    expect(sightsOf(store)).toMatchObject([{ at: world.clock, checks: null }, { checks: null }]);
    const began = performance.now();
    await one.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    one.follow(known([], world.clock + 1));
    expect(sightsOf(store)).toMatchObject([{ state: 'open' }, { state: 'open' }]);
  });

  it('asks what became of a pull that is not open any more, and of one that nobody saw open', async () => {
    await world.start();
    const store = openMemoryStore();
    const [merged = 0, closed = 0] = await pulls(store, 2);
    const forge = world.connect();
    const one = watch(store, forge);
    world.github.markReady(merged);
    await world.github.mergePull('alice', merged);
    await poll(one, forge);
    const states = () =>
      sightsOf(store)
        .map(({ number, state }) => `${number} ${state}`)
        .sort();
    await eventually(states).toEqual([`${merged} merged`, `${closed} open`]);
    await eventually(() => withChecks(store)).toEqual([closed]);
    // A question that fails leaves it as it was, and is put again later.
    world.github.changeIssue('alice', closed, { state: 'closed' });
    const fault = world.github.faults.add({ match: { path: /pulls\?.*head=/ }, kind: 'status', status: 502, times: null });
    await poll(one, forge);
    await eventually(() => world.requests('GET', /pulls\?.*head=/).filter(({ status }) => status === 502)).not.toHaveLength(0);
    expect(states()).toEqual([`${merged} merged`, `${closed} open`]);
    world.github.faults.remove(fault.id);
    world.clock += 10 * 60_000;
    // A poll that comes while the round before it goes on begins none.
    await eventually(async () => {
      await poll(one, forge);
      return states();
    }).toEqual([`${merged} merged`, `${closed} closed`]);
    await one.close();
  });

  it('asks once for one that it cannot remember among so many newer ones', async () => {
    await world.start();
    const store = openMemoryStore();
    const [number = 0] = await pulls(store, 1);
    world.github.changeIssue('alice', number, { state: 'closed' });
    const newer = Array.from({ length: 200 }, (_, n): PullSight => {
      return { task: `gh-${1000 + n}`, number: 1000 + n, state: 'merged', draft: false, commit: 'c', at: world.clock, checks: null };
    });
    store.commit({ facts: { [PULLS_FACT]: newer } });
    const forge = world.connect();
    const one = watch(store, forge);
    const singly = () => world.requests('GET', /pulls\?.*head=/).length;
    await poll(one, forge);
    await eventually(singly).toBe(1);
    for (let n = 0; n < 3; n += 1) await poll(one, forge);
    await one.close();
    expect([singly(), sightsOf(store).length]).toEqual([1, 200]);
  });
});
