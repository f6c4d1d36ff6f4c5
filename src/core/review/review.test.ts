import { describe, expect, it } from 'vitest';
import {
  active,
  ended,
  failed,
  inReview,
  issue,
  NOW,
  pending,
  policy,
  seen,
  taskAfter,
  world,
  written,
} from '../../../test/support/world/world.ts';
import { composeBoard } from '../explain/board-view.ts';
import { explain } from '../explain/explain.ts';
import { judgeHousehold } from '../household/removals.ts';
import type { Task, TaskId, TaskIn } from '../model/task.ts';
import { type TaskEvent, transitionTask } from '../model/task-transition.ts';
import { reconcile } from '../reconcile.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import type { PullSight } from './pull-sights.ts';

const rules = (follow: boolean): Policy =>
  policy({ pulls: { openedBy: 'coordinator', verify: false, follow, whenGreen: 'leave', rounds: 2, allow: [] } });
const sight = (state: PullSight['state'], task: TaskId = 'gh-7', number = 9): World['pullSights'] =>
  new Map([[number, { task, number, state, draft: false, commit: 'c'.repeat(40), at: NOW - 50, checks: null }]]);

const SETTLED = {
  saved: { ref: null, commit: null },
  inspection: { head: 'h'.repeat(40), commits: 1, dirty: false, question: null },
  outcome: { kind: 'done' },
  pushed: { commit: 'h'.repeat(40), remote: 'origin' },
  logged: true,
} as const;
const ref = { number: 9, url: 'u' };
const end = (follow: boolean, settlement: object, task = active('gh-7', 'w-000001')) =>
  reconcile(world({ tasks: [task], runs: [ended('w-000001', 'gh-7', { settlement })], issues: seen([issue(7)]) }), rules(follow), NOW);

describe('work that is done', () => {
  it.each([
    ['with a pull that is followed', true, { ...SETTLED, pull: ref }, 'review'],
    ['with a pull that is not followed', false, { ...SETTLED, pull: ref }, 'completed'],
  ])('%s', (_, follow, settlement, state) => {
    const made = end(follow, settlement);
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state, pull: ref, at: NOW, commit: SETTLED.pushed.commit });
    expect(made.commit.counters).toEqual({ workers_completed: 1 });
    expect(made.commit.history?.filter(({ event }) => event === 'completed')).toMatchObject([{ detail: 'pull #9' }]);
  });

  it('without a pull is completed, whether or not pulls are followed', () => {
    const run = ended('w-000001', 'local-1', { settlement: SETTLED });
    const made = reconcile(world({ tasks: [active('local-1', 'w-000001')], runs: [run] }), rules(true), NOW);
    expect(taskAfter(made, 'local-1')?.state).toBe('completed');
  });
});

