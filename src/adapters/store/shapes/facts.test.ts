import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_TOTALS } from '../../../core/limits/totals.ts';
import { NEW_FLEET } from '../../../core/model/fleet.ts';
import type { Facts, Misfit } from '../../../engine/ports/records/facts.ts';
import { factOf } from './facts.ts';

const read = (name: string, stored: unknown) => {
  const misfits: Misfit[] = [];
  return { value: factOf(name, stored, (misfit) => misfits.push(misfit)), misfits };
};

const about = { task: 'gh-7', text: 'it asks', hint: '', since: 5 } as const;
/** One good fact of each name, with every field that may be left out. */
const GOOD: Omit<Facts, `text:${string}`> = {
  fleet: {
    pausedAt: null,
    parked: { type: 'usage_limit', until: 9, since: 5, run: 'w-1', message: 'enough', logins: 'print' },
    providerErrors: 1,
    nextLocal: 7,
    unsure: ['gh-3'],
    day: { start: 1, usd: 2.5 },
    letters: { 'gh-7': [{ id: 1, uuid: 'u', text: 'hello', at: 5 }] },
  },
  board: {
    text: '# Work Queue\n',
    memory: { lines: {}, strangers: [], spoken: [], names: {} },
    next: { text: '', memory: { lines: {}, spoken: [], names: {} } },
    given: { key: 'local-1' },
    whole: 2,
  },
  'board-delta': {
    of: 2,
    now: {
      text: { head: '', before: 0, piece: 'x', more: [{ skip: 1, keep: 2, piece: 'y' }], after: 3 },
      memory: { set: {}, gone: ['gh-1'], strangers: [], spoken: [], names: {} },
    },
    next: { text: { head: '', before: 1, piece: '', after: 0 }, memory: { set: {}, gone: [], spoken: [], names: {} } },
    given: { key: 'local-2' },
  },
  daemon: {
    at: 5,
    draining: false,
    slots: 3,
    usdPerDay: 100,
    limit: {
      limit: 5_000,
      remaining: null,
      resetAt: null,
      held: { until: 9, because: 'a secondary limit' },
      spent: [{ by: 'checks', requests: 3, unchanged: 9, points: 0 }],
    },
    issues: { known: true, at: 5, count: 2 },
    pulls: { known: false, because: 'down', since: 4 },
    notes: [{ task: null, text: 'paused', until: null }],
    problems: [{ line: 3, message: 'no title', hint: 'write one' }],
    held: { kind: 'emptied', message: 'empty', hint: 'look', token: 't' },
    workers: { kind: 'cgroup', memory: null },
  },
  trouble: { at: 5, message: 'threw' },
  damage: { at: 5, kept: '/x', message: 'torn' },
  slow: { at: 5, step: 'look', message: 'slow' },
  sign: { at: 5, left: true },
  outbox: [
    { channel: 'slack', notice: { id: 'a', event: 'fired', rule: 'failed', at: 5, ...about }, tries: 0, notBefore: 0, problem: null },
  ],
  remote: { fetch: 'https://x/y', push: null, origin: 'x:y', number: { of: 'x/y', is: 7 } },
  base_branch: { branch: 'main' },
  alerts: [{ key: 'failed:gh-7', rule: 'failed', ...about }],
  totals: { ...NO_TOTALS, outcomes: { done: 1 }, durations: { done: { counts: [1], sum: 2 } }, alerts: { failed: 1 } },
  machines: {
    at: 5,
    unheard: null,
    machines: [
      {
        ...{ name: 'one', heardAt: 5, version: '1', slots: 2, runs: ['w-1'], labels: ['gpu'], loadPerCore: 0.5 },
        ...{ freeDiskBytes: 1, freeMemoryBytes: 1, draining: false, forgotten: false, broken: null },
      },
    ],
  },
  usage: {
    at: 5,
    machine: { freeMemoryBytes: 1, freeDiskBytes: 1, loadPerCore: 0.5, cpuShare: 0.1, temperatures: { cpu: 40 } },
    workers: { 'w-1': { processes: 1, memoryBytes: 1, cpuSeconds: 0.1 } },
  },
  pulls: [
    {
      ...{ task: 'gh-7', number: 9, state: 'open', draft: true, commit: 'c', at: 5 },
      checks: {
        summary: { passed: 1, failing: 0, running: 0, other: 0, failingNames: [], withheld: ['check runs'] },
        ...{ at: 5, since: 5, askedAt: 5, unknown: { because: 'slow', since: 5 } },
      },
    },
  ],
  spoken: { since: 5, seen: [1], owed: [{ comment: 1, issue: 7, request: 2, quiet: true }] },
  copy: { generation: '3', inherited: true },
  claims: {
    own: [{ task: 'gh-7', id: 'c', since: 5, label: 4, over: null }],
    theirs: [{ task: 'gh-8', claim: { owner: 'o', machine: 'm', since: 5, label: null, over: 6 } }],
    refused: null,
  },
  dashboard: { number: 3, acted: ['pause'] },
  told: [
    { task: 'gh-7', comment: 12, runs: 1 },
    { task: 'gh-8', comment: null, runs: 2, over: true },
  ],
  'main-checkout': { paths: ['a'], alarms: [{ path: 'a', at: 5 }] },
};
const names = Object.keys(GOOD) as (keyof typeof GOOD)[];

