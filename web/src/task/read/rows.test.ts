import { expect, test } from 'vitest';
import type { Step } from '../../link/contract.ts';
import { briefOf, type Call, keyOf, rowsOf, standsIn } from './rows.ts';

let offset = 0;
function step(kind: string, given: Partial<Step> = {}): Step {
  offset += 100;
  return {
    offset,
    part: 0,
    at: null,
    parent: null,
    kind,
    id: null,
    name: null,
    ok: null,
    text: '',
    event: {},
    cut: false,
    pictures: [],
    ...given,
  };
}
const start = (id: string, given: Partial<Step> = {}): Step =>
  step('tool_start', {
    id,
    name: 'Bash',
    event: { input: { command: 'npm test\nnpm run lint' } },
    at: '2026-11-29T12:00:00.000Z',
    ...given,
  });
const end = (id: string, given: Partial<Step> = {}): Step =>
  step('tool_end', { id, ok: true, text: 'fine', event: { output: 'fine' }, at: '2026-11-29T12:00:01.500Z', ...given });

test('a call and its result are one row with the time it took, wherever the result comes', () => {
  const rows = rowsOf([start('a'), start('b'), step('text', { text: 'meanwhile' }), end('b', { ok: false }), end('a')]);
  expect(rows.map(({ kind }) => kind)).toEqual(['call', 'call', 'agent']);
  expect(rows[0]).toMatchObject({ took: 1500, isError: false });
  expect(rows[1]).toMatchObject({ took: 1500, isError: true });
  expect(briefOf(rows[0] as Call)).toBe('npm test …');
});

test('a result without its call, and a second one for the same call, have rows of their own', () => {
  const rows = rowsOf([end('lost'), start('a'), end('a'), end('a')]);
  expect(rows.map((row) => row.kind === 'call' && [row.start !== null, row.end !== null])).toEqual([
    [false, true],
    [true, true],
    [false, true],
  ]);
});

test('steps of a sub-agent stand deeper than the call that it comes from', () => {
  const rows = rowsOf([start('a', { name: 'Task' }), start('b', { parent: 'a' }), step('text', { parent: 'b' }), step('text')]);
  expect(rows.map(({ depth }) => depth)).toEqual([0, 1, 2, 0]);
});

test('each row has a name for ever, and no two the same one', () => {
  const steps = [start('a'), { ...step('text'), offset: 7, part: 1 }, { ...step('text'), offset: 7, part: 2 }, step('heartbeat'), end('a')];
  const keys = rowsOf(steps).map(({ key }) => key);
  expect(new Set(keys).size).toBe(3);
  expect(keys).toContain('7.1');
});

test('the end of a turn does not repeat what was said last', () => {
  const rows = rowsOf([
    step('text', { text: 'Done.' }),
    step('turn_end', { ok: true, text: 'Done.' }),
    step('turn_end', { ok: false, text: 'No.' }),
  ]);
  expect(rows.map((row) => (row.kind === 'call' ? '' : row.text))).toEqual(['Done.', '', 'No.']);
  expect(rows.map(({ isError }) => isError)).toEqual([false, false, true]);
});

test('a step is found in its row, also after the call above it was loaded', () => {
  const [first, last] = [start('a'), end('a')];
  for (const steps of [[last], [first, last]]) expect(rowsOf(steps).filter((row) => standsIn(row, keyOf(last)))).toHaveLength(1);
});
