import { expect, test } from 'vitest';
import { active, NOW, pending } from '../../../test/support/world/world.ts';
import type { Task } from '../model/task.ts';
import { whyStopped } from './verbs.ts';

test.each([
  ['stopped', 'person', 'Use tabs.', 'A person stopped you and said: Use tabs.\n\n'],
  ['killed', 'person', 'kill by command', 'A person stopped you.\n\n'],
  ['stopped', undefined, 'a STOP file', 'A person stopped you.\n\n'],
  ['stopped', 'hook', 'a hook ended it', ''],
  ['killed', 'outside', 'ended by SIGTERM from outside', ''],
  ['crash', 'any', 'exit code 1', ''],
] as const)('whoever goes on after a task was %s (%s: %s) is told by whom, and what they said', (type, cause, message, words) => {
  const failure = { type, message, at: NOW, ...(cause === undefined ? {} : { cause }) };
  expect(whyStopped({ ...active('gh-7', 'w-000001'), state: 'failed', at: NOW, failure } as unknown as Task)).toBe(words);
});

test('a task that waits was stopped by nobody', () => expect(whyStopped(pending('gh-7', {}))).toBe(''));
