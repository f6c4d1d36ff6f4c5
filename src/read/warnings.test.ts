import { expect, test } from 'vitest';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { NEW_FLEET } from '../core/model/fleet.ts';
import { readStatus, type StatusReport } from './status.ts';
import { warningsOf } from './warnings.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const HOLDER = { pid: 7, since: NOW - MINUTE, host: 'here' };
const QUIET = readStatus(openMemoryStore(), NOW, HOLDER);
const seen = (more: Partial<NonNullable<StatusReport['seen']>> = {}): NonNullable<StatusReport['seen']> => ({
  ...{ at: NOW - 2 * MINUTE, draining: false, slots: 3, issues: null, pulls: null, notes: [], problems: [], held: null },
  ...more,
});
const CALM = { limit: 5_000, remaining: 9, resetAt: null };
const DRAINING = { task: null, text: 'draining', until: null };
const parked = (until: number | null) => ({
  ...NEW_FLEET,
  parked: { type: 'usage_limit' as const, message: '429', run: 'w-1' as const, since: NOW - MINUTE, until },
});

const machines = (heardAt: number, runs: readonly string[]): NonNullable<StatusReport['machines']> => ({
  ...{ at: NOW, unheard: null },
  machines: [
    {
      ...{ name: 'one', heardAt, version: '1', slots: 2, runs, labels: [], loadPerCore: 0, freeDiskBytes: 1, freeMemoryBytes: 1 },
      ...{ draining: false, forgotten: false, broken: null },
    },
  ],
});

test.each<[string, Partial<StatusReport>, string, string]>([
  [
    'trouble bad',
    { trouble: { at: NOW - MINUTE, message: 'no disk' } },
    'the daemon’s loop has been failing for 1 m: no disk (logs/tac8.log)',
    '',
  ],
  ['old note', { daemon: null, seen: seen() }, 'what follows was written 2 m ago and may be old', ''],
  [
    'held warn',
    { seen: seen({ held: { kind: 'removal', message: 'six lines are gone', hint: '`tac8 board accept`', token: 't' } }) },
    'tasks.md: six lines are gone — `tac8 board accept`',
    '',
  ],
  ['paused warn', { fleet: { ...NEW_FLEET, pausedAt: NOW - MINUTE } }, 'paused for 1 m: `tac8 resume` goes on', ''],
  ['parked warn', { fleet: parked(NOW + 5 * MINUTE) }, 'parked: usage_limit: 429 — goes on in 5 m', 'limit'],
  ['github warn', { seen: seen({ issues: { known: false, because: '502', since: NOW - 3 * MINUTE } }) }, 'GitHub unknown for 3 m: 502', ''],
  [
    'github warn',
    { seen: seen({ limit: { ...CALM, held: { until: NOW + 9 * MINUTE, because: 'a secondary rate limit' } } }) },
    'GitHub takes no requests for 9 m: a secondary rate limit',
    'by itself',
  ],
  ['note note', { seen: seen({ limit: { ...CALM, held: { until: NOW - 1, because: 'over' } }, notes: [DRAINING] }) }, 'draining', ''],
  ['line warn', { seen: seen({ problems: [{ line: 4, message: 'no state', hint: 'write []' }] }) }, 'tasks.md:4: no state — write []', ''],
  ['memory note', { seen: seen({ workers: { kind: 'sweep', memory: 'no cgroup' } }) }, 'a worker’s memory is not limited: no cgroup', ''],
  ['note note', { seen: seen({ notes: [{ task: null, text: 'draining', until: null }] }) }, 'draining', ''],
  [
    'machine warn',
    { machines: machines(NOW - MINUTE, ['w-1']) },
    'the machine one has been silent for 1 m: its runs (1) are unknown, neither lost nor begun elsewhere',
    'tac8 machines forget one',
  ],
  [
    'machine warn',
    { machines: { ...machines(NOW - MINUTE, ['w-1']), unheard: 'Postgres: refused' } },
    'nothing is heard of the other machines: Postgres: refused',
    'goes on',
  ],
])('%s', (name, more, text, hint) => {
  const found = warningsOf({ ...QUIET, ...more });
  expect(found.map((one) => [`${one.what} ${one.level}`, one.text])).toEqual([[name, text]]);
  expect(found[0]?.hint ?? '').toContain(hint);
});

test('nothing to say is nothing, also of what is over, of a task alone, or said already', () => {
  expect(warningsOf(QUIET)).toEqual([]);
  // A machine without a run may be away; one that answers is no news.
  expect(warningsOf({ ...QUIET, machines: machines(NOW - MINUTE, []) })).toEqual([]);
  expect(warningsOf({ ...QUIET, machines: machines(NOW - 1000, ['w-1']) })).toEqual([]);
  const over = { ...QUIET, fleet: parked(NOW - 1) };
  const notes = [
    { task: 'gh-1' as const, text: 'waits', until: null },
    { task: null, text: 'parked: usage_limit', until: null },
  ];
  expect(warningsOf({ ...over, seen: seen({ notes, issues: { known: false, because: 'not asked yet', since: 0 } }) })).toEqual([]);
});

test('the worst comes first', () => {
  const all = warningsOf({
    ...QUIET,
    trouble: { at: NOW, message: 'x' },
    fleet: { ...NEW_FLEET, pausedAt: NOW },
    seen: seen(),
    daemon: null,
  });
  expect(all.map(({ what }) => what)).toEqual(['trouble', 'old', 'paused']);
});
