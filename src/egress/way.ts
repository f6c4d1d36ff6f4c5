import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublic } from './addresses.ts';
import { type Authority, isListed } from './authority.ts';
import type { Lists } from './rules.ts';

/** Where a worker's request goes, or why it goes nowhere. */
export type Way = { readonly kind: 'open'; readonly address: string } | { readonly kind: 'closed'; readonly why: string };

/** The name is looked up once, here; what is connected to is the address that was looked at. */
export async function wayTo(asked: Authority, task: string, lists: Lists): Promise<Way> {
  const inner = isListed(asked, lists.private);
  const mine = lists.tasks[task] ?? [];
  if (!inner && !isListed(asked, [...lists.hosts, ...mine])) return { kind: 'closed', why: 'not on the list' };
  const found = isIP(asked.host) === 0 ? await addressesOf(asked.host) : [asked.host];
  if (found.length === 0) return { kind: 'closed', why: 'no address is known of that name' };
  const address = inner ? found[0] : found.find(isPublic);
  if (address === undefined) return { kind: 'closed', why: 'its address is this machine, or in a private network' };
  return { kind: 'open', address };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);
  } catch {
    return []; // unknown, or the name server does not answer
  }
}
