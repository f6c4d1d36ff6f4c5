import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The part of all connections that may be held by those who never asked anything, once there are too many. */
const SILENT_SHARE = 0.25;

/**
 * Never more than so many connections. A new one is always taken, and an older one goes: of those that never asked anything the oldest, where they are
 * many; else that which has asked nothing for longest. So somebody who opens thousands and says nothing keeps nobody out, and takes no
 * connection from who comes back on the one that he has. Only where every one is at work, the new one goes.
 */
export function boundConnections(server: Server, most: number): void {
  // Each in the order in which they fell idle.
  const silent = new Set<Socket>();
  const idle = new Set<Socket>();
  const busy = new Set<Socket>();
  const oldestOf = (sockets: ReadonlySet<Socket>): Socket | undefined => sockets.values().next().value;
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => {
      for (const all of [silent, idle, busy]) all.delete(socket);
    });
    if (silent.size + idle.size + busy.size <= most) return;
    const areMany = silent.size > most * SILENT_SHARE;
    const goes = (areMany ? oldestOf(silent) : (oldestOf(idle) ?? oldestOf(silent))) ?? socket;
    silent.delete(goes);
    idle.delete(goes);
    goes.destroy();
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    silent.delete(socket);
    idle.delete(socket);
    busy.add(socket);
    response.once('close', () => {
      if (!busy.delete(socket) || socket.destroyed) return;
      idle.add(socket);
    });
  });
}
