import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunId, TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { endedOf, openerLine, TIMES, type Times } from '../../egress/life/life.ts';
import { PortError } from '../../engine/ports/error.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { writeWholeSync } from '../../files/write-whole.ts';
import { processesIn, worksIn } from '../process/proc/namespace.ts';
import { readProc, readStat, sendSignal } from '../process/proc/proc.ts';
import { type Face, faceFor } from './face.ts';
import { type Lists, readLists } from './lists.ts';

export interface EgressOptions {
  /** Absolute: `<root>/.tac8/egress`. */
  readonly dir: string;
  /** Where runs keep how they ended. */
  readonly runsDir: string;
  /** The proxy's own file; of a built package a copy is made now, so that it can be started when the package is gone. */
  readonly program: string;
  /** What it does for workers whose login is not theirs to know; handed over by a pipe. */
  readonly routes: readonly object[];
  /** Hosts that are sent a login, which goes by the same pipe. */
  readonly logins: readonly { readonly host: string }[];
  /** Files of certificates that workers trust besides; the first that is there, of those that stand for all. */
  readonly trust: { readonly all: readonly string[]; readonly more: readonly string[] };
  readonly hosts: readonly string[];
  readonly private: readonly string[];
  /** Puts one with these settings in the place of one with others. A command of a person's uses the one that is there. */
  readonly replaces: boolean;
  /** Certificates of the machine. */
  readonly env: Readonly<Record<string, string>>;
  readonly times?: Times;
}

/** What one worker may. */
export interface Its {
  /** What it may reach beside what all may. */
  readonly hosts?: readonly string[];
  /** That alone, in the place of what all may. */
  readonly alone?: boolean;
  /** The prefixes of the services that it may ask; left out: all. */
  readonly routes?: readonly string[];
}

/** The one way out of all workers' boxes: a process that outlives the daemon. */
export interface Egress {
  /** It runs, with these settings. */
  ready(): Promise<void>;
  /**
   * While a worker is in a box it is there again within seconds, whoever ended it; each trouble is said once. Answers the end of that, with
   * which it goes as well where no worker goes on.
   */
  keepUp(complain: (message: string) => void): () => void;
  /** The folder with a worker's own socket. */
  open(run: RunId, task: TaskId, its?: Its): Promise<string>;
  /** Closes a socket; there may be none. */
  close(run: RunId): void;
  /** From now on the task's workers may reach the host, the running one too. */
  allow(task: TaskId, host: string): void;
  /** What a person let the task's workers reach. */
  allowed(task: TaskId): readonly string[];
}

/** The file of certificates in a worker's folder, where hosts are sent a login. */
export const TRUST = 'trust.pem';

/** What it is started from, whatever the repository's package.json says of scripts. */
const OWN_COPY = 'way-out.cjs';
const PROGRAM = /\/egress\/(?:main\.[jt]s|way-out\.cjs)\0$/;
/** Goes up with what the program reads of the files here: one that knows less is replaced. */
const FORM = 5;
const START_LIMIT = 30_000;
const MOST_SAID = 1024 * 1024;
const LOOKED_AT_EVERY = 2_000;
const ANSWER_LIMIT = 5_000;
/** How often it is told that there is a daemon. */
const GREETED_EVERY = 60_000;

export function createEgress(options: EgressOptions): Egress {
  const { dir, routes } = options;
  const print = createHash('sha256')
    .update(JSON.stringify([routes, options.logins, options.env, options.program, FORM]))
    .digest('hex')
    .slice(0, 16);
  const lists = join(dir, 'lists.json');
  const program = options.program.endsWith('.js') ? copyOf(options) : options.program;
  const write = (tasks: Lists['tasks']): void => {
    const next = { hosts: options.hosts, private: options.private, tasks };
    if (JSON.stringify(readLists(dir)) !== JSON.stringify(next)) writeWholeSync(lists, `${JSON.stringify(next)}\n`);
  };
  let turn: Promise<void> | null = null;
  /** One start at a time: two would each take the other's sockets. */
  const ready = (): Promise<void> => {
    turn ??= look().finally(() => {
      turn = null;
    });
    return turn;
  };
  const look = async (): Promise<void> => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const there = running(dir);
    if (there !== null && !options.replaces) return;
    write(readLists(dir).tasks);
    if (there?.print === print) return;
    await start(options, print, program);
    // The sockets are the new one's by now: the old one ends with its last connection.
    const now = running(dir)?.pid;
    for (const pid of allIn(dir)) if (pid !== now) sendSignal(pid, 'SIGTERM');
  };
  return {
    ready,
    keepUp(complain) {
      let said = '';
      let greetedAt = Number.NEGATIVE_INFINITY;
      const tend = async (): Promise<void> => {
        try {
          forgetEnded(options, null);
          if (knownRuns(dir).length > 0) {
            await ready();
            if (performance.now() - greetedAt > GREETED_EVERY) {
              greetedAt = performance.now();
              await tell(dir, '.');
            }
          }
          said = '';
        } catch (error) {
          if (messageOf(error) !== said) complain(messageOf(error));
          said = messageOf(error);
        }
      };
      void tend();
      const timer = setInterval(() => void tend(), LOOKED_AT_EVERY);
      return () => {
        clearInterval(timer);
        forgetEnded(options, null);
        if (knownRuns(dir).length > 0) return;
        // Who comes next does not take one that leaves for one that is there.
        rmSync(join(dir, 'pid'), { force: true });
        for (const pid of allIn(dir)) sendSignal(pid, 'SIGTERM');
      };
    },
    async open(run, task, { hosts = [], alone = false, routes: asked } = {}) {
      await ready();
      forgetEnded(options, run);
      mkdirSync(join(dir, 'known'), { recursive: true, mode: 0o700 });
      writeWholeSync(
        join(dir, 'known', run),
        [task, openerLine(), ...(alone ? ['='] : []), ...hosts, ...(asked === undefined ? [] : ['/', ...asked]), ''].join('\n'),
        // Not in the folder itself: what a kill leaves of it would count as a run.
        { aside: join(dir, `opening.${process.pid}`) },
      );
      const said = await tell(dir, `${run} ${task}`);
      if (said !== 'ok') throw new PortError('retryable', `the way out of the sandbox cannot be opened for ${run}: ${said}`);
      showTrust(options, join(dir, 'workers', run));
      return join(dir, 'workers', run);
    },
    close: (run) => forget(dir, run),
    allowed: (task) => readLists(dir).tasks[task] ?? [],
    allow(task, host) {
      const { tasks } = readLists(dir);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      write({ ...tasks, [task]: [...new Set([...(tasks[task] ?? []), host])] });
    },
  };
}

