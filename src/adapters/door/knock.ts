import { closeSync, openSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import type { Answer } from './door.ts';
import { type Line, readLine } from './line.ts';
import { peerOf } from './peer.ts';
import { whereverItIs } from './where.ts';

/**
 * Asks the daemon with the pid for something, as the person who runs this. Throws when nobody answers, or somebody else than that daemon:
 * whoever can write the folder can put a socket of their own there.
 */
export async function knock(dir: string, daemon: number, said: Line & { readonly verb: string }, timeoutMs: number): Promise<Answer> {
  const folder = openSync(dir, 'r');
  let socket: Socket | null = null;
  try {
    socket = await connected(whereverItIs(folder, dir));
    socket.setTimeout(timeoutMs, () => socket?.destroy());
    const peer = await peerOf(socket);
    if (peer?.pid !== daemon) throw new Error(`process ${peer?.pid ?? 'unknown'} answers at ${dir}, not the daemon (${daemon})`);
    socket.write(`${JSON.stringify(said)}\n`);
    const { ok, message } = await readLine(socket);
    return { ok: ok === true, message: String(message) };
  } finally {
    socket?.destroy();
    closeSync(folder);
  }
}

const connected = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(path, () => resolve(socket));
    socket.once('error', reject);
  });
