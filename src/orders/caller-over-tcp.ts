import { join } from 'node:path';
import { type Caller, callerOf, workerOf } from '../adapters/door/caller.ts';
import { type Ends, tcpPeerOf, tcpUserOf } from '../adapters/door/tcp-peer.ts';
import type { Place } from '../place/place.ts';

const GONE = 'whoever asked for it was gone before it was known who it is';
const UNTOLD = 'tac8 cannot tell who asks: use `tac8 approve` in a terminal on this machine';

/** A person's program, or somebody who may not, at the other end of a connection to the page. The key alone is no proof: a worker may have read it. */
export async function callerOverTcp(ends: Ends, { state }: Pick<Place, 'state'>): Promise<Caller> {
  const peer = tcpPeerOf(ends);
  if (peer.kind !== 'held') return { kind: 'refused', why: UNTOLD };
  const callers = await Promise.all(peer.pids.map((pid) => callerOf({ pid, uid: peer.uid }, join(state, 'runs'))));
  return callers.find(({ kind }) => kind === 'refused') ?? callers[0] ?? { kind: 'refused', why: UNTOLD };
}

/**
 * Why whoever is at the other end of a connection to the page may change nothing: it is a worker, or may be one. Null: it is none, or comes from
 * another machine or through a tunnel, where the key is all that can be asked for.
 */
export async function workerOverTcp(ends: Ends, { state }: Pick<Place, 'state'>): Promise<string | null> {
  const peer = tcpPeerOf(ends);
  if (peer.kind === 'elsewhere') return null;
  if (peer.kind === 'gone') return GONE;
  for (const pid of peer.pids) {
    const whose = await workerOf(pid, join(state, 'runs'));
    if (whose.kind === 'gone' && peer.kind === 'held') return GONE;
    if (whose.kind !== 'worker') continue;
    return `process ${pid}${peer.kind === 'held' ? '' : ', which hides what it does,'} belongs to ${whose.name}`;
  }
  return null;
}

/** The user whose program is at the other end of a connection to the page; null: it cannot be told. */
export const userOverTcp = (ends: Ends): number | null => tcpUserOf(ends);
