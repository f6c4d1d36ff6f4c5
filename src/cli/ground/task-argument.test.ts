import { expect, test } from 'vitest';
import { taskArgument } from './task-argument.ts';

test.each([
  ['450', 'gh-450'],
  ['#450', 'gh-450'],
  ['GH-450', 'gh-450'],
  ['local-1', 'local-1'],
])('%s is %s', (text, id) => expect(taskArgument(text)).toBe(id));

test.each([
  '',
  '0',
  '-1',
  '1e3',
  'NaN',
  'x',
  '7; rm',
  '../../etc',
  'gh-01',
  '9'.repeat(20),
])('%j names no task, and says what does', (text) =>
  expect(() => taskArgument(text)).toThrow(`"${text}" is not a task: write 450, gh-450 or local-1`));
