import { expect, test } from 'vitest';
import { known, unknown } from '../core/model/seen.ts';
import type { Sight } from './observe.ts';
import { watchStillness } from './stillness.ts';

const BOUNDS = { minFreeMemory: 100, minFreeDisk: 100, loadPerCore: 2 };
const READING = { intents: [], problems: [], base: { text: 'x' }, held: null };
const IDENTITY = { pid: 7, startTime: 1, bootId: 'b', containment: { kind: 'sweep' } } as const;
const STREAM = { offset: 9, events: 2 } as NonNullable<ReturnType<Sight['streams']['get']>>;
const machine = (more: object = {}) => known({ freeMemoryBytes: 500, freeDiskBytes: 500, loadPerCore: 1, ...more }, 1);

/** As a look a second later sees it: every object is another one. */
const sight = (at: number, more: Partial<Sight> = {}): Sight => ({
  processes: new Map([['w-1', known({ kind: 'alive', identity: { ...IDENTITY }, members: 2 }, at)]]),
  streams: new Map([['w-1', { ...STREAM }]]),
  unread: new Map(),
  signs: new Map([['gh-1', known({ stop: null, blocked: null }, at)]]),
  machine: machine({ freeMemoryBytes: 500 + at }),
  board: known(READING, at),
  logins: null,
  ...more,
});

function scene() {
  const now = { changes: 1, rests: ['policy'] as unknown[], bounds: BOUNDS };
  const still = watchStillness(
    { changes: () => now.changes },
    () => now.bounds,
    () => now.rests,
  );
  still.note({ sight: sight(0), changes: 1, until: 5_000 }, 1_000);
  return { still, now };
}

test('a look that sees the same needs no thought until something is due', () => {
  const { still } = scene();
  expect(still.until(sight(1), 2_000)).toBe(5_000);
  expect(still.until(sight(1), 4_999)).toBe(5_000);
  expect(still.until(sight(1), 5_000)).toBeNull();
});

test('a board that was read again and says the same needs no thought', () => {
  const { still } = scene();
  expect(still.until(sight(1, { board: known({ ...READING, base: { ...READING.base } }, 1) }), 2_000)).toBe(5_000);
});

test('all is thought about again in turn, also when nothing is due', () => {
  const { still } = scene();
  still.note({ sight: sight(0), changes: 1, until: Number.POSITIVE_INFINITY }, 1_000);
  expect(still.until(sight(1), 10_999)).toBe(11_000);
  expect(still.until(sight(1), 11_000)).toBeNull();
});

test.each<[string, Partial<Sight>]>([
  ['an agent that is gone', { processes: new Map([['w-1', known({ kind: 'gone', exit: null, rebooted: false }, 1)]]) }],
  ['another agent', { processes: new Map([['w-1', known({ kind: 'alive', identity: { ...IDENTITY, pid: 8 }, members: 2 }, 1)]]) }],
  ['another process of it', { processes: new Map([['w-1', known({ kind: 'alive', identity: IDENTITY, members: 3 }, 1)]]) }],
  ['one of whom nobody can tell', { processes: new Map([['w-1', unknown('no /proc', 1)]]) }],
  ['a run more', { processes: new Map([...sight(1).processes, ['w-2', known({ kind: 'never' }, 1)]]) }],
  ['a word in a log', { streams: new Map([['w-1', { ...STREAM, offset: 10 }]]) }],
  ['a log that cannot be read', { unread: new Map([['w-1', 'gone']]) }],
  ['a STOP file', { signs: new Map([['gh-1', known({ stop: '', blocked: null }, 1)]]) }],
  ['signs that nobody can tell of', { signs: new Map([['gh-1', unknown('EIO', 1)]]) }],
  ['another text of the board', { board: known({ ...READING, base: { text: 'y' } }, 1) }],
  ['a board that asks for something', { board: known({ ...READING, intents: [{ kind: 'remove', task: 'gh-1' }] }, 1) }],
  ['a line that nobody can read', { board: known({ ...READING, problems: [{ line: 1, message: 'm', hint: 'h' }] }, 1) }],
  ['a board that cannot be read', { board: unknown('EIO', 1) }],
  ['less memory than may be', { machine: machine({ freeMemoryBytes: 99 }) }],
  ['less disk than may be', { machine: machine({ freeDiskBytes: 99 }) }],
  ['more load than may be', { machine: machine({ loadPerCore: 3 }) }],
  ['a machine that does not tell', { machine: unknown('EIO', 1) }],
  ['logins', { logins: known('print', 1) }],
])('%s is thought about', (_, more) => {
  expect(scene().still.until(sight(1, more), 2_000)).toBeNull();
});

test.each<[string, (now: ReturnType<typeof scene>['now']) => void]>([
  ['something is written into the store', (now) => Object.assign(now, { changes: 2 })],
  ['the settings are others', (now) => Object.assign(now, { rests: ['another policy'] })],
])('where %s, the same sight is thought about', (_, change) => {
  const { still, now } = scene();
  change(now);
  expect(still.until(sight(1), 2_000)).toBeNull();
});

test('a clock that was set back, a tick that failed, what nobody could tell: they are thought about', () => {
  const { still } = scene();
  expect(still.until(sight(1), 999)).toBeNull();
  still.forget();
  expect(still.until(sight(1), 2_000)).toBeNull();
  const blind = sight(0, { machine: unknown('EIO', 1) });
  still.note({ sight: blind, changes: 1, until: 5_000 }, 1_000);
  expect(still.until(blind, 2_000)).toBeNull();
});
