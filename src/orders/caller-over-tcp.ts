import { join } from 'node:path';
import { type Caller, callerOf } from '../adapters/door/caller.ts';
import { type Ends, tcpPeerOf, tcpUserOf } from '../adapters/door/tcp-peer.ts';
import type { Place } from '../place/place.ts';

const UNTOLD = 'tac8 cannot tell who asks: use `tac8 approve` in a terminal on this machine';

/** A person's program, or somebody who may not, at the other end of a connection to the page. The key alone is no proof: a worker may have read it. */
export async function callerOverTcp(ends: Ends, { state }: Pick<Place, 'state'>): Promise<Caller> {
  const peer = tcpPeerOf(ends);
  if (peer === null) return { kind: 'refused', why: UNTOLD };
  const callers = await Promise.all(peer.pids.map((pid) => callerOf({ pid, uid: peer.uid }, join(state, 'runs'))));
  return callers.find(({ kind }) => kind === 'refused') ?? callers[0] ?? { kind: 'refused', why: UNTOLD };
}

/** The user whose program is at the other end of a connection to the page; null: it cannot be told. */
export const userOverTcp = (ends: Ends): number | null => tcpUserOf(ends);
