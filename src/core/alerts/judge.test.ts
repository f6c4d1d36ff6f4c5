import { describe, expect, test } from 'vitest';
import { active, failed, IDENTITY, NOW, pending, policy, running, seen } from '../../../test/support/world/world.ts';
import { type Alert, DEFAULT_ALERTS } from '../model/alert.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import { EMPTY_STREAM, type Run } from '../model/run.ts';
import { unknown } from '../model/seen.ts';
import type { Task } from '../model/task.ts';
import { judgeAlerts } from './judge.ts';
import type { Sight } from './sight.ts';

const MINUTE = 60_000;
const { limits, stop } = policy();
const MACHINE = { freeMemoryBytes: 8 * 1024 ** 3, freeDiskBytes: 80 * 1024 ** 3, loadPerCore: 1 };

const sight = (more: Partial<Sight> = {}): Sight => ({
  tasks: [],
  before: new Map(),
  runs: [],
  unread: new Set(),
  fleet: NEW_FLEET,
  isEditHeld: false,
  stuck: [],
  forge: 'github',
  issues: seen([]),
  machine: seen(MACHINE),
  strays: seen([]),
  recent: [],
  budget: { spent: 0, cap: 100 },
  downtime: null,
  book: [],
  limits,
  stop,
  policy: DEFAULT_ALERTS,
  now: NOW,
  ...more,
});

const keys = (more: Partial<Sight>): readonly string[] => judgeAlerts(sight(more)).present.map(({ key }) => key);
const unsure = (more: Partial<Sight>): readonly string[] => [...judgeAlerts(sight(more)).unsure];
const known = (key: string): readonly Alert[] => [{ key, rule: 'failed', task: null, text: '', hint: '', since: NOW }];
const failure = (type: 'stalled' | 'crash' | 'cancelled', message = 'no output') => ({ type, message, at: NOW });
const changed = (before: Task, after: Task) => ({ tasks: [after], before: new Map([[before.id, before]]) });

test('on a quiet day nobody is told of anything', () => {
  expect(judgeAlerts(sight())).toEqual({ present: [], unsure: new Set(), wakeAt: null });
});

