import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  failed,
  issue,
  NOW,
  pending,
  policy,
  running,
  seen,
  taskAfter,
  trigger,
  world,
  written,
} from '../../../test/support/world/world.ts';
import { unknown } from '../model/seen.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';

/*
 * The table of docs/precedence.md: who wins when several speak about one task, in either order and at once.
 * A "word" is what one of them does to the world that the next tick sees.
 */
type Word = (before: World) => World;

const labelled = seen([issue(7)]);
const request = (id: number, verb: string) => ({ id, at: NOW - 10, verb, task: 'gh-7' as const, args: {} });
const asking =
  (id: number, verb: string): Word =>
  (before) => ({ ...before, requests: [...before.requests, request(id, verb)] });

const STOPS: Readonly<Record<string, Word>> = {
  'board: line moved to Failed': (before) => ({
    ...before,
    intents: [...before.intents, { kind: 'cancel', task: 'gh-7', reason: 'not needed', line: 3 }],
  }),
  'board: pending line deleted': (before) => ({ ...before, intents: [...before.intents, { kind: 'remove', task: 'gh-7' }] }),
  'label removed or issue closed': (before) => ({
    ...before,
    issues: seen([]),
    singles: new Map([[7, seen(issue(7, { labels: [] }))]]),
  }),
  'tac8 cancel': asking(1, 'cancel'),
};

const STARTS: Readonly<Record<string, Word>> = {
  'board: line moved back under Pending': (before) => ({
    ...before,
    intents: [...before.intents, { kind: 'retry', task: 'gh-7', line: 3 }],
  }),
  'tac8 retry': asking(2, 'retry'),
  'label put on again': (before) => ({ ...before, issues: labelled, triggers: new Map([[7, seen(trigger(true, NOW + 5))]]) }),
};

const paused: World['fleet'] = { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 1 };
const queue = (task: Task): World => world({ tasks: [task], issues: labelled, triggers: new Map([[7, seen(trigger())]]), fleet: paused });
const tick = (before: World, now = NOW): World => written(before, reconcile(before, policy(), now));
const stateOf = (after: World) => after.tasks.find(({ id }) => id === 'gh-7')?.state;
const pairs = Object.keys(STOPS).flatMap((stop) => Object.keys(STARTS).map((start) => [stop, start] as const));
const word = (name: string): Word => STOPS[name] ?? STARTS[name] ?? ((before) => before);

describe('a stop, then a start in a later tick: it is armed again', () => {
  it.each(pairs)('%s, then %s', (stop, start) => {
    const stopped = tick(word(stop)(queue(pending('gh-7'))));
    expect(stateOf(stopped)).toBe('failed');
    // Whoever starts it by board or command where the label is gone keeps it by that word alone.
    expect(stateOf(tick(word(start)(stopped), NOW + 10))).toBe('pending');
    expect(stateOf(tick(tick(word(start)(stopped), NOW + 10), NOW + 20))).toBe('pending');
  });
});

describe('a start, then a stop in a later tick: it is stopped', () => {
  it.each(pairs)('%s after %s', (stop, start) => {
    const cancelled = failed('gh-7', { failure: { type: 'cancelled', message: 'x', at: NOW - 100 } });
    const started = tick(word(start)(queue(cancelled)), NOW);
    expect(stateOf(started)).toBe('pending');
    expect(stateOf(tick(word(stop)(started), NOW + 10))).toBe('failed');
  });
});

describe('both in one tick: the stop wins, whoever was first', () => {
  const atOnce = pairs.filter(([stop, start]) => !(stop.startsWith('label') && start.startsWith('label')));
  it.each(atOnce)('%s and %s', (stop, start) => {
    const isGone = stop.startsWith('label');
    for (const order of [
      [stop, start],
      [start, stop],
    ]) {
      const both = order.reduce((before, name) => word(name)(before), queue(pending('gh-7')));
      // A label that is gone says nothing about a task that a person arms in the same moment: their word is newer.
      const after = tick(isGone ? word(stop)(both) : both);
      expect(stateOf(after)).toBe('failed');
    }
  });
});

