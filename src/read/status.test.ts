import { describe, expect, it } from 'vitest';
import { active, ended, issue, NOW, pending, policy, pull, seen, world } from '../../test/support/world/world.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { NEW_FLEET } from '../core/model/fleet.ts';
import type { Run } from '../core/model/run.ts';
import type { Task } from '../core/model/task.ts';
import { reconcile } from '../core/reconcile.ts';
import { slotsOf } from '../core/start/gates.ts';
import type { World } from '../core/tick/world.ts';
import type { DaemonFact } from '../engine/ports/records/facts.ts';
import { notTaken, slotsUsed, waitsFor } from './status.ts';

/** What the daemon decides of a world, written down, and what a person is then told of a task in it. */
function told(task: Task, more: Partial<World> = {}, slots = 1, daemon: object | null = {}): string {
  const scene = world({
    tasks: [task, ...(more.tasks ?? [])],
    ...more,
    ...(more.tasks === undefined ? {} : { tasks: [task, ...more.tasks] }),
  });
  const { notes } = reconcile(scene, policy({ slots }), NOW);
  const fact: DaemonFact = { at: NOW, draining: false, slots, issues: null, pulls: null, notes, problems: [], held: null };
  const used = scene.tasks.filter(({ state }) => state === 'active').length;
  return waitsFor(task, { seen: fact, fleet: scene.fleet, at: NOW, slots: { used, of: slots }, daemon }).join(' · ');
}

describe('a waiting task says what it waits for', () => {
  const local = pending('local-1');
  const listed = { issues: seen([issue(7)]) };
  const last = { type: 'crash', message: 'x', at: NOW - 1_000 } as const;
  const parked = { type: 'usage_limit', message: 'resets', run: 'w-000009', since: NOW - 1_000, until: NOW + 60_000 } as const;
  it.each<[string, RegExp, string]>([
    ['paused', /^paused by a person for 1 m: `tac8 resume local-1`/, told({ ...local, pausedAt: NOW - 60_000 } as Task)],
    ['backing off', /^backing off for 30 s after crash$/, told({ ...local, retryAt: NOW + 30_000, last } as Task)],
    ['both', /^paused by a person.* · backing off/, told({ ...local, pausedAt: NOW, retryAt: NOW + 30_000, last } as Task)],
    ['the fleet is paused', /^the fleet is paused for 1 m/, told(local, { fleet: { ...NEW_FLEET, pausedAt: NOW - 60_000 } })],
    ['the fleet is parked', /^the fleet is parked: usage_limit, for 1 m/, told(local, { fleet: { ...NEW_FLEET, parked } })],
    ['no slot', /^waiting for a slot \(1\/1\)$/, told(local, { tasks: [active('local-2', 'w-000002')] })],
    ['the daemon leaves', /^the daemon is about to leave/, told(local, { draining: true })],
    ['no daemon', /^no daemon runs: nothing starts$/, told(local, {}, 1, null)],
    [
      'a person’s pull',
      /^a person's open pull #9 by .* closes it$/,
      told(pending('gh-7', { armedBy: 'person' }), { ...listed, pulls: seen([pull(9, 'theirs', { closes: [7] })]) }),
    ],
    [
      'pulls unknown',
      /^GitHub: open pulls are unknown/,
      told(pending('gh-7', { armedBy: 'person' }), { ...listed, pulls: { known: false, because: '502', since: NOW } }),
    ],
    ['nothing', /^nothing holds it: the next look starts it$/, told(local)],
  ])('%s', (_what, expected, words) => {
    expect(words).toMatch(expected);
    expect(words).not.toContain('ready');
  });

  it('slots are counted as the one who gives them counts: work that waits for GitHub alone has given its own back', () => {
    const of = (at: number, settlement: Extract<Run, { state: 'ended' }>['settlement'], step: string | null, verify: boolean) => {
      const problem = step === null ? null : { step, message: '502', tries: 2, at: NOW, retryAt: NOW + 1 };
      const run = ended('w-000001', 'gh-1', { endedAt: at, settlement, problem });
      const tasks = [active('gh-1', 'w-000001'), active('gh-2', 'w-000002')];
      const store = openMemoryStore();
      store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: [{ next: run, expected: null }] });
      const { active: used } = slotsOf(tasks, [run], policy({ pulls: { ...policy().pulls, verify } }), NOW);
      return [slotsUsed(store, NOW), used];
    };
    const done = { outcome: { kind: 'done' } } as const;
    expect([
      of(NOW - 61_000, done, 'push', false),
      of(NOW - 61_000, { ...done, verified: { ok: true, output: '' } }, 'push', true),
      of(NOW - 61_000, done, null, true),
      of(NOW - 61_000, {}, 'save', false),
      of(NOW - 1_000, done, 'push', false),
    ]).toEqual([
      [1, 1],
      [1, 1],
      [2, 2],
      [1, 1],
      [2, 2],
    ]);
  });

  it('an issue that is not taken is named with the reason', () => {
    const seenBy = {
      notes: [
        { task: 'gh-4', text: 'not started: bob may not', until: null },
        { task: null, text: 'x', until: null },
      ],
    } as unknown as DaemonFact;
    expect(notTaken({ seen: seenBy, tasks: [] })).toEqual([{ id: 'gh-4', text: 'not started: bob may not' }]);
  });
});
