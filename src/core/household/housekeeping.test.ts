import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  ended,
  failed,
  issue,
  NOW,
  pending,
  policy,
  running,
  seen,
  upkeep,
  world,
  written,
} from '../../../test/support/world/world.ts';
import { type Household, type MainKept, nameOf, type Owners } from '../model/household.ts';
import type { Run } from '../model/run.ts';
import { unknown } from '../model/seen.ts';
import type { Task, TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { Keep } from '../tick/policy.ts';
import { MAIN_FACT } from './main-checkout.ts';
import { judgeHousehold } from './removals.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEEP: Keep = { completed: DAY, logs: 30 * DAY, saved: 30 * DAY };
const NOTHING: Household = { trees: [], logs: [], runFolders: [], homes: [], saved: [] };

const completed = (id: TaskId, at: number): Task => {
  const { failure: _, ...facts } = failed(id) as Extract<Task, { state: 'failed' }>;
  return { ...facts, state: 'completed', run: 'w-000001', at, commit: null };
};
const tree = (task: TaskId, more: Partial<Household['trees'][number]> = {}) => ({
  task,
  path: `/r/trees/${task}`,
  locked: null,
  users: [],
  ...more,
});
const owners = (tasks: readonly Task[], runs: readonly Run[] = []): Owners => ({
  tasks: new Map(tasks.map((task) => [task.id, task])),
  runs: new Map(runs.map((run) => [run.id, run])),
});
const settled = (id: Run['id'], task: TaskId): Run => ({ ...(ended(id, task) as Extract<Run, { state: 'ended' }>), state: 'settled' });

describe('snapshots while a worker runs', () => {
  const run = running('w-1', 'gh-1', { startedAt: NOW - 4 * 60_000 });
  const busy = {
    issues: seen([issue(1)]),
    tasks: [active('gh-1', 'w-1')],
    runs: [run],
    processes: new Map([['w-1' as const, seen(alive)]]),
  };

  it('are asked for by the clock, from the start or the last one on', () => {
    const early = reconcile(world(busy), policy(), NOW);
    expect(early.chores).toEqual([]);
    expect(early.wakeAt).toBeLessThanOrEqual(NOW + 60_000);
    const later = NOW + 60_000;
    expect(reconcile(world(busy), policy(), later).chores).toEqual([{ kind: 'snapshot', task: 'gh-1', run: 'w-1', why: 'while it runs' }]);
    const lately = upkeep({ snapshots: new Map([['w-1', later - 1000]]) });
    expect(reconcile(world({ ...busy, upkeep: lately }), policy(), later).chores).toEqual([]);
  });

  it('are no action of the run: a stop in the same tick takes its rung', () => {
    const stop = { id: 1, at: NOW, verb: 'kill', task: 'gh-1', args: {} } as const;
    const late = { ...busy, runs: [running('w-1', 'gh-1', { startedAt: NOW - HOUR, stream: { ...run.stream, lastEventAt: NOW } })] };
    const first = reconcile(world({ ...late, requests: [stop] }), policy(), NOW);
    const taken = [...first.actions, ...reconcile(written(world({ ...late, requests: [stop] }), first), policy(), NOW + 1).actions];
    expect(taken.map(({ kind }) => kind)).toContain('rung');
    const asked = reconcile(world(late), policy(), NOW);
    expect(asked.chores.map(({ kind }) => kind)).toEqual(['snapshot']);
    expect(asked.actions).toEqual([]);
  });

  it('are asked for once at a time, and a failed one is told', () => {
    const name = 'snapshot gh-1 w-1';
    const at = NOW + 60_000;
    expect(reconcile(world({ ...busy, upkeep: upkeep({ busy: new Set([name]) }) }), policy(), at).chores).toEqual([]);
    const refused = new Map([[name, { message: 'disk full', until: NOW }]]);
    const told = reconcile(world({ ...busy, upkeep: upkeep({ refused }) }), policy(), at);
    expect(told.notes.map(({ text }) => text).join()).toContain('disk full');
    expect(told.chores).toHaveLength(1);
  });
});

describe('what may go', () => {
  const why = (household: Partial<Household>, whose: Owners, emergency = false) => {
    const { remove, keep } = judgeHousehold({ ...NOTHING, ...household }, whose, KEEP, emergency, NOW);
    return { remove: remove.map(nameOf), keep: keep.map((one) => one.why) };
  };

  it('the worktree of a task completed long enough ago', () => {
    expect(why({ trees: [tree('gh-1')] }, owners([completed('gh-1', NOW - DAY)])).remove).toEqual(['remove-tree gh-1']);
    expect(why({ trees: [tree('gh-1')] }, owners([completed('gh-1', NOW - DAY + 60_000)])).remove).toEqual([]);
  });

  it.each<[string, Task | null | undefined, Partial<Household['trees'][number]>]>([
    ['a pending task', pending('gh-1'), {}],
    ['an active task', active('gh-1', 'w-1'), {}],
    ['a failed task that can go on', failed('gh-1'), {}],
    ['a task nobody asked for', undefined, {}],
    ['a process that works in it', completed('gh-1', 0), { users: [77] }],
    ['a person’s lock', completed('gh-1', 0), { locked: 'mine' }],
  ])('never the worktree with %s, not even in an emergency', (_name, task, more) => {
    const whose = { tasks: new Map(task === undefined ? [] : [['gh-1' as const, task]]), runs: new Map() };
    for (const emergency of [false, true]) expect(why({ trees: [tree('gh-1', more)] }, whose, emergency).remove).toEqual([]);
  });

  it('never the worktree of a run that is not settled', () => {
    const whose = owners([completed('gh-1', 0)], [ended('w-000001', 'gh-1')]);
    expect(why({ trees: [tree('gh-1')] }, whose, true)).toEqual({ remove: [], keep: ['its last run is not settled'] });
  });

  it('in an emergency also young ones, cancelled ones and those of unknown tasks', () => {
    const cancelled = failed('gh-2', { failure: { type: 'cancelled', message: 'no', at: NOW } });
    const tasks = new Map<TaskId, Task | null>([
      ['gh-1', completed('gh-1', NOW)],
      ['gh-2', cancelled],
      ['gh-3', null],
    ]);
    const trees = [tree('gh-1'), tree('gh-2'), tree('gh-3')];
    expect(why({ trees }, { tasks, runs: new Map() }).remove).toEqual([]);
    expect(why({ trees }, { tasks, runs: new Map() }, true).remove).toEqual(['remove-tree gh-1', 'remove-tree gh-2', 'remove-tree gh-3']);
  });

  it('logs, run folders and homes of tasks that ended long ago, and of no other', () => {
    const old = NOW - 31 * DAY;
    const of = (task: TaskId) => ({
      logs: [{ task, run: 'w-000001' as const, bytes: 1, modifiedAt: old }],
      runFolders: [{ run: 'w-000001' as const, modifiedAt: old }],
      homes: [{ task, modifiedAt: old }],
    });
    const all = ['remove-log gh-1 w-000001', 'remove-run-folder w-000001', 'remove-home gh-1'];
    const run = settled('w-000001', 'gh-1');
    expect(why(of('gh-1'), owners([failed('gh-1', { at: old })], [run])).remove).toEqual(all);
    expect(why(of('gh-1'), owners([failed('gh-1', { at: NOW - DAY })], [run])).remove).toEqual([]);
    expect(why(of('gh-1'), owners([pending('gh-1')], [run])).remove).toEqual([]);
    expect(why(of('gh-1'), owners([failed('gh-1', { at: old })], [ended('w-000001', 'gh-1')])).remove).toEqual(['remove-home gh-1']);
    // The store was lost: a log goes by its own age, what a worker may still need stays.
    const lost: Owners = { tasks: new Map([['gh-1', null]]), runs: new Map([['w-000001', null]]) };
    expect(why(of('gh-1'), lost).remove).toEqual(['remove-log gh-1 w-000001']);
  });

  it('old snapshots, never the last one of a task', () => {
    const at = NOW - 40 * DAY;
    const saved = [
      { task: 'gh-1', ref: 'a', at },
      { task: 'gh-1', ref: 'b', at: at + 1 },
      { task: 'gh-2', ref: 'c', at },
      { task: 'gh-2', ref: 'd', at },
      { task: 'gh-3', ref: 'e', at: NOW },
    ];
    const { remove } = judgeHousehold({ ...NOTHING, saved }, owners([]), KEEP, false, NOW);
    expect(remove).toMatchObject([{ kind: 'drop-saved', refs: ['a', 'd'] }]);
  });
});

describe('cleaning up', () => {
  const household = seen({ ...NOTHING, trees: [tree('gh-1')] });
  const ready = upkeep({ household, owners: owners([completed('gh-1', NOW - 2 * DAY)]) });
  const wish = { id: 5, at: NOW - 50, verb: 'clean', task: null, args: {} } as const;

  it('removes nothing on a look that failed', () => {
    const blind = upkeep({ household: unknown('git hangs', NOW - 10), worktreeErrors: 11, owners: ready.owners });
    const plan = reconcile(world({ upkeep: blind, requests: [wish] }), policy(), NOW);
    expect(plan.chores).toEqual([]);
    expect(plan.commit.resetCounters).toBeUndefined();
    expect(plan.commit.answers).toMatchObject([{ id: 5, ok: false, message: expect.stringContaining('git hangs') }]);
  });

  it('answers a person’s wish when it is done, by a look that is younger than it', () => {
    expect(reconcile(world({ upkeep: ready, requests: [wish] }), policy(), NOW)).toMatchObject({
      chores: [{ kind: 'remove-tree', task: 'gh-1' }],
      commit: { answers: [] },
    });
    const clean = upkeep({ household: seen(NOTHING) });
    expect(reconcile(world({ upkeep: clean, requests: [wish] }), policy(), NOW).commit.answers).toMatchObject([{ id: 5, ok: true }]);
    const stale = upkeep({ household: seen(NOTHING, NOW - 60) });
    expect(reconcile(world({ upkeep: stale, requests: [wish] }), policy(), NOW).commit.answers).toEqual([]);
  });

  it('sets the counter of worktree errors back when what can go is gone', () => {
    const young = owners([completed('gh-1', NOW - HOUR)]);
    const ten = reconcile(world({ upkeep: upkeep({ household, owners: young, worktreeErrors: 10 }) }), policy(), NOW);
    expect(ten.chores).toEqual([]);
    const eleven = reconcile(world({ upkeep: upkeep({ household, owners: young, worktreeErrors: 11 }) }), policy(), NOW);
    expect(eleven.chores.map(nameOf)).toEqual(['remove-tree gh-1']);
    expect(eleven.commit.resetCounters).toBeUndefined();
    const under = upkeep({ household, owners: young, worktreeErrors: 11, tooManySince: NOW - 5, busy: new Set(['remove-tree gh-1']) });
    expect(reconcile(world({ upkeep: under }), policy(), NOW)).toMatchObject({ chores: [] });
    expect(reconcile(world({ upkeep: under }), policy(), NOW).commit.resetCounters).toBeUndefined();
    const refused = new Map([['remove-tree gh-1', { message: 'locked', until: NOW + HOUR }]]);
    const done = reconcile(
      world({ upkeep: upkeep({ household, owners: young, worktreeErrors: 11, tooManySince: NOW - 5, refused }) }),
      policy(),
      NOW,
    );
    expect(done.commit.resetCounters).toEqual(['worktree_errors']);
    const late = upkeep({ household, owners: young, worktreeErrors: 11, tooManySince: NOW + 5, refused });
    expect(reconcile(world({ upkeep: late }), policy(), NOW + 9).commit.resetCounters).toBeUndefined();
    expect(done.commit.history?.at(-1)).toMatchObject({ event: 'cleaned-up', detail: expect.stringContaining('locked') });
  });
});

describe('the main checkout', () => {
  const look = (paths: readonly string[], worked: boolean, mainKept: MainKept | null = null, before: readonly string[] = []) =>
    reconcile(world({ upkeep: upkeep({ main: seen({ paths, worked, before }), mainKept }) }), policy(), NOW);
  const kept = (plan: ReturnType<typeof look>) => plan.commit.facts?.[MAIN_FACT] as MainKept;
  const events = (plan: ReturnType<typeof look>) => plan.commit.history?.map(({ event }) => event);

  it('what was there before, or came while nobody worked, is a person’s', () => {
    expect(events(look(['a.txt'], true))).toEqual([]);
    const before = kept(look(['a.txt'], false));
    expect(events(look(['a.txt', 'b.txt'], false, before))).toEqual([]);
    expect(events(look(['a.txt'], true, before))).toEqual([]);
    expect(events(look(['a.txt', 'b.txt'], true, before, ['b.txt']))).toEqual([]);
    expect(events(look(['a.txt', 'b.txt'], true, before, ['a.txt']))).toEqual(['main-changed']);
  });

  it('what comes while workers run is an alarm: once in the history, a note until it is gone', () => {
    const first = look(['a.txt', 'b.txt'], true, { paths: ['a.txt'], alarms: [] });
    expect(first.commit.history).toMatchObject([{ event: 'main-changed', detail: expect.stringContaining('b.txt') }]);
    expect(first.commit.history?.[0]?.detail).not.toContain('a.txt');
    const again = look(['a.txt', 'b.txt'], true, kept(first));
    expect(events(again)).toEqual([]);
    expect(again.commit.facts).toEqual({});
    expect(again.notes.map(({ text }) => text).join()).toContain('b.txt');
    const mended = look(['a.txt'], true, kept(first));
    expect(mended.notes).toEqual([]);
  });

  it('a look that failed changes nothing', () => {
    const stored = { paths: ['a.txt'], alarms: [{ path: 'a.txt', at: NOW }] };
    const blind = reconcile(world({ upkeep: upkeep({ main: unknown('git hangs', NOW), mainKept: stored }) }), policy(), NOW);
    expect(blind.commit.facts).toEqual({});
    expect(blind.notes).toHaveLength(1);
    const live = { issues: seen([issue(1)]), tasks: [active('gh-1', 'w-1')], runs: [running('w-1', 'gh-1')] };
    const processes = new Map([['w-1' as const, seen(alive)]]);
    const told = reconcile(world({ ...live, processes, upkeep: upkeep({ main: unknown('git hangs', NOW) }) }), policy(), NOW);
    expect(told.notes.map(({ text }) => text).join()).toContain('does not know whether workers change the main checkout: git hangs');
  });
});