describe('an issue that came from a line on the board', () => {
  const add = { kind: 'add', key: 'gh-7', number: 7, title: 'Issue 7', priority: 2, line: 3 } as const;
  const empty = { ...queue(pending('gh-7')), tasks: [] };
  const gone = word('label removed or issue closed');

  it.each<[string, Partial<World>, string]>([
    ['bears the label: taking it off cancels', {}, 'failed'],
    ['bears a label that counts for nothing: the line alone keeps it', { triggers: new Map([[7, seen(trigger(false))]]) }, 'pending'],
    ['bears no label: the line alone keeps it', { issues: seen([]) }, 'pending'],
  ])('%s', (_, forge, state) => {
    // A new database reads the board before GitHub has answered.
    const added = tick({ ...empty, issues: unknown('not asked yet', 0), triggers: new Map(), intents: [add] });
    expect(added.tasks).toMatchObject([{ id: 'gh-7', armedBy: 'person' }]);
    const answered = tick({ ...added, issues: labelled, triggers: empty.triggers, intents: [], ...forge }, NOW + 10);
    expect(stateOf(tick(gone(answered), NOW + 20))).toBe(state);
  });

  it('is decided on once it is known who put the label on', () => {
    const added = tick({ ...empty, triggers: new Map(), intents: [add] });
    expect(added.tasks).toMatchObject([{ armedBy: 'person' }]);
    expect(reconcile({ ...added, intents: [] }, policy(), NOW + 10).wanted.triggers).toEqual([7]);
    const known = tick({ ...added, intents: [], triggers: empty.triggers }, NOW + 20);
    expect(known.tasks).toMatchObject([{ armedBy: 'label' }]);
  });
});

describe('an issue cancelled on the board before anything was known of it', () => {
  const cancelled = { kind: 'cancel', task: 'gh-7', reason: 'not needed', line: 3 } as const;
  const empty = { ...queue(pending('gh-7')), tasks: [] };

  it('is kept as cancelled, and its label does not start it', () => {
    const after = tick({ ...empty, intents: [cancelled] });
    expect(after.tasks).toMatchObject([{ id: 'gh-7', state: 'failed', failure: { type: 'cancelled', message: 'not needed' } }]);
    expect(stateOf(tick({ ...after, intents: [] }, NOW + 10))).toBe('failed');
  });

  it.each([
    ['where there is no GitHub', { ...empty, forge: 'none' as const, issues: seen([]), intents: [cancelled] }],
    ['where it is no issue', { ...empty, issues: seen([]), intents: [{ ...cancelled, task: 'local-9' as const }] }],
  ])('is nothing to keep %s', (_, before) => expect(tick(before).tasks).toEqual([]));
});

describe('a running one', () => {
  it.each(Object.keys(STOPS).filter((name) => !name.includes('deleted')))('is stopped by: %s', (stop) => {
    const before = world({
      tasks: [active('gh-7', 'w-000001')],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001', seen(alive)]]),
      issues: labelled,
    });
    const made = reconcile(word(stop)(before), policy(), NOW);
    expect(made.commit.runs?.[0]?.next).toMatchObject({ state: 'stopping', cause: { type: 'cancelled' } });
  });

  it('is not stopped by deleting its line; the line comes back', () => {
    const before = world({
      tasks: [active('gh-7', 'w-000001')],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001', seen(alive)]]),
      issues: labelled,
    });
    const made = reconcile(word('board: pending line deleted')(before), policy(), NOW);
    expect(made.commit.runs).toEqual([]);
    expect(taskAfter(made, 'gh-7')?.state ?? 'active').toBe('active');
  });

  it('keeps its first reason when two stop it at once', () => {
    const before = world({
      tasks: [active('gh-7', 'w-000001')],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001', seen(alive)]]),
      issues: labelled,
    });
    const both = word('tac8 cancel')(word('board: line moved to Failed')(before));
    expect(reconcile(both, policy(), NOW).commit.runs?.[0]?.next).toMatchObject({ cause: { by: 'tasks.md', reason: 'not needed' } });
  });
});
