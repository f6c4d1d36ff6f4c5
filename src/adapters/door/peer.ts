import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { runChild } from '../process/child/child.ts';

/** Who holds the other end of a unix socket, as the kernel noted it when it was connected. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

/*
 * SO_PEERCRED. Node has no call for it; perl-base, part of every Debian, can ask about a socket that it is given.
 */
const SCRIPT = 'open(my $s, "+<&=", 3) or exit 1; print join " ", unpack("i3", getsockopt($s, 1, 17) // exit 1)';
const TIMEOUT = 5_000;
const PERL = '/usr/bin/perl';

/** Can this machine tell who is at the other end? */
export const canTellPeers = (): boolean => process.platform === 'linux' && existsSync(PERL);

/** Null: it cannot be told, so that nobody is believed. */
export async function peerOf(socket: Socket): Promise<Peer | null> {
  const share = descriptorOf(socket);
  if (process.platform !== 'linux' || share === null) return null;
  const call = { env: {}, timeoutMs: TIMEOUT, share, output: { most: 100, beyond: 'end' } } as const;
  const { end, out } = await runChild(PERL, ['-e', SCRIPT], call);
  const [pid = 0, uid = -1] = out.toString().split(' ').map(Number);
  return end.kind === 'exit' && end.code === 0 && pid > 0 && uid >= 0 ? { pid, uid } : null;
}

/** Given as a stream, a socket would be taken away from this process; Node tells its number here alone. */
function descriptorOf(socket: Socket): number | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  const number: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : null;
  return typeof number === 'number' && number > 2 ? number : null;
}
