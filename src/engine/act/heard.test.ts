import { expect, test } from 'vitest';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Store } from '../ports/records/store.ts';
import { createHeard } from './heard.ts';
import { keepUnwritten } from './unwritten.ts';

const clock = { now: () => 7 } as Clock;

test('what was heard has a name, and is what was said, whatever a worker writes into its row; all else has none', () => {
  const memory = openMemoryStore();
  let isForged = false;
  const rows: Store = {
    ...memory,
    requests: () => memory.requests().map((row) => (isForged ? { ...row, verb: 'resume', task: 'gh-9' as const, by: 'a person' } : row)),
  };
  const rung: string[] = [];
  const bell = { ring: () => rung.push('ring'), rouse: () => rung.push('rouse') } as unknown as Parameters<typeof createHeard>[2];
  const { persons, store } = createHeard(keepUnwritten(rows, clock), clock, bell);
  const heard = persons.hear({ verb: 'pause', task: 'gh-1', args: {} }, 'user 7, over the door');
  expect(rung).toEqual(['rouse']);
  memory.ask({ verb: 'stop', task: 'gh-2', args: {}, at: 8 });
  isForged = true;
  expect(store.requests()).toEqual([
    { id: heard, at: 7, verb: 'pause', task: 'gh-1', args: {}, by: 'user 7, over the door' },
    { id: heard + 1, at: 8, verb: 'resume', task: 'gh-9', args: {} },
  ]);
});
