import { expect, test } from 'vitest';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Store } from '../ports/records/store.ts';
import { createHeard, type Said } from './heard.ts';
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

test('once persons are heard, a row that appears asks for nothing, whatever its verb; what was noted before asks for no more than anybody may', () => {
  const memory = openMemoryStore();
  const bell = { ring: () => undefined, rouse: () => undefined } as unknown as Parameters<typeof createHeard>[2];
  const { persons, store, hearsPersons } = createHeard(keepUnwritten(memory, clock), clock, bell);
  memory.ask({ verb: 'stop', task: 'gh-1', args: {}, at: 1 });
  memory.ask({ verb: 'accept-edit', task: null, args: { token: 'abc' }, at: 2 });
  expect([hearsPersons(), store.requests().map(({ verb }) => verb)]).toEqual([false, ['stop', 'accept-edit']]);
  persons.hearPersons();
  for (const verb of ['cancel', 'pause', 'clean', 'accept-edit', 'stop-workers']) memory.ask({ verb, task: 'gh-1', args: {}, at: 3 });
  persons.hear({ verb: 'stop', task: 'gh-2', args: {} }, 'user 7, over the door');
  // A second word of the engine's own does not let in what appeared meanwhile.
  persons.hearPersons();
  const [noted, accepted, ...rest] = store.requests();
  expect(noted).toEqual({ id: 1, at: 1, verb: 'stop', task: 'gh-1', args: {} });
  expect(accepted).toMatchObject({ verb: 'unheard', args: { verb: 'accept-edit', args: { token: 'abc' } } });
  expect(rest.map(({ verb, by }) => [verb, by])).toEqual([
    ...Array.from({ length: 5 }, () => ['unheard', undefined]),
    ['stop', 'user 7, over the door'],
  ]);
});

test('what a person said and no tick has taken is theirs for the next engine of the process as well, whatever it asks for', () => {
  const memory = openMemoryStore();
  const bell = { ring: () => undefined, rouse: () => undefined } as unknown as Parameters<typeof createHeard>[2];
  const said: Said = new Map();
  const first = createHeard(keepUnwritten(memory, clock), clock, bell, said);
  first.persons.hearPersons();
  first.persons.hear({ verb: 'accept-edit', task: null, args: { token: 'abc' } }, 'user 7, over the door');
  memory.ask({ verb: 'accept-edit', task: null, args: { token: 'forged' }, at: 3 });
  const next = createHeard(keepUnwritten(memory, clock), clock, bell, said);
  next.persons.hearPersons();
  expect(next.store.requests().map(({ verb, args, by }) => [verb, args, by])).toEqual([
    ['accept-edit', { token: 'abc' }, 'user 7, over the door'],
    ['unheard', expect.anything(), undefined],
  ]);
});