describe('needs a person', () => {
  const blocked = { ...active('gh-1', 'w-000001'), state: 'blocked', run: 'w-000001', at: NOW, question: 'SQLite\nor Parquet?' } as Task;
  const parked = { type: 'auth_error', until: null, since: NOW, run: 'w-000001', message: 'no key' } as const;

  test('a question', () => {
    expect(judgeAlerts(sight({ tasks: [blocked] })).present).toMatchObject([
      { key: 'needs_person:gh-1', text: 'gh-1 (gh-1) asks: SQLite or Parquet?' },
    ]);
  });
  test('a login that was refused; not a limit that resets by itself', () => {
    expect(keys({ fleet: { ...NEW_FLEET, parked } })).toEqual(['needs_person:parked']);
    expect(keys({ fleet: { ...NEW_FLEET, parked: { ...parked, type: 'usage_limit', until: NOW + 1 } } })).toEqual([]);
  });
  test('work in review that does not go on by itself, once that has lasted', () => {
    const [found] = judgeAlerts(sight({ stuck: [{ task: 'gh-1', text: 'pull #9: checks are red: unit\nneeds a person' }] })).present;
    expect(found).toMatchObject({
      key: 'needs_person:gh-1',
      task: 'gh-1',
      text: expect.stringMatching(/^gh-1: pull #9: checks are red: unit/),
    });
    expect(found?.after).toBeGreaterThan(0);
  });
  test('an edit that is held', () => {
    expect(keys({ isEditHeld: true })).toEqual(['needs_person:board']);
  });
});

describe('failed for good', () => {
  test('when it comes to that, and as long as it is so', () => {
    const task = failed('gh-1', { failure: failure('stalled') });
    expect(keys(changed(active('gh-1', 'w-000001'), task))).toEqual(['failed:gh-1']);
    expect(keys({ tasks: [task], book: known('failed:gh-1') })).toEqual(['failed:gh-1']);
    expect(keys({ tasks: [pending('gh-1')], book: known('failed:gh-1') })).toEqual([]);
  });
  test('not one that had failed before anybody looked, and not what a person ended', () => {
    expect(keys({ tasks: [failed('gh-1', { failure: failure('stalled') })] })).toEqual([]);
    expect(keys(changed(active('gh-1', 'w-000001'), failed('gh-1', { failure: failure('cancelled') })))).toEqual([]);
  });
});

describe('the same failure twice', () => {
  const second = active('gh-1', 'w-000002', { last: failure('stalled') });
  const again = pending('gh-1', { last: failure('stalled') });

  test('told with the second, over when an attempt ends otherwise', () => {
    expect(keys(changed(second, again))).toEqual(['same_failure:gh-1:stalled']);
    const book = known('same_failure:gh-1:stalled');
    expect(keys({ tasks: [second], book })).toEqual(['same_failure:gh-1:stalled']);
    expect(keys({ ...changed(second, pending('gh-1', { last: failure('crash') })), book })).toEqual([]);
    expect(keys({ tasks: [pending('gh-1')], book })).toEqual([]);
  });
  test('not another failure, and not the first', () => {
    expect(keys(changed(second, pending('gh-1', { last: failure('crash') })))).toEqual([]);
    expect(keys(changed(active('gh-1', 'w-000001'), again))).toEqual([]);
  });
});

test('more than half of the last 20; over when clearly fewer', () => {
  const recent = (failures: number) => Array.from({ length: 20 }, (_, n) => (n < failures ? 'stalled' : n % 2 === 0 ? 'done' : 'blocked'));
  expect(keys({ recent: recent(10) })).toEqual([]);
  expect(judgeAlerts(sight({ recent: recent(11) })).present[0]?.text).toBe('11 of the last 20 runs failed, 11 of them by stalled');
  const book = known('many_failures');
  expect(keys({ recent: recent(9), book })).toEqual(['many_failures']);
  expect(keys({ recent: recent(8), book })).toEqual([]);
});

describe('all workers stuck', () => {
  const heard = (id: `w-${string}`, ago: number): Run =>
    ({ ...running(id, 'gh-1'), startedAt: NOW - 60 * MINUTE, stream: { ...EMPTY_STREAM, lastEventAt: NOW - ago } }) as Run;

  test('when the last of them has been silent long enough', () => {
    expect(keys({ runs: [heard('w-000001', 10 * MINUTE), heard('w-000002', 11 * MINUTE)] })).toEqual(['stuck']);
    const verdict = judgeAlerts(sight({ runs: [heard('w-000001', MINUTE), heard('w-000002', 60 * MINUTE)] }));
    expect(verdict).toMatchObject({ present: [], wakeAt: NOW + 9 * MINUTE });
  });
  test('nobody can tell while a log cannot be read', () => {
    expect(unsure({ runs: [heard('w-000001', 60 * MINUTE)], unread: new Set(['w-000001']) })).toEqual(['stuck']);
  });
});

describe('GitHub', () => {
  test('five minutes without an answer', () => {
    expect(keys({ issues: unknown('503', NOW - 5 * MINUTE) })).toEqual(['github_down']);
    expect(keys({ issues: unknown('503', NOW - 5 * MINUTE), forge: 'none' })).toEqual([]);
  });
  test('before that nobody can tell; a new daemon takes nothing back', () => {
    expect(judgeAlerts(sight({ issues: unknown('not asked yet', NOW - 1) }))).toMatchObject({
      present: [],
      unsure: new Set(['github_down']),
      wakeAt: NOW - 1 + 5 * MINUTE,
    });
  });
});

test('the daemon was away: told after the start, over soon', () => {
  const downtime = { from: NOW - 6 * MINUTE, to: NOW };
  expect(keys({ downtime })).toEqual([`daemon_down:${downtime.from}`]);
  expect(keys({ downtime, now: NOW + MINUTE })).toEqual([]);
  expect(keys({ downtime: { from: NOW - 4 * MINUTE, to: NOW } })).toEqual([]);
});

describe('the machine', () => {
  test.each([
    [
      'disk',
      { freeDiskBytes: limits.minFreeDisk },
      { freeDiskBytes: limits.minFreeDisk - 1 },
      { freeDiskBytes: limits.minFreeDisk * 1.05 },
    ],
    [
      'memory',
      { freeMemoryBytes: limits.minFreeMemory },
      { freeMemoryBytes: limits.minFreeMemory - 1 },
      { freeMemoryBytes: limits.minFreeMemory * 1.05 },
    ],
    ['temperature', { temperatures: { cpu: 79.9 } }, { temperatures: { nvme: 40, cpu: 80 } }, { temperatures: { cpu: 76 } }],
  ])('%s: at the bound, and over when it is clearly better', (key, well, ill, between) => {
    const machine = (part: object) => ({ machine: seen({ ...MACHINE, ...part }) });
    expect(keys(machine(well))).toEqual([]);
    expect(keys(machine(ill))).toEqual([key]);
    expect(keys(machine(between))).toEqual([]);
    expect(keys({ ...machine(between), book: known(key) })).toEqual([key]);
    expect(unsure({ machine: unknown('EIO', NOW) })).toContain(key);
  });
});

test('the budget: at 80 % and at 100 %; whoever jumps over the first is told of the second alone', () => {
  const spent = (usd: number, book: readonly Alert[] = []) => keys({ budget: { spent: usd, cap: 50 }, book });
  expect(spent(39.99)).toEqual([]);
  expect(spent(40)).toEqual(['budget:80']);
  expect(spent(50)).toEqual(['budget:100']);
  expect(spent(50, known('budget:80'))).toEqual(['budget:80', 'budget:100']);
  expect(unsure({ budget: null })).toEqual(['budget']);
});

test('a kill that is not confirmed within its time', () => {
  const run = {
    ...running('w-000001', 'gh-1'),
    state: 'stopping',
    rung: 'kill',
    rungAt: NOW,
    cause: { type: 'killed', by: 'x', reason: 'x', at: NOW },
  } as Run;
  expect(judgeAlerts(sight({ runs: [run] })).present).toMatchObject([{ key: 'kill_unconfirmed:w-000001', after: stop.kill }]);
  expect(keys({ runs: [{ ...run, rung: 'terminate' } as Run] })).toEqual([]);
});

test('an orphan; while nobody has looked nobody can tell', () => {
  const stray = { run: 'w-00000f', task: 'gh-7', process: IDENTITY } as const;
  expect(judgeAlerts(sight({ strays: seen([stray]) })).present).toMatchObject([{ key: 'orphan:w-00000f', task: 'gh-7' }]);
  expect(unsure({ strays: unknown('not looked yet', NOW) })).toEqual(['orphan']);
});

test('a rule that is turned off says nothing, not even that it does not know', () => {
  const off = { ...DEFAULT_ALERTS, off: ['disk', 'github_down'] as const };
  expect(judgeAlerts(sight({ policy: off, machine: seen({ ...MACHINE, freeDiskBytes: 0 }), issues: unknown('x', 0) }))).toMatchObject({
    present: [],
    unsure: new Set(),
  });
});
