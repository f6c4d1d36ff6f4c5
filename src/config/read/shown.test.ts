import { expect, test } from 'vitest';
import { shownSettings } from './shown.ts';

const TEXT = `label: rpi-auto
limits:
  run_time: 3h
agent: { model: $MODEL }
notify:
  - { kind: slack, url: "https://me:pass@hooks.example/services/SECRET?token=SECRET" }
`;

test('each setting with its value as it is written, where it comes from, and its line', () => {
  const rows = new Map(shownSettings(TEXT).map((row) => [row.path, row]));
  expect(rows.get('limits.run_time')).toMatchObject({ value: '3h', from: 'tac8.yaml', line: 3, about: 'Longest time of one run.' });
  expect(rows.get('limits.silence')).toMatchObject({ value: '15m', from: 'default', line: null });
  expect(rows.get('agent.model')).toMatchObject({ value: '$MODEL', from: 'environment', line: 4 });
  expect(rows.get('notify')?.value).toContain('https://hooks.example/…');
  expect(JSON.stringify([...rows.values()])).not.toMatch(/SECRET|pass@/);
  expect(shownSettings('').every(({ from }) => from === 'default')).toBe(true);
});
