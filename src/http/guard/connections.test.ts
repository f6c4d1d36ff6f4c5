import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { boundConnections } from './connections.ts';

const MOST = 40;

/** A connection as far as it matters here. */
class Connection extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function bounded() {
  const server = new EventEmitter();
  boundConnections(server as unknown as Server, MOST);
  const open = (): Connection => {
    const socket = new Connection();
    server.emit('connection', socket);
    return socket;
  };
  /** Asks; the answer is on its way until it is ended. */
  const ask = (socket: Connection): { readonly end: () => void } => {
    const response = new EventEmitter();
    server.emit('request', { socket }, response);
    return { end: () => void response.emit('close') };
  };
  const many = (count: number): readonly Connection[] => Array.from({ length: count }, open);
  return { open, ask, many };
}

const openOf = (sockets: readonly Connection[]): number => sockets.filter(({ destroyed }) => !destroyed).length;

test('thousands who say nothing push out each other, the oldest first; who asks now and then keeps his connection', () => {
  const { open, ask, many } = bounded();
  const scraper = open();
  ask(scraper).end();
  const silent = many(10_000);
  expect(scraper.destroyed).toBe(false);
  expect(openOf(silent)).toBe(MOST - 1);
  expect(silent.at(-1)?.destroyed).toBe(false);
  expect(silent[0]?.destroyed).toBe(true);
});

test('whoever asked once and keeps his connection gives way to one that is new; who is being answered never does', () => {
  const { open, ask, many } = bounded();
  const [busy, ...others] = many(MOST);
  if (busy === undefined) throw new Error('nobody');
  const answer = ask(busy);
  for (const one of others) ask(one).end();
  const newer = many(5);
  expect([openOf(newer), openOf(others), busy.destroyed]).toEqual([5, MOST - 6, false]);
  expect(others.slice(0, 5).every(({ destroyed }) => destroyed)).toBe(true);
  answer.end();
  const all = [busy, ...others, ...newer].filter(({ destroyed }) => !destroyed);
  for (const one of all) ask(one);
  expect(open().destroyed).toBe(true);
  expect(openOf(all)).toBe(MOST);
});
