import { readFileSync } from 'node:fs';
import type { ClientSpec } from '../agents/client/driver.ts';
import { stopSince } from '../agents/client/launch.ts';
import { DRIVERS } from '../agents/drivers.ts';
import { type ChildEnd, startChild } from './child.ts';
import { createClient } from './client.ts';
import { createLines } from './lines.ts';
import { createLog, createRaw } from './out.ts';

/*
 * The client of one run: `node client/main DRIVER "gh-12 w-1d3d59" FOLDER/client.json [--resume CONVERSATION]`. Started as the run's process, it starts the
 * agent, speaks its protocol, and writes what it does to stdout, which is the run's log. Orders come on stdin, from the run's FIFO.
 */

const [, , name = '', , file = '', flag, conversation] = process.argv;
const driver = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
if (driver === undefined) {
  process.stderr.write(`tac8 has no client for ${name}\n`);
  process.exit(127);
}
const spec = JSON.parse(readFileSync(file, 'utf8')) as ClientSpec;
const log = createLog();
const raw = createRaw(spec.raw);

function exit({ code, signal }: ChildEnd): void {
  // What waits for room on a full disk is written first.
  if (!log.isEmpty()) {
    setTimeout(() => exit({ code, signal }), 100);
    return;
  }
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

const client = createClient(spec, flag === '--resume' && conversation !== undefined ? conversation : null, driver, {
  now: Date.now,
  write: log.write,
  raw: raw.write,
  stopSince: () => stopSince(spec),
  start: (argv, side) => startChild(argv, spec.worktree, side),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  exit,
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => client.signal(signal));
const lines = createLines(client.order);
process.stdin.on('data', lines.add);
process.stdin.on('end', () => {
  lines.end();
  client.inputEnded();
});