describe('a task in review', () => {
  const tick = (more: Partial<World>, follow = true) =>
    taskAfter(reconcile(world({ tasks: [inReview('gh-7', 9)], ...more }), rules(follow), NOW), 'gh-7');

  it.each([
    ['its pull is open', { pullSights: sight('open') }],
    ['nothing is known of its pull', {}],
    ['the list of pulls lacks it', { pulls: seen([]) }],
    ['another pull of it was closed', { pullSights: sight('closed', 'gh-7', 8) }],
    ['the pull is said to be another task’s', { pullSights: sight('merged', 'gh-8') }],
    ['there is no forge any more', { forge: 'none' as const }],
    ['its label was taken off', { issues: seen([]), singles: new Map([[7, seen(issue(7, { labels: [] }))]]) }],
    ['its issue is listed still', { issues: seen([issue(7)]) }],
  ])('stays so while %s', (_, more) => {
    expect(tick(more)?.state ?? 'review').toBe('review');
  });

  it.each(['merged', 'closed'] as const)('is completed for good when its pull is %s, as of the day its work was done', (how) => {
    const after = tick({ pullSights: sight(how) });
    expect(after).toMatchObject({ state: 'completed', at: NOW - 60_000, over: { at: NOW - 50, how } });
  });

  it('is completed when pulls are not followed any more', () => {
    expect(tick({ pullSights: sight('open') }, false)).toMatchObject({ state: 'completed', over: { at: NOW, how: 'unfollowed' } });
  });

  const asking = (verb: string) => ({ requests: [{ id: 1, at: NOW - 10, verb, task: 'gh-7' as const, args: {} }] });
  it.each(['stop', 'kill', 'cancel'])('is paused by %s, as nothing runs: no round begins, though a review asks for one', (verb) => {
    const call = { key: 'review 1', alone: false, what: 'wil asks', text: 'x' };
    const asked = { tasks: [inReview('gh-7', 9)], pullSights: sight('open'), calls: new Map([['gh-7' as const, [call]]]), ...asking(verb) };
    const made = reconcile(world(asked), rules(true), NOW);
    expect(made.commit.answers).toMatchObject([{ ok: true, message: expect.stringMatching(/^gh-7 is in review, .*: it is paused; /) }]);
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'review', pausedAt: NOW });
    const paused = inReview('gh-7', 9, { pausedAt: NOW - 5 });
    expect(explain(world({ tasks: [paused] }), rules(true), 'gh-7', NOW).gates[0]).toMatchObject({
      text: 'paused by a person',
      change: '`tac8 resume gh-7`',
    });
    const again = reconcile(world({ tasks: [inReview('gh-7', 9, { pausedAt: NOW - 5 })], ...asking(verb) }), rules(true), NOW);
    expect(again.commit).toMatchObject({ tasks: [], answers: [{ ok: true, message: expect.stringContaining('paused already') }] });
  });

  it('is taken up again by retry, whatever stopped it', () => {
    const paused = { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 1 };
    expect(tick({ ...asking('retry'), fleet: paused })).toMatchObject({ state: 'pending', rounds: 1, pull: { number: 9 } });
    expect(tick({ ...asking('retry'), tasks: [inReview('gh-7', 9, { pausedAt: NOW - 5 })] })).toMatchObject({
      state: 'pending',
      pausedAt: null,
    });
  });

  it('needs a person where nobody wants its merge any more and the forge cannot be told', () => {
    const why = 'gh-7 is paused, but GitHub may merge it still: 502';
    const stuck = {
      ...(sight('open').get(9) ?? expect.unreachable()),
      unmerged: { commit: 'c'.repeat(40), why, since: NOW, takenBack: false },
    };
    const { notes } = reconcile(world({ tasks: [inReview('gh-7', 9)], pullSights: new Map([[9, stuck]]) }), rules(true), NOW);
    expect(JSON.stringify(notes)).toContain(`pull #9: ${why}: needs a person: switch auto-merge off there`);
  });

  it('stands under Completed, and `why` says what is waited for', () => {
    const task = inReview('gh-7', 9);
    const board = composeBoard({ open: [], ended: [task], runs: new Map(), slots: 1, trees: 'trees', local: String }, NOW);
    expect(board.lines).toMatchObject([{ id: 'gh-7', section: 'completed', commit: 'ccccccc' }]);
    const why = explain(world({ tasks: [task] }), rules(true), 'gh-7', NOW);
    expect(why).toMatchObject({
      state: 'review',
      sentence: `in review: ${task.pull?.url}`,
      next: expect.stringContaining('pull #9 is merged'),
    });
  });
});

describe('a pull that was closed, and is opened again', () => {
  const closed = (over: NonNullable<TaskIn<'completed'>['over']>): Task => ({ ...inReview('gh-7', 9), state: 'completed', over }) as Task;
  const after = (task: Task, at: number, follow = true) =>
    taskAfter(
      reconcile(world({ tasks: [task], pullSights: new Map([[9, { ...openAt(at), reopened: true }]]) }), rules(follow), NOW),
      'gh-7',
    );
  const openAt = (at: number): PullSight => ({
    task: 'gh-7',
    number: 9,
    state: 'open',
    draft: false,
    commit: 'c'.repeat(40),
    at,
    checks: null,
  });

  it('takes its task back to review, as of when its work was done', () => {
    const back = after(closed({ at: NOW - 100, how: 'closed' }), NOW - 50) ?? expect.unreachable();
    expect(back).toMatchObject({ state: 'review', at: NOW - 60_000, run: 'w-000001', pull: { number: 9 } });
    expect(back).not.toHaveProperty('over');
  });

  it.each([
    ['merged', closed({ at: NOW - 100, how: 'merged' }), NOW - 50, true],
    ['seen open before it was closed', closed({ at: NOW - 10, how: 'closed' }), NOW - 50, true],
    ['not followed', closed({ at: NOW - 100, how: 'closed' }), NOW - 50, false],
    ['of earlier work', { ...closed({ at: NOW - 100, how: 'closed' }), pull: { number: 8, url: 'u' } } as Task, NOW - 50, true],
  ] as const)('is none where it is %s', (_, task, at, follow) => expect(after(task, at, follow)?.state ?? 'completed').toBe('completed'));
});

