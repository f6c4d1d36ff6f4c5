import { expect, test } from 'vitest';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { remoteMemory } from './forge-address.ts';

const ADDRESS = { fetch: 'https://github.com/acme/widgets.git', push: 'https://github.com/acme/widgets.git' };
const MEANING = { origin: ADDRESS.fetch, head: null };

test('the number of a repository outlives the process, is of its name alone, and goes when a person accepts an address', () => {
  const store = openMemoryStore();
  const daemon = remoteMemory(store, MEANING, true);
  daemon.keepNumber('acme/widgets', 7);
  // Nothing is known of the remote yet.
  expect(daemon.numberOf('acme/widgets')).toBeNull();
  daemon.keepAddress(ADDRESS);
  daemon.keepNumber('acme/widgets', 7);
  const next = remoteMemory(store, MEANING, true);
  expect([next.numberOf('acme/widgets'), next.numberOf('acme/gadgets')]).toEqual([7, null]);
  expect(next.address()).toMatchObject(ADDRESS);
  next.accept(ADDRESS, MEANING);
  expect(next.numberOf('acme/widgets')).toBeNull();
  remoteMemory(store, MEANING, false).keepNumber('acme/widgets', 8);
  expect(next.numberOf('acme/widgets')).toBeNull();
});
