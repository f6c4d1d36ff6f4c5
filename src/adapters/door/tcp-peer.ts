import { readdirSync, readlinkSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readProc } from '../process/proc/proc.ts';

/** One end of a connection, as the server sees it. */
export interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/** Who holds the other end of a TCP connection. */
export type TcpPeer =
  | {
      readonly kind: 'held';
      readonly uid: number;
      /** Every process that has it open: one that was forked has it in common with its parent. */
      readonly pids: readonly number[];
    }
  /** Some process of the user that shows nobody its files. `pids`: those that do so. */
  | { readonly kind: 'hidden'; readonly uid: number; readonly pids: readonly number[] }
  /** Nobody on this machine any more. */
  | { readonly kind: 'gone' }
  /** Another machine; or this one does not tell. */
  | { readonly kind: 'elsewhere' };

const ESTABLISHED = '01';
const MAPPED = '0000000000000000FFFF0000';

/** By the kernel's tables of connections. */
export function tcpPeerOf(ends: Ends): TcpPeer {
  if (process.platform !== 'linux') return { kind: 'elsewhere' };
  const held = heldAt(ends, false);
  if (held === null) return ends.remoteAddress === undefined || isOwn(ends.remoteAddress) ? { kind: 'gone' } : { kind: 'elsewhere' };
  const { uid, inode } = held;
  const [open, all] = holdersOf(`socket:[${inode}]`);
  if (open.length > 0) return { kind: 'held', uid, pids: open };
  const hidden = all.filter((pid) => isOf(pid, uid));
  // Whoever had it to the end of this look would have been found, or hides.
  return hidden.length === 0 || heldAt(ends, false)?.inode !== inode ? { kind: 'gone' } : { kind: 'hidden', uid, pids: hidden };
}

/** Whose the other end is; null: it cannot be told, as of one from another machine. */
export const tcpUserOf = (ends: Ends): number | null => heldAt(ends, true)?.uid ?? null;

interface Held {
  readonly uid: number;
  readonly inode: string;
}

function heldAt({ remoteAddress, remotePort, localPort }: Ends, isWhole: boolean): Held | null {
  if (process.platform !== 'linux' || remoteAddress === undefined || remotePort === undefined || localPort === undefined) return null;
  return socketAt(addressesOf(remoteAddress), remotePort, localPort, isWhole);
}

const bareOf = (address: string): string => (address.split('%', 1)[0] ?? '').replace(/^::ffff:(?=\d+\.)/i, '');

/** An address of this machine's own. */
function isOwn(address: string): boolean {
  const bare = bareOf(address);
  if (bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'))) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === bare) === true);
}

/** As the tables write it, IPv4 alone and within IPv6: each four bytes the other way round. */
function addressesOf(address: string): readonly string[] {
  const bare = bareOf(address);
  if (isIPv4(bare)) {
    const word = turned(bare.split('.').map(Number));
    return [word, `${MAPPED}${word}`];
  }
  if (!isIPv6(bare)) return [];
  const [head = '', tail] = bare.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const [first, last] = [[...head], tail ?? []];
  const groups = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last];
  const bytes = groups.map((group) => Number.parseInt(group, 16)).flatMap((value) => [value >> 8, value & 0xff]);
  return [[0, 4, 8, 12].map((at) => turned(bytes.slice(at, at + 4))).join('')];
}

const turned = (bytes: readonly number[]): string =>
  bytes
    .toReversed()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** The other process's own row: its local end is our remote one. One that has said all it wants to holds it still; `isWhole`: not that. */
function socketAt(addresses: readonly string[], port: number, ourPort: number, isWhole: boolean): Held | null {
  const hex = (value: number): string => value.toString(16).padStart(4, '0').toUpperCase();
  const wanted = new Set(addresses.map((address) => `${address}:${hex(port)}`));
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6'])
    for (const row of (readProc(table) ?? '').split('\n').slice(1)) {
      const [, local = '', remote = '', state, , , , uid, , inode = '0'] = row.trim().split(/\s+/);
      if (!wanted.has(local) || !remote.endsWith(`:${hex(ourPort)}`) || inode === '0') continue;
      if (state === ESTABLISHED || !isWhole) return { uid: Number(uid), inode };
    }
  return null;
}

/** Those that have it open, and those that show nobody what they have open. */
function holdersOf(link: string): readonly [open: readonly number[], hidden: readonly number[]] {
  const [open, hidden]: [number[], number[]] = [[], []];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const has = hasOpen(pid, link);
    if (has !== false) (has === null ? hidden : open).push(Number(pid));
  }
  return [open, hidden];
}

/** Null: it does not say. */
function hasOpen(pid: string, link: string): boolean | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === link);
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM') ? null : false;
  }
}

/** One that hides belongs to root as far as its files tell. */
function isOf(pid: number, uid: number): boolean {
  try {
    const [, ...users] = /^Uid:\t(\d+)\t(\d+)\t(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '') ?? [];
    return users.map(Number).includes(uid);
  } catch {
    return false; // gone
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
