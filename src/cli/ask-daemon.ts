import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder } from '../adapters/store/lock.ts';
import { openSqliteStore } from '../adapters/store/sqlite.ts';
import { STOP_WORKERS } from '../core/requests.ts';
import type { TaskId } from '../core/task.ts';
import { findPlace, type Place } from '../place.ts';
import { EXIT, Exit } from './exit-codes.ts';

export interface Asked {
  readonly from: string;
  readonly verb: string;
  readonly task: TaskId | null;
  readonly args: Readonly<Record<string, unknown>>;
  readonly json?: true;
  /** Seconds. */
  readonly timeout: number;
}

const LOOK_EVERY = 50;

/** What came of a request, in the daemon's words. */
export interface Answer {
  readonly ok: boolean;
  readonly message: string;
  readonly ms: number;
}

/** Writes the request down, wakes the daemon, waits for what happened. Without a daemon it is done at the next start: throws an Exit that says so. `signal`: wait no longer; what was asked stays so. */
export async function awaitAnswer(
  project: Place,
  { verb, task, args, timeout }: Omit<Asked, 'from' | 'json'>,
  signal?: AbortSignal,
): Promise<Answer> {
  mkdirSync(dirname(project.database), { recursive: true, mode: 0o700 });
  const store = openSqliteStore({ path: project.database });
  try {
    const at = Date.now();
    const id = store.ask({ verb, task, args, at });
    if (lockHolder(project.locks) === null) {
      throw new Exit(EXIT.noDaemon, `no daemon runs: \`${verb}\` is noted and done at the next \`tac8 start\``);
    }
    wake(project);
    for (;;) {
      const answer = store.answer(id);
      if (answer !== null) return { ...answer, ms: Date.now() - at };
      if (Date.now() - at > timeout * 1000)
        throw new Exit(EXIT.failed, `no answer in ${timeout} s; the request stays noted`, '`tac8 status` shows how far it is.');
      await sleep(LOOK_EVERY, undefined, signal === undefined ? {} : { signal });
    }
  } finally {
    store.close();
  }
}

/** The same for a command line: the answer is printed, and tells by the exit code. */
export async function askDaemon({ from, json, ...request }: Asked): Promise<void> {
  const { ms, ...answer } = await awaitAnswer(await findPlace(from, process.env), request);
  tell(answer, ms, json === true);
}

function tell(answer: { readonly ok: boolean; readonly message: string }, ms: number, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ ...answer, ms })}\n`);
  else if (answer.ok) process.stdout.write(`${answer.message} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!answer.ok) {
    if (!json) throw new Exit(EXIT.refused, answer.message);
    process.exitCode = EXIT.refused;
  }
}

const wake = (project: Place): void => writeFileSync(project.wakeFile, `${Date.now()}\n`);

export interface Leaving {
  /** At once, workers go on. */
  readonly now: boolean;
  /** The workers are ended first. */
  readonly stopWorkers: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** Drains the daemon, or sends it away at once, and waits until it has left. */
export async function stopDaemon(from: string, { now, stopWorkers, timeout }: Leaving): Promise<void> {
  const project = await findPlace(from, process.env);
  const holder = lockHolder(project.locks);
  if (holder === null) throw new Exit(EXIT.noDaemon, 'no daemon runs on this repository');
  if (holder.pid === null) throw new Exit(EXIT.failed, 'a daemon runs, but its process id cannot be told');
  process.kill(holder.pid, 'SIGTERM');
  if (stopWorkers) await askDaemon({ from, verb: STOP_WORKERS, task: null, args: {}, timeout });
  if (now) {
    await sleep(200);
    if (lockHolder(project.locks) !== null) process.kill(holder.pid, 'SIGTERM');
  }
  const asked = Date.now();
  while (lockHolder(project.locks) !== null) {
    if (Date.now() - asked > timeout * 1000) {
      process.stdout.write(`daemon ${holder.pid} starts nothing new; it leaves when its running workers are done\n`);
      return;
    }
    await sleep(LOOK_EVERY);
  }
  process.stdout.write(`daemon ${holder.pid} has left${now ? '; its workers go on' : ''}\n`);
}