/** The proxy that works in the folder; its pid alone would be anybody's. */
export function running(dir: string): { readonly pid: number; readonly print: string } | null {
  try {
    const [pid = '', print = ''] = readPlainSync(join(dir, 'pid'), 4096).trim().split(' ');
    return readStat(Number(pid)) !== null && worksIn(Number(pid), dir) ? { pid: Number(pid), print } : null;
  } catch {
    return null; // none was started yet
  }
}

/** A daemon that was killed while it started one may have left it beside the one that works: it has no pid file. */
const allIn = (dir: string): readonly number[] =>
  processesIn(dir).flatMap(({ pid }) => (PROGRAM.test(readProc(`/proc/${pid}/cmdline`) ?? '') ? [pid] : []));

/** Of a package's program, which is one file: made when a daemon begins, and what counts once the package is gone. */
function copyOf({ dir, program }: EgressOptions): string {
  const copy = join(dir, OWN_COPY);
  const text = existsSync(program) ? readFileSync(program, 'utf8') : null;
  if (text !== null && !(existsSync(copy) && readFileSync(copy, 'utf8') === text)) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeWholeSync(copy, text);
  }
  return copy;
}

async function start(options: EgressOptions, print: string, program: string): Promise<void> {
  const { dir, runsDir, routes, logins, env, times = TIMES } = options;
  const face = faceOf(options);
  rmSync(join(dir, 'log'), { force: true, recursive: true });
  const log = openSync(join(dir, 'log'), 'wx', 0o600);
  try {
    const child = spawn(process.execPath, [program], {
      cwd: dir,
      env: { ...env, PATH: '/usr/bin:/bin' },
      detached: true,
      stdio: ['pipe', 'ignore', log],
    });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(
      JSON.stringify({ print, runsDir, times, routes, logins, face: face === null ? null : { key: face.key, cert: face.cert } }),
    );
    child.unref();
    await Promise.race([failed, come(dir, print)]);
  } finally {
    closeSync(log);
  }
}

const faceOf = ({ dir, logins }: EgressOptions): Face | null =>
  logins.length === 0
    ? null
    : faceFor(
        dir,
        logins.map(({ host }) => host),
      );

/** In the folder that the worker sees: all that it trusts, and the authority of this program. */
function showTrust(options: EgressOptions, folder: string): void {
  const face = faceOf(options);
  if (face === null) return;
  const { all, more } = options.trust;
  const texts = [...all.filter((path) => existsSync(path)).slice(0, 1), ...more.filter((path) => existsSync(path))];
  writeWholeSync(join(folder, TRUST), [...texts.map((path) => readFileSync(path, 'utf8').trim()), face.authority].join('\n'));
}

async function come(dir: string, print: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT;
  for (let wait = 5; running(dir)?.print !== print; wait = Math.min(wait * 1.5, 100)) {
    if (performance.now() > deadline) {
      const said = readPlainSync(join(dir, 'log'), MOST_SAID).trim().split('\n').slice(0, 6).join(' | ');
      throw new PortError('retryable', `the way out of the sandbox does not come up within ${START_LIMIT / 1000} s: ${said}`);
    }
    await pause(wait);
  }
}

const knownRuns = (dir: string): readonly string[] => (existsSync(join(dir, 'known')) ? readdirSync(join(dir, 'known')) : []);

function forgetEnded({ dir, runsDir }: EgressOptions, but: RunId | null): void {
  for (const run of endedOf(runsDir, join(dir, 'known'), knownRuns(dir))) if (run !== but) forget(dir, run);
}

function forget(dir: string, run: string): void {
  rmSync(join(dir, 'known', run), { force: true });
  void tell(dir, `- ${run}`).catch(() => null);
  rmSync(join(dir, 'workers', run), { recursive: true, force: true });
}

/** By a path from the folder, since one from the root may be longer than a socket's may be. */
function tell(dir: string, line: string): Promise<string> {
  const folder = openSync(dir, 'r');
  return new Promise<string>((resolve, reject) => {
    const socket = createConnection(`/proc/self/fd/${folder}/control`);
    let said = '';
    socket.setTimeout(ANSWER_LIMIT, () => socket.destroy(new Error('no answer')));
    socket.on('connect', () => socket.write(`${line}\n`));
    socket.on('data', (chunk) => {
      said += chunk.toString('utf8');
    });
    socket.on('error', (error) => reject(new PortError('retryable', `the way out of the sandbox does not answer: ${error.message}`)));
    socket.on('close', () => resolve(said.trim()));
  }).finally(() => closeSync(folder));
}
