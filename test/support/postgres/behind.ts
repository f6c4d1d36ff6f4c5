import { answerCalls, createCalls } from '../../../src/adapters/machines/calls.ts';
import { dispatchOn } from '../../../src/adapters/machines/dispatch.ts';
import type { Lead } from '../../../src/adapters/machines/lead.ts';
import type { Queue } from '../../../src/adapters/machines/queue.ts';
import type { Shared } from '../../../src/adapters/machines/shared.ts';
import { PROTOCOL } from '../../../src/adapters/machines/tables/schema.ts';
import type { Ask } from '../../../src/adapters/machines/wire.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import { DEFAULT_POLICY } from '../../../src/core/tick/policy.ts';
import { nowhere, type Site } from '../../../src/engine/act/site.ts';
import type { Clock } from '../../../src/engine/ports/machine/clock.ts';
import { farSite, type Means } from '../../../src/machines/far-site.ts';
import { answer, type RunnerMeans } from '../../../src/machines/there/answer.ts';

interface End {
  readonly shared: Shared;
  readonly queue: Queue;
}

const NAME = 'm1';
const EMPTY = { refs: {}, bytes: Buffer.from('') };
/** git has nothing to say here. */
const WORKSPACES = {
  tips: async () => [],
  packOfWork: async () => EMPTY,
  takeWork: async () => undefined,
  signs: async () => ({ stop: null, blocked: null }),
};

/** A site on another machine, by the real calls over what is shared; `home` is that machine. */
export async function behind(home: Site, clock: Clock, boss: Lead & End, runner: End) {
  await runner.shared.beat({
    ...{ name: NAME, boot: 'b', version: '1', protocol: PROTOCOL, slots: 9, load: 0, freeDisk: 1, freeMemory: 1, ahead: 0 },
    ...{ labels: [], broken: null },
  });
  // It has the runs that it is asked for.
  for (let n = 1; n <= 4; n += 1) await runner.shared.leases.add(`w-00000${n}`, `gh-${n}`, NAME);
  const charges = { all: () => [], of: () => null, told: () => undefined, did: () => undefined };
  const there = {
    ...{
      shared: runner.shared,
      dispatch: dispatchOn(runner.queue, runner.shared),
      workspaces: WORKSPACES,
      home,
      charges,
      name: NAME,
      root: '',
    },
    ...{ logs: { piece: () => ({ from: 0, bytes: '', isAll: true }) }, flights: new Map(), starts: { saw: () => undefined } },
  } as unknown as RunnerMeans;
  const stop = answerCalls(runner.shared, clock, NAME, (body, signal, call) => answer(there, body as Ask, signal, call));
  const means = {
    ...{ shared: boss.shared, dispatch: dispatchOn(boss.queue, boss.shared), calls: createCalls(boss.shared, boss), lead: boss, clock },
    ...{ clocks: { ahead: async () => 0 }, home: nowhere('home'), inherited: { bring: async () => undefined }, workspaces: WORKSPACES },
    ...{ logs: { size: () => 0, write: () => undefined }, policy: () => DEFAULT_POLICY, store: { run: () => null, task: () => null } },
    folders: { make: async (_: TaskId) => undefined },
  } as unknown as Means;
  return { site: farSite(NAME, means), close: stop };
}