describe('a merge that the forge was asked for and does not do any more', () => {
  const LET_GO = { id: 'E1', words: 'GitHub took it out of the merge queue: its checks failed there', commit: null };
  const unmerged = { commit: 'c'.repeat(40), why: LET_GO.words, since: NOW - 70 };
  const seenAs = (more: Partial<PullSight>): World['pullSights'] => new Map([[9, { ...(sight('open').get(9) as PullSight), ...more }]]);
  const letGo = (why: 'checks' | 'person', commit = unmerged.commit) =>
    seenAs({ unmerged: { ...unmerged, commit, letGo: { ...LET_GO, why } } });
  const notes = (pullSights: World['pullSights']) =>
    reconcile(world({ tasks: [inReview('gh-7', 9)], pullSights }), rules(true), NOW).notes.filter(({ gate }) => gate === 'needs-you');

  it('needs a person, unless one did it, or there is another head by now', () => {
    expect(notes(letGo('checks'))).toMatchObject([
      { task: 'gh-7', text: expect.stringMatching(/^pull #9: GitHub took it out.*needs a person/) },
    ]);
    expect(notes(letGo('person'))).toEqual([]);
    expect(notes(letGo('checks', 'd'.repeat(40)))).toEqual([]);
    expect(notes(seenAs({ unmerged }))).toEqual([]);
  });

  it('is told by `why`, and so is what keeps a green pull from being merged', () => {
    const why = explain(world({ tasks: [inReview('gh-7', 9)], pullSights: seenAs({ unmerged }) }), rules(true), 'gh-7', NOW);
    expect(why.gates).toContainEqual(
      expect.objectContaining({ name: 'unmerged', open: false, since: NOW - 70, text: `not merged: ${LET_GO.words}` }),
    );
    const later = { ...unmerged, commit: 'd'.repeat(40) };
    const other = explain(world({ tasks: [inReview('gh-7', 9)], pullSights: seenAs({ unmerged: later }) }), rules(true), 'gh-7', NOW);
    expect(other.gates.map(({ name }) => name)).not.toContain('unmerged');
  });
});

describe('a further round on an open pull', () => {
  it('is an active line with the pull, and counts no task and no pull a second time', () => {
    const round = active('gh-7', 'w-000001', { rounds: 1, pull: ref });
    const board = composeBoard({ open: [round], ended: [], runs: new Map(), slots: 1, trees: 'trees', local: String }, NOW);
    expect(board.lines).toMatchObject([{ section: 'active', details: expect.arrayContaining([{ key: 'PR', value: '#9 u' }]) }]);
    const made = end(true, { ...SETTLED, pull: ref }, round);
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'review', rounds: 1 });
    expect(made.commit.counters).toEqual({});
    const asks = end(true, { ...SETTLED, outcome: { kind: 'blocked', question: 'Which?' } }, round);
    expect(taskAfter(asks, 'gh-7')).toMatchObject({ state: 'blocked' });
    expect(asks.commit.counters).toEqual({});
  });

  it('that failed and is tried again is still one; what begins after the end of the pull is new work', () => {
    const step = (task: Task | null, event: TaskEvent): Task | null => (task === null ? null : transitionTask(task, event));
    const rearmed = { kind: 'rearmed', resume: null, armedBy: 'person', at: NOW } as const;
    const started = { kind: 'started', run: 'w-000002', at: NOW } as const;
    const failure = { type: 'crash', message: '', at: NOW } as const;
    const lost = { kind: 'failed', run: 'w-000002', at: NOW, failure, burned: true } as const;
    const done = { kind: 'completed', run: 'w-000002', at: NOW, commit: null, inReview: true } as const;
    const over = { kind: 'reviewed', over: { at: NOW, how: 'merged' } } as const;
    const all = [rearmed, started, lost, rearmed, started, done];
    const again = all.reduce<Task | null>(step, inReview('gh-7', 9));
    expect(again).toMatchObject({ state: 'review', rounds: 1 });
    expect([rearmed, started, done, over, rearmed].reduce<Task | null>(step, again)).not.toHaveProperty('rounds');
  });
});

describe('events that come too late for a review', () => {
  const late: readonly TaskEvent[] = [
    { kind: 'started', run: 'w-000002', at: NOW },
    { kind: 'again', retryAt: NOW, last: { type: 'crash', message: '', at: NOW }, resume: null, burned: true },
    { kind: 'completed', run: 'w-000002', at: NOW, commit: null, inReview: true },
    { kind: 'failed', run: null, at: NOW, failure: { type: 'cancelled', message: '', at: NOW }, burned: false },
    { kind: 'blocked', run: 'w-000002', at: NOW, question: '' },
    { kind: 'waits', waits: null },
  ];
  it.each(late)('$kind changes nothing', (event) => expect(transitionTask(inReview('gh-7', 9), event)).toBeNull());
  it.each([pending('gh-7'), active('gh-7', 'w-000001'), failed('gh-7')])('$state has no review to end', (task) =>
    expect(transitionTask(task, { kind: 'reviewed', over: { at: NOW, how: 'merged' } })).toBeNull());
});

