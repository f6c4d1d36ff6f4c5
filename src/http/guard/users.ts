import type { Socket } from 'node:net';
import type { UserOf } from './keys.ts';

/** Who is at the other end of a connection. */
export type Users = (socket: Socket) => UserOf;

/** Asks the kernel once for each connection, as far as it can tell. */
export function createUsers(userOf: (socket: Socket) => number | null): Users {
  const known = new WeakMap<Socket, number>();
  return (socket) => () => {
    const user = known.get(socket) ?? userOf(socket);
    if (user !== null) known.set(socket, user);
    return user;
  };
}