describe.each(names)('the fact %s', (name) => {
  test('is read as it was written, with what a later version added', () => {
    const stored: unknown = JSON.parse(JSON.stringify(GOOD[name]));
    expect(read(name, stored)).toEqual({ value: stored, misfits: [] });
    if (Array.isArray(stored)) return;
    const later = { ...(stored as object), later: { anything: [1] } };
    expect(read(name, later)).toEqual({ value: later, misfits: [] });
  });

  test.each(['text', 3, true, [[1]], [null]])('is absent and named where it is %j', (stored) => {
    expect(read(name, stored)).toEqual({ value: null, misfits: [{ what: `fact ${name}`, why: expect.any(String) }] });
  });

  test('whatever stands in one of its fields, what is read has its shape', () => {
    const good: unknown = JSON.parse(JSON.stringify(GOOD[name]));
    const paths = pathsOf(good);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const first = read(name, withAt(good, path, value));
        if (first.value !== null) expect(read(name, first.value)).toEqual({ value: first.value, misfits: [] });
        else expect(first.misfits).toHaveLength(1);
      }),
    );
  });
});

test('a field of the fleet that does not fit costs that field alone; one of an earlier version is filled up', () => {
  const one = read('fleet', { ...GOOD.fleet, parked: { type: 'tired' }, letters: 3 });
  const { letters: _, ...rest } = GOOD.fleet;
  expect(one.value).toEqual({ ...rest, parked: null });
  expect(one.misfits).toMatchObject([{ what: 'fact fleet', why: expect.stringContaining('parked') }]);
  expect(read('fleet', { nextLocal: 7 })).toEqual({ value: { ...NEW_FLEET, nextLocal: 7 }, misfits: [] });
  expect(read('board', { ...GOOD.board, memory: [] }).value).not.toHaveProperty('memory');
});

test('one that is not there is absent, one of an unknown name is as it is, an approved text has two fields', () => {
  expect(read('fleet', null)).toEqual({ value: null, misfits: [] });
  expect(read('constructor', { a: 1 })).toEqual({ value: { a: 1 }, misfits: [] });
  expect(read('text:gh-7', { title: 'a', body: 'b' }).misfits).toEqual([]);
  expect(read('text:gh-7', { title: 'a' })).toMatchObject({ value: null, misfits: [{ what: 'fact text:gh-7' }] });
});

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))].filter(({ length }) => length > 0);
}

function withAt(value: unknown, [key, ...rest]: readonly string[], next: unknown): unknown {
  if (key === undefined) return next;
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  Object.assign(copy, { [key]: withAt(Reflect.get(value as object, key), rest, next) });
  return copy;
}