describe('what a task in review keeps', () => {
  const keep = { completed: 1_000, logs: 1_000, saved: 1_000 };
  const tree = { task: 'gh-7', path: 'trees/gh-7', locked: null, users: [] } as const;
  const log = { task: 'gh-7', run: 'w-000001', bytes: 1, modifiedAt: 0 } as const;
  const household = { trees: [tree], logs: [log], runFolders: [], homes: [{ task: 'gh-7', modifiedAt: 0 } as const], saved: [] };
  const removed = (task: Task, emergency = false) =>
    judgeHousehold(household, { tasks: new Map([['gh-7', task]]), runs: new Map([['w-000001', null]]) }, keep, emergency, NOW).remove;

  it('is all of it, in an emergency as well; its time runs from the end of the pull', () => {
    const task = inReview('gh-7', 9);
    expect([removed(task), removed(task, true)]).toEqual([[], []]);
    const ends = (at: number) =>
      written(world({ tasks: [task] }), reconcile(world({ tasks: [task], pullSights: sight('merged') }), rules(true), at));
    const [over] = ends(NOW).tasks;
    if (over?.state !== 'completed') return expect.unreachable();
    expect(removed(over)).toEqual([]);
    expect(removed({ ...over, over: { at: NOW - 1_000, how: 'merged' } }).map(({ kind }) => kind)).toEqual([
      'remove-tree',
      'remove-log',
      'remove-home',
    ]);
  });
});

describe('work that is asked for after its pull was over', () => {
  const completed = (how: 'merged' | 'closed' | 'unfollowed', branch = 'auto/gh-7'): Task => ({
    ...inReview('gh-7', 9, { armedBy: 'label', rounds: 2, heard: { calls: ['checks x'], alone: 1 }, branch }),
    ...{ state: 'completed', run: 'w-000001', over: { at: NOW - 50, how } },
  });
  const retried = (task: Task, pullSights: World['pullSights'] = new Map()) => {
    const requests = [{ id: 1, at: NOW, verb: 'retry', task: task.id, args: {} }];
    return taskAfter(reconcile(world({ tasks: [task], requests, issues: seen([issue(7)]), pullSights }), rules(true), NOW), 'gh-7');
  };

  it.each([
    ['auto/gh-7', 'auto/gh-7-2'],
    ['auto/gh-7-2', 'auto/gh-7-3'],
    ['x/y/gh-7-99', 'x/y/gh-7-100'],
  ])('goes from %s to %s, with nothing of the old pull', (branch, next) => {
    const task = retried(completed('merged', branch));
    expect(task).toMatchObject({ state: 'pending', branch: next, pull: null });
    expect(task).not.toHaveProperty('rounds');
    expect(task).not.toHaveProperty('heard');
  });

  it.each([
    ['closed, as its end says', 'closed', new Map(), 'auto/gh-7-2'],
    ['merged, as was seen of a pull that nobody follows', 'unfollowed', sight('merged'), 'auto/gh-7-2'],
    ['seen open last', 'unfollowed', sight('open'), 'auto/gh-7'],
    ['another task’s', 'unfollowed', sight('merged', 'gh-8'), 'auto/gh-7'],
  ] as const)('with a pull that is %s', (_, how, sights, branch) => {
    expect(retried(completed(how), sights)).toMatchObject({ branch });
  });

  const relabelled = (at: number, allowed = true) => {
    const trigger = { actor: 'wil', at, allowed, why: 'w' };
    const triggers: World['triggers'] = new Map([[7, { known: true, value: trigger, at: NOW }]]);
    return taskAfter(reconcile(world({ tasks: [completed('merged')], issues: seen([issue(7)]), triggers }), rules(true), NOW), 'gh-7');
  };
  it('is begun by a label that was put on since, by somebody who may', () => {
    expect(relabelled(NOW - 10)).toMatchObject({ branch: 'auto/gh-7-2', state: expect.stringMatching(/pending|active/) });
    for (const task of [relabelled(NOW - 3_600_000), relabelled(NOW - 10, false)]) expect(task?.state ?? 'completed').toBe('completed');
  });
});
