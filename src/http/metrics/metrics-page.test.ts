import { expect, test } from 'vitest';
import { readPage } from '../../../test/support/forge/prometheus.ts';
import type { Family } from './families.ts';
import { renderFamilies } from './metrics-page.ts';

test('labels and help with quotes, backslashes and line breaks come back as they were', async () => {
  const strange = 'a "b" \\n \\ \n c {d="e"}, ü';
  const families: readonly Family[] = [
    { type: 'gauge', name: 'tac8_strange', help: 'One \\ two\nthree', samples: [{ labels: { sensor: strange }, value: 1.5e-7 }] },
  ];
  const page = readPage(await renderFamilies(families));
  expect(page.get('tac8_strange')).toEqual({
    type: 'gauge',
    help: 'One \\ two\nthree',
    lines: [{ name: 'tac8_strange', labels: { sensor: strange }, value: 1.5e-7 }],
  });
});

test('a histogram that was counted elsewhere adds up', async () => {
  const sample = { bounds: [1, 10], counts: [2, 0, 3], sum: 77.5 };
  const families: readonly Family[] = [
    {
      type: 'histogram',
      name: 'tac8_h_seconds',
      help: 'H.',
      samples: [
        { labels: { outcome: 'done' }, ...sample },
        { labels: { outcome: 'failed' }, ...sample },
      ],
    },
  ];
  const lines = readPage(await renderFamilies(families)).get('tac8_h_seconds')?.lines ?? [];
  const done = lines.filter(({ labels }) => labels.outcome === 'done').map(({ name, labels, value }) => [name, labels.le ?? '', value]);
  expect(done).toEqual([
    ['tac8_h_seconds_bucket', '1', 2],
    ['tac8_h_seconds_bucket', '10', 2],
    ['tac8_h_seconds_bucket', '+Inf', 5],
    ['tac8_h_seconds_sum', '', 77.5],
    ['tac8_h_seconds_count', '', 5],
  ]);
});

test('what nobody knows is not on the page, and nothing stays from one page to the next', async () => {
  const family = (samples: Family['samples']): Family => ({ type: 'gauge', name: 'tac8_x', help: 'X.', samples }) as Family;
  expect(readPage(await renderFamilies([family([{ labels: {}, value: 1 }])])).size).toBe(1);
  expect(await renderFamilies([family([])])).toBe('\n');
});

test.each([
  ['# HELP a_total A\n# TYPE a_total counter\na_total{b="c} 1\n', 'no label'],
  ['# HELP a_total A\n# TYPE a_total counter\na_total{b="c"} 1\na_total{b="c"} 1\n', 'twice'],
  ['# HELP a A\n# TYPE a counter\na 1\n', '_total'],
  ['a 1\n', 'without HELP'],
  ['# HELP a A\n# TYPE a gauge\na one\n', 'no value'],
  ['# HELP a A\n# TYPE a gauge\na 1\n# HELP b B\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{c="d"} 1\n', 'torn apart'],
  ['# HELP a A\n# TYPE a gauge\na 1', 'no end'],
])('the checker refuses %j', (page, why) => {
  expect(() => readPage(page)).toThrow(why);
});
