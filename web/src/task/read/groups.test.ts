import { expect, test } from 'vitest';
import { briefsOf, type Group, groupsIn, tookAll } from './groups.ts';
import type { Call, Row } from './rows.ts';

const call = (key: string, name = 'Read', given: Partial<Call> = {}): Call =>
  ({
    ...{ kind: 'call', key, at: 1, depth: 0, isError: false, name, took: 10 },
    ...{ start: { event: { input: { file_path: `${name}-${key}` } } }, end: { pictures: [] } },
    ...given,
  }) as Call;
const said = (key: string): Row => ({ kind: 'agent', key, at: 1, depth: 0, isError: false, step: {}, text: 'so' }) as unknown as Row;
const NONE: ReadonlySet<string> = new Set();
const shown = (rows: readonly Row[], opened: ReadonlySet<string> = NONE, live = false) =>
  groupsIn(rows, opened, live).map((line) => (line.kind === 'group' ? `${line.name} x ${line.calls.length}` : line.key));

test('three and more calls of a tool in a row are one line; two, other tools and what failed stand for themselves', () => {
  expect(shown([call('1'), call('2'), call('3'), said('4'), call('5'), call('6')])).toEqual(['Read x 3', '4', '5', '6']);
  expect(shown([call('1'), call('2'), call('3', 'Bash'), call('4')])).toEqual(['1', '2', '3', '4']);
  expect(shown([call('1'), call('2'), call('3', 'Read', { isError: true }), call('4'), call('5'), call('6')])).toEqual([
    ...['1', '2', '3'],
    'Read x 3',
  ]);
  // One that goes on, one of a sub-agent, one that shows something.
  const pictured = { end: { pictures: ['png'] } } as unknown as Partial<Call>;
  expect(shown([call('1'), call('2'), call('3', 'Read', pictured)])).toEqual(['1', '2', '3']);
  expect(shown([call('1'), call('2'), call('3', 'Read', { end: null })])).toEqual(['1', '2', '3']);
  expect(shown([call('1'), call('2'), call('3', 'Read', { depth: 1 })])).toEqual(['1', '2', '3']);
});

test('what was said last does not fold up while the run lives', () => {
  expect(shown([call('1'), call('2'), call('3')], NONE, true)).toEqual(['1', '2', '3']);
  expect(shown([call('1'), call('2'), call('3'), said('4')], NONE, true)).toEqual(['Read x 3', '4']);
});

test('one that is opened shows its calls below it, wherever it begins by then; in short it says what they were about', () => {
  const rows = [call('1'), call('2'), call('3', 'Read', { took: 30 }), call('4')];
  expect(shown(rows, new Set(['3']))).toEqual(['Read x 4', '1', '2', '3', '4']);
  expect(shown([call('0'), ...rows], new Set(['3']))[0]).toBe('Read x 5');
  const [group] = groupsIn(rows, NONE, false) as readonly Group[];
  if (group === undefined) throw new Error('no group');
  expect([briefsOf(group), tookAll(group)]).toEqual(['Read-1, Read-2, Read-3, Read-4', 60]);
  expect(tookAll({ ...group, calls: [call('1', 'Read', { took: null })] })).toBeNull();
});
