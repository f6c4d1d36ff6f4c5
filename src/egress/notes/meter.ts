import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';

interface Sum {
  requests: number;
  sent: number;
  received: number;
}

/** Beyond so many, the hosts of a task are counted as one: a worker decides how many there are. */
const MOST_HOSTS = 200;
const OTHERS = 'further hosts';
/** The tasks that were counted last; what older ones came to is forgotten. */
const MOST_TASKS = 5_000;
const EVERY = 1_000;
/** Writing takes at most one part in so many of this program's time, which is everybody's way out. */
const SELDOM = 50;

/** What goes through, by task and host; written into `path` within a second, and read from there at the start. */
export interface Meter {
  /** A request of this task to this host goes over this connection from now on. */
  count(task: string, host: string, socket: Socket): void;
  /** Writes what has not been written yet. */
  write(): void;
}

export function createMeter(path: string): Meter {
  const sums = read(path);
  const open = new Map<Socket, { sum: Sum; sent: number; received: number }>();
  let changed = false;

  const sumOf = (task: string, host: string): Sum => {
    const hosts = sums[task] ?? {};
    if (sums[task] === undefined && Object.keys(sums).length >= MOST_TASKS) delete sums[Object.keys(sums)[0] ?? ''];
    sums[task] = hosts;
    const name = hosts[host] !== undefined || Object.keys(hosts).length < MOST_HOSTS ? host : OTHERS;
    const sum = hosts[name] ?? { requests: 0, sent: 0, received: 0 };
    hosts[name] = sum;
    return sum;
  };
  /** One connection may serve one request after another: each has what was added since. */
  const look = (socket: Socket): void => {
    const one = open.get(socket);
    if (one === undefined) return;
    const [sent, received] = [socket.bytesWritten, socket.bytesRead];
    if (sent === one.sent && received === one.received) return;
    one.sum.sent += sent - one.sent;
    one.sum.received += received - one.received;
    Object.assign(one, { sent, received });
    changed = true;
  };
  let restsUntil = 0;
  const write = (): void => {
    const from = performance.now();
    for (const socket of open.keys()) look(socket);
    if (!changed) return;
    try {
      writeFileSync(`${path}.new`, JSON.stringify(sums), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      changed = false;
    } catch {
      // A full disk: it is tried again.
    }
    restsUntil = performance.now() + SELDOM * (performance.now() - from);
  };
  setInterval(() => {
    if (performance.now() >= restsUntil) write();
  }, EVERY).unref();
  return {
    count(task, host, socket) {
      look(socket);
      const sum = sumOf(task, host);
      sum.requests += 1;
      changed = true;
      const before = open.get(socket);
      if (before === undefined) {
        socket.once('close', () => {
          look(socket);
          open.delete(socket);
        });
      }
      open.set(socket, { sum, sent: before?.sent ?? 0, received: before?.received ?? 0 });
    },
    write,
  };
}

function read(path: string): Record<string, Record<string, Sum>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, Sum>>;
  } catch {
    return {}; // nothing was counted yet
  }
}
