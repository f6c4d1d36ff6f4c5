import { expect, it } from 'vitest';
import { active, alive, gone, NOW, policy, running, seen } from '../../../test/support/world/world.ts';
import type { Run } from '../model/run.ts';
import { DEFAULT_POLICY } from '../tick/policy.ts';
import { type OwnSight, superviseAlone } from './alone.ts';

const LIMITS = { ...DEFAULT_POLICY.limits, runTime: 60_000, silence: 30_000 };
const run = running('w-000001', 'gh-1', { startedAt: NOW });
const sight = (more: Partial<OwnSight> = {}): OwnSight => ({
  processes: new Map([[run.id, seen(alive)]]),
  streams: new Map([[run.id, run.stream]]),
  unread: new Map(),
  signs: new Map(),
  machine: seen({ freeMemoryBytes: 1, freeDiskBytes: 1, loadPerCore: 1 }),
  goneSince: new Map(),
  busy: new Set(),
  ...more,
});
const after = (one: Run, later: number, more: Partial<OwnSight> = {}) =>
  superviseAlone([one], [active('gh-1', one.id)], sight(more), policy({ limits: LIMITS }), NOW + later);

it('ends what is silent or takes too long, rung after rung, and says why', () => {
  expect(after(run, 20_000)).toMatchObject({ runs: [], actions: [] });
  const silent = after(run, 30_000);
  expect([...silent.causes]).toMatchObject([[run.id, { type: 'stalled', by: 'limits.silence' }]]);
  const asked = after(silent.runs[0] as Run, 30_000);
  expect(asked.actions).toMatchObject([{ kind: 'rung', rung: 'interrupt' }]);
  const stopping = asked.runs[0] as Run;
  expect(after(stopping, 30_000 + DEFAULT_POLICY.stop.interrupt).actions).toMatchObject([{ kind: 'rung', rung: 'signal' }]);
  expect(after(stopping, 30_000 + DEFAULT_POLICY.stop.interrupt).causes.size).toBe(0);
});

it('follows a STOP file', () => {
  const { causes } = after(run, 1_000, { signs: new Map([['gh-1', seen({ stop: 'enough\n', blocked: null })]]) });
  expect([...causes]).toMatchObject([[run.id, { type: 'stopped', reason: 'enough' }]]);
});

it('begins nothing and says nothing to an agent', () => {
  const tell = { id: 7, uuid: 'u', text: 'hello', at: NOW, via: 'input', saidAt: null } as const;
  expect(after({ ...run, tells: [tell] }, 1_000).actions).toEqual([]);
  const starting: Run = { ...run, state: 'starting', baseCommit: 'b', since: NOW } as Run;
  expect(after(starting, 1_000, { processes: new Map([[run.id, seen({ kind: 'never' } as const)]]) }).actions).toEqual([]);
  const preparing: Run = { ...run, state: 'preparing' } as Run;
  expect(after(preparing, 1_000).actions).toEqual([]);
});

it('takes an end as it comes, and of what it cannot see it ends nothing', () => {
  expect(after(run, 1_000, { processes: new Map([[run.id, seen(gone())]]) }).runs).toMatchObject([{ state: 'ended' }]);
  const unseen = { known: false, because: 'no /proc', since: NOW } as const;
  expect(after(run, 90_000, { processes: new Map([[run.id, unseen]]) })).toMatchObject({ runs: [], actions: [] });
});
