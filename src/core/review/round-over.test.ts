import { describe, expect, it, test } from 'vitest';
import {
  active,
  alive,
  ended,
  failed,
  inReview,
  issue,
  NOW,
  pending,
  policy,
  runAfter,
  running,
  seen,
  taskAfter,
  world,
} from '../../../test/support/world/world.ts';
import { explain } from '../explain/explain.ts';
import type { Settlement } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';
import { commentBody } from './pull-text.ts';

/* A pull that is merged or closed while a further round on it is under way. */

const rules = policy({ pulls: { openedBy: 'coordinator', verify: true, follow: true, whenGreen: 'leave', rounds: 3, allow: [] } });
const HEAD = 'c'.repeat(40);
const sights = (state: 'open' | 'merged' | 'closed', task: Task['id'] = 'gh-7'): World['pullSights'] =>
  new Map([[9, { task, number: 9, state, draft: false, commit: HEAD, at: NOW - 50, checks: null }]]);
const pull = { number: 9, url: 'https://github.test/acme/widgets/pull/9' };
const round = { pull, rounds: 1 } as const;
const tick = (more: Partial<World>) => reconcile(world({ issues: seen([issue(7)]), pullSights: sights('merged'), ...more }), rules, NOW);

it('what a round has cost counts for its task, also when its pull is over meanwhile', () => {
  const spend = { ...running('w-000002', 'gh-7').stream.spend, inputTokens: 1_000, usd: 0.5 };
  const run = ended('w-000002', 'gh-7', {
    stream: { ...running('w-000002', 'gh-7').stream, spend },
    settlement: {
      ...{ saved: { ref: null, commit: null }, inspection: { head: HEAD, commits: 1, dirty: false, question: null }, logged: true },
      outcome: { kind: 'failed', failure: { type: 'cancelled', message: 'pull #9 was merged', at: NOW }, resumable: false },
    },
  });
  const task = active('gh-7', 'w-000002', { ...round, spent: { tokens: 500, usd: 0.25 }, spentInAll: { tokens: 2_500, usd: 2.25 } });
  expect(taskAfter(tick({ tasks: [task], runs: [run] }), 'gh-7')).toMatchObject({
    state: 'completed',
    spent: { tokens: 1_500, usd: 0.75 },
    spentInAll: { tokens: 3_500, usd: 2.75 },
  });
});

describe('a round that runs', () => {
  const scene = { tasks: [active('gh-7', 'w-000002', round)], runs: [running('w-000002', 'gh-7')] };
  const live: Partial<World> = { processes: new Map([['w-000002', seen(alive)]]) };

  it.each(['merged', 'closed'] as const)('is ended gently when its pull is %s', (state) => {
    const run = runAfter(tick({ ...scene, ...live, pullSights: sights(state) }), 'w-000002');
    expect(run).toMatchObject({
      state: 'stopping',
      cause: { type: 'cancelled', by: 'GitHub', reason: expect.stringMatching(/^pull #9 was /) },
    });
  });

  it('has that for its reason when the merge has closed its issue as well', () => {
    const closed = new Map([[7, seen(issue(7, { state: 'closed' }))]]);
    const run = runAfter(tick({ ...scene, ...live, issues: seen([]), singles: closed }), 'w-000002');
    expect(run).toMatchObject({ cause: { reason: 'pull #9 was merged' } });
  });

  it.each([
    ['is open', { pullSights: sights('open') }],
    ['is another task’s', { pullSights: sights('merged', 'gh-8') }],
    ['was never seen', { pullSights: new Map() }],
  ])('goes on when its pull %s', (_, more) => {
    expect(runAfter(tick({ ...scene, ...live, ...more }), 'w-000002')?.state ?? 'running').toBe('running');
  });
});

const inspection = { head: 'd'.repeat(40), commits: 2, dirty: true, question: null, changed: true };
const settled: Settlement = { saved: { ref: 'refs/tac8/saved/gh-7/w-000002/1', commit: 's' }, mended: { done: [] }, inspection };
const after = (settlement: Settlement, more: Partial<World> = {}) => {
  const run = ended('w-000002', 'gh-7', { settlement });
  return { run, plan: tick({ tasks: [active('gh-7', 'w-000002', round)], runs: [run], ...more }) };
};

describe('a round that has ended', () => {
  const done: Settlement = { ...settled, outcome: { kind: 'done' }, logged: true } as Settlement;

  it('brings nothing onto a pull that is over, and completes its task as the pull', () => {
    const { run, plan } = after(done);
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['comment']);
    const task = taskAfter(plan, 'gh-7');
    expect(task).toMatchObject({ state: 'completed', run: 'w-000002', commit: HEAD, over: { how: 'merged' } });
    expect(task).not.toHaveProperty('rounds');
    if (task === undefined) return;
    expect(commentBody(task, run, { places: [], orders: false })).toMatch(
      /#9 was merged while tac8 still worked on it.*branch `auto\/gh-7` there.*`tac8 restore gh-7`/,
    );
    const why = explain(world({ tasks: [task], runs: [run] }), rules, 'gh-7', NOW);
    expect(why.gates.map(({ text }) => text).join('\n')).toMatch(/pull #9 was merged\n.*ddddddd/);
  });

  it('names nothing that is left where nothing is', () => {
    const nothing = { ...settled, saved: { ref: null, commit: null }, inspection: { ...inspection, head: HEAD } };
    const { run, plan } = after({ ...nothing, outcome: { kind: 'done' }, logged: true } as Settlement);
    const task = taskAfter(plan, 'gh-7');
    if (task === undefined) return expect.unreachable();
    expect(commentBody(task, run, { places: [], orders: false })).toMatch(
      /^Pull request #9 was merged while tac8 still worked on it\.\s+<sub>/,
    );
    const failure = { type: 'cancelled', message: 'x', at: NOW } as const;
    expect(after({ ...nothing, outcome: { kind: 'failed', failure, resumable: true }, logged: true } as Settlement).plan.actions).toEqual(
      [],
    );
  });

  it('fails no task, whatever it came to', () => {
    const failure = { type: 'crash', message: 'gone', at: NOW } as const;
    const { plan } = after({ ...settled, outcome: { kind: 'failed', failure, resumable: true }, logged: true } as Settlement);
    expect(taskAfter(plan, 'gh-7')).toMatchObject({ state: 'completed', over: { how: 'merged' } });
    expect(plan.commit.counters).toEqual({});
  });

  it('is delivered as ever while the pull is open', () => {
    const { plan } = after(done, { pullSights: sights('open') });
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['verify']);
  });
});

test.each([
  ['that waits for its slot', pending('gh-7', { ...round, resume: { run: 'w-000001', session: 's', message: 'm', because: null } }), true],
  ['that failed', failed('gh-7', round), true],
  ['that never was a round', pending('gh-7', { pull, runs: 1 }), false],
  ['in review', inReview('gh-7', 9), true],
])('a merge completes a task %s', (_, task, completes) => {
  const next = taskAfter(tick({ tasks: [task] }), 'gh-7');
  expect(next?.state === 'completed').toBe(completes);
});

test('a close completes none that has failed: what went wrong stays', () => {
  expect(taskAfter(tick({ tasks: [failed('gh-7', round)], pullSights: sights('closed') }), 'gh-7')?.state ?? 'failed').toBe('failed');
});
