import type { Socket } from 'node:net';
import type { UserOf } from './keys.ts';

/** Who is at the other end of a connection. */
export type Users = (socket: Socket) => UserOf;

/** Whether whoever is at the other end may change something. `why`: it is a worker. */
export type May = 'yes' | 'too many' | { readonly why: string };

/** Asks once for each connection that it lets through: a person's does not become a worker's. `mayLook`: to ask costs something. */
export function createPersons(
  workerOf: (socket: Socket) => Promise<string | null>,
  mayLook: () => boolean,
): (socket: Socket) => Promise<May> {
  const persons = new WeakSet<Socket>();
  return async (socket) => {
    if (persons.has(socket)) return 'yes';
    if (!mayLook()) return 'too many';
    const why = await workerOf(socket);
    if (why !== null) return { why };
    persons.add(socket);
    return 'yes';
  };
}

/** Asks the kernel once for each connection, as far as it can tell. */
export function createUsers(userOf: (socket: Socket) => number | null): Users {
  const known = new WeakMap<Socket, number>();
  return (socket) => () => {
    const user = known.get(socket) ?? userOf(socket);
    if (user !== null) known.set(socket, user);
    return user;
  };
}
