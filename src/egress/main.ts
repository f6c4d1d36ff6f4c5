import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { endedOf, isOpenerLine, type Times } from './life/life.ts';
import { createMeter } from './notes/meter.ts';
import { createRefusals } from './notes/refusals.ts';
import type { HostLogin, Route } from './pass-on.ts';
import { createProxy } from './proxy.ts';
import { createLogins } from './renew.ts';
import { createLists, type Lists } from './rules.ts';
import { warm } from './warm.ts';
import type { Face } from './with-login.ts';

/*
 * The way out of all workers of one repository: a program of its own, so that it outlives the daemon as the workers do. Started in its folder;
 * what it logs in with comes by stdin, as JSON. Files there:
 *   known/RUN    the task of a worker that has a socket, behind `@` the process that opened it, then the hosts that it alone may reach (behind `=`: those, in the place of what all may) and, below `/`, the paths of the services that it may ask, one a line
 *       workers/RUN/s  its socket, whose folder the worker sees
 *   lists.json   what may be reached                         refused.jsonl  what was wanted and not given
 *   traffic.json how many requests and bytes went through, by task and host
 *   control      a socket for the daemon: a line "RUN TASK" opens a worker's, "- RUN" closes it, "." says that it is there; answered with "ok"
 *   pid          PID and a print of what it was started with
 */

interface Started {
  readonly print: string;
  /** Where runs write down how they ended. */
  readonly runsDir: string;
  readonly times: Times;
  readonly routes: readonly Route[];
  readonly logins: readonly HostLogin[];
  readonly face: Face | null;
}

const ALONE = '=';
const MOST_LOG = 4 * 1024 * 1024;
const DRAIN = 10 * 60_000;

const { print, runsDir, times, routes, logins, face } = JSON.parse(readFileSync(0, 'utf8')) as Started;
const lists = createLists('lists.json');
const meter = createMeter('traffic.json');
const read = createLogins();
/** What all may reach, and this worker. */
function listsOf(run: string): () => Lists {
  const lines = ownOf(run).filter((line) => !line.startsWith('/'));
  const own = lines.filter((line) => line !== ALONE);
  const isAlone = own.length < lines.length;
  return () => {
    const all = lists();
    return lines.length === 0 ? all : { ...all, hosts: [...(isAlone ? [] : all.hosts), ...own] };
  };
}

/** What stands behind its task and its opener. */
function ownOf(run: string): readonly string[] {
  const [, ...lines] = readFileSync(`known/${run}`, 'utf8').trim().split('\n');
  return lines.filter((line) => !isOpenerLine(line));
}

/** Those of its own agent. One that was begun by a version that did not say so has all. */
function routesOf(run: string): () => readonly Route[] {
  const own = ownOf(run);
  const mine = own.includes('/') ? routes.filter(({ prefix }) => own.includes(prefix)) : routes;
  return () => mine;
}

const servers = new Map<string, Server>();

const refusals = createRefusals();

function refused(run: string, task: string, host: string, why: string): void {
  if (!refusals.isWorthALine(run, `${host} ${why}`)) return;
  try {
    if ((statSync('refused.jsonl', { throwIfNoEntry: false })?.size ?? 0) > MOST_LOG) renameSync('refused.jsonl', 'refused.old.jsonl');
    appendFileSync('refused.jsonl', `${JSON.stringify({ at: Date.now(), run, task, host, why })}\n`, { mode: 0o600 });
  } catch {
    // A full disk: nothing is let through for it.
  }
}

/** Binds beside and renames: the socket of a program before this one is replaced at a stroke, and that one takes none of ours away. */
function listen(server: Server | ReturnType<typeof createServer>, path: string): Promise<void> {
  rmSync(`${path}.new`, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(`${path}.new`, () => {
      chmodSync(`${path}.new`, 0o600);
      renameSync(`${path}.new`, path);
      resolve();
    });
  });
}

async function open(run: string, task: string): Promise<void> {
  if (!/^w-[0-9A-Za-z]{1,40}$/.test(run) || servers.has(run)) return;
  mkdirSync(`workers/${run}`, { recursive: true, mode: 0o700 });
  const server = createProxy({
    run,
    task,
    lists: listsOf(run),
    routes: routesOf(run),
    refused: (host, why) => refused(run, task, host, why),
    meter,
    read,
    logins,
    face,
  });
  servers.set(run, server);
  await listen(server, `workers/${run}/s`);
}

let unused: NodeJS.Timeout | null = null;
/** It ends with its last connection: nothing may keep it. */
let isLeaving = false;

function leaveWhenUnused(): void {
  if (unused !== null) clearTimeout(unused);
  unused = servers.size > 0 || isLeaving ? null : setTimeout(() => process.exit(0), times.unused);
  if (servers.size === 0) meter.write();
}

function close(run: string): void {
  servers.get(run)?.close();
  servers.get(run)?.closeAllConnections();
  servers.delete(run);
  refusals.forget(run);
}

let heardAt = performance.now();

async function obey(line: string): Promise<void> {
  heardAt = performance.now();
  const [first = '', second = ''] = line.split(' ');
  if (first === '.') return;
  if (first === '-') close(second);
  else await open(first, second);
  leaveWhenUnused();
}

/** The daemon does this as long as there is one. Where none comes back, the logins are not kept for runs that are over, nor for ever for one that is not. */
function look(): void {
  const ended = endedOf(runsDir, 'known', [...servers.keys()]);
  for (const run of ended) {
    close(run);
    rmSync(`known/${run}`, { force: true });
  }
  if (ended.length > 0) leaveWhenUnused();
  if (performance.now() - heardAt > times.alone) process.exit(0);
}

async function begin(): Promise<void> {
  for (const name of ['known', 'workers']) mkdirSync(name, { recursive: true, mode: 0o700 });
  for (const run of readdirSync('known')) await open(run, readFileSync(`known/${run}`, 'utf8').split('\n', 1)[0] ?? '');
  const control = createServer((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text = `${text}${chunk.toString('latin1')}`.slice(0, 200);
      if (!text.includes('\n')) return;
      obey(text.split('\n')[0] ?? '').then(
        () => socket.end('ok\n'),
        (error: unknown) => socket.end(`${String(error)}\n`),
      );
    });
  });
  await listen(control, 'control');
  const leave = (): void => {
    isLeaving = true;
    if (unused !== null) clearTimeout(unused);
    control.close();
    for (const server of servers.values()) server.close();
    setTimeout(() => process.exit(0), DRAIN).unref();
  };
  process.on('SIGTERM', leave);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => undefined);
  leaveWhenUnused();
  setInterval(look, times.look).unref();
  writeFileSync('pid.new', `${process.pid} ${print}\n`, { mode: 0o600 });
  renameSync('pid.new', 'pid');
  // It works already: this makes it quicker, and no more.
  await warm('warm').catch(() => undefined);
}

void begin();
