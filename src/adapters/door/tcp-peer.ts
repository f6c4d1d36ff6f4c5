import { readdirSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { readProc } from '../process/proc/proc.ts';

/** One end of a connection, as the server sees it. */
export interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/** Who holds the other end of a TCP connection. */
export interface TcpPeer {
  readonly uid: number;
  /** Every process that has it open: one that was forked has it in common with its parent. */
  readonly pids: readonly number[];
}

const ESTABLISHED = '01';
const MAPPED = '0000000000000000FFFF0000';
const LOOPBACK_6 = '00000000000000000000000001000000';

/** By the kernel's tables of connections; null: it cannot be told, as of one from another machine or of a process of another user. */
export function tcpPeerOf({ remoteAddress, remotePort, localPort }: Ends): TcpPeer | null {
  const held = heldAt({ remoteAddress, remotePort, localPort });
  const pids = held === null ? [] : holdersOf(`socket:[${held.inode}]`);
  return held === null || pids.length === 0 ? null : { uid: held.uid, pids };
}

/** Whose the other end is; null: it cannot be told, as of one from another machine. */
export const tcpUserOf = (ends: Ends): number | null => heldAt(ends)?.uid ?? null;

function heldAt({ remoteAddress, remotePort, localPort }: Ends): Held | null {
  if (process.platform !== 'linux' || remoteAddress === undefined || remotePort === undefined || localPort === undefined) return null;
  return socketAt(addressesOf(remoteAddress), remotePort, localPort);
}

interface Held {
  readonly uid: number;
  readonly inode: string;
}

/** As the tables write it, IPv4 alone and within IPv6; none: not an address of the loopback. */
function addressesOf(address: string): readonly string[] {
  const bare = address.replace(/^::ffff:/, '');
  if (bare === '::1') return [LOOPBACK_6];
  if (!isIPv4(bare) || !bare.startsWith('127.')) return [];
  const hex = bare
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  return [hex, `${MAPPED}${hex}`];
}

/** The other process's own row: its local end is our remote one. */
function socketAt(addresses: readonly string[], port: number, ourPort: number): Held | null {
  const hex = (value: number): string => value.toString(16).padStart(4, '0').toUpperCase();
  const wanted = new Set(addresses.map((address) => `${address}:${hex(port)}`));
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6'])
    for (const row of (readProc(table) ?? '').split('\n').slice(1)) {
      const [, local = '', remote = '', state, , , , uid, , inode = '0'] = row.trim().split(/\s+/);
      if (state === ESTABLISHED && wanted.has(local) && remote.endsWith(`:${hex(ourPort)}`) && inode !== '0')
        return { uid: Number(uid), inode };
    }
  return null;
}

function holdersOf(link: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => hasOpen(pid, link)).map(Number);
}

function hasOpen(pid: string, link: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === link);
  } catch {
    // Gone, or another user's.
    return false;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
