import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder } from '../adapters/store/lock.ts';
import { openSqliteStore } from '../adapters/store/sqlite.ts';
import type { TaskId } from '../core/task.ts';
import { findPlace, type Place } from '../place.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { paint } from './style.ts';

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
/** After so many ms without an answer a person is told what is waited for. */
const PATIENCE = 2_000;
/** Whether the daemon is still there is asked twice a second. */
const LOOKS_PER_LOOK_AT_LOCK = 10;

/** What came of a request, in the daemon's words. */
export interface Answer {
  readonly ok: boolean;
  readonly message: string;
  readonly ms: number;
}

/** Writes the request down, wakes the daemon, waits for what happened. Without a daemon, or when it leaves meanwhile, it is done at the next start: throws an Exit that says so. `signal`: wait no longer; what was asked stays so. */
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
    for (let looks = 1; ; looks += 1) {
      const isThere = looks % LOOKS_PER_LOOK_AT_LOCK !== 0 || lockHolder(project.locks) !== null;
      // What it did last is read after it was seen to be gone.
      const answer = store.answer(id);
      if (answer !== null) return { ...answer, ms: Date.now() - at };
      if (!isThere)
        throw new Exit(EXIT.noDaemon, `the daemon left before it answered: \`${verb}\` is noted and done at the next \`tac8 start\``);
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
  const place = await findPlace(from, process.env);
  const told =
    process.stderr.isTTY && json !== true ? setTimeout(() => process.stderr.write(`${patience(request)}\n`), PATIENCE) : undefined;
  try {
    const { ms, ...answer } = await awaitAnswer(place, request);
    tell(answer, ms, json === true);
  } finally {
    clearTimeout(told);
  }
}

/** For who sits there and wonders. */
function patience({ verb, task }: Pick<Asked, 'verb' | 'task'>): string {
  const why = task !== null && (verb === 'stop' || verb === 'cancel') ? `: what ${task} has in hand may end first` : '';
  return paint('dim', `waiting for the daemon${why}; Ctrl-C ends the waiting, not what was asked`, process.stderr);
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
