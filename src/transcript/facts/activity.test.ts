import { expect, test } from 'vitest';
import { activityOf, oneLine } from './activity.ts';

const KEY = `sk-ant-${'a1B2c3D4'.repeat(6)}`;
const start = (command: string) =>
  ({ kind: 'tool_start', id: 'c', name: 'Bash', input: { command } }) as unknown as Parameters<typeof activityOf>[0];

test('what an agent is told to be doing has no key in it, nor half of one', () => {
  expect(activityOf(start(`curl -H 'x-api-key: ${KEY}' x`))).toBe("Bash: curl -H 'x-api-key: [redacted]' x");
  for (let before = 140; before < 210; before += 5) expect(oneLine(`${'x'.repeat(before)} ${KEY}`, 200)).not.toContain('sk-');
});
