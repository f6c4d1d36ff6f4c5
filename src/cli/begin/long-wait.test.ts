import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tellLongWait } from './long-wait.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a step that lasts is told again and again, until the next one or the end', () => {
  const told: string[] = [];
  const wait = tellLongWait((message) => void told.push(message));
  wait.at('preparing the repository');
  vi.advanceTimersByTime(9_000);
  wait.at('opening the page');
  vi.advanceTimersByTime(9_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(11_000);
  expect(told).toEqual(['the daemon has waited for 10 s while opening the page', 'the daemon has waited for 20 s while opening the page']);
  wait.done();
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(2);
});
