import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task, TaskId } from '../../core/model/task.ts';
import { isPersonsWord } from '../../core/voices/persons-word.ts';
import { whyNever } from '../../core/voices/requests.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import { touchPlainSync } from '../../files/open-plain.ts';
import { canTellPeers, isEnding, orderEnd, sayCommand } from '../../orders/give-order.ts';
import { boardText } from '../../place/board-text.ts';
import { findPlace, type Place } from '../../place/place.ts';
import { daemonAt, openStore } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

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

/** Writes the request down, wakes the daemon, waits for what happened. Without a daemon, or when it leaves meanwhile, it is done at the next start: throws an Exit that says so. `signal`: wait no longer; what was asked stays so. `onSaid`: from now on it stays so. */
export async function awaitAnswer(
  project: Place,
  { verb, task, args, timeout }: Omit<Asked, 'from' | 'json'>,
  { signal, onSaid }: { readonly signal?: AbortSignal; readonly onSaid?: () => void } = {},
): Promise<Answer> {
  const at = Date.now();
  /** Not by the clock on the wall: it may be set while the daemon is waited for. */
  const from = performance.now();
  const waited = (): number => Math.round(performance.now() - from);
  const heard = await heardAs(project, { verb, task, args });
  const written = heard ?? writeDown(project, { verb, task, args, at });
  if (!('id' in written)) return bySay(project, { verb, task, args, timeout }, written.because);
  const { store, id } = written;
  onSaid?.();
  try {
    if (daemonAt(project) === null) {
      throw new Exit(EXIT.noDaemon, `no daemon runs: \`${verb}\` is noted and done at the next \`tac8 start\``);
    }
    wake(project);
    for (let looks = 1; ; looks += 1) {
      const isThere = looks % LOOKS_PER_LOOK_AT_LOCK !== 0 || daemonAt(project) !== null;
      // What it did last is read after it was seen to be gone.
      const answer = store.answer(id);
      if (answer !== null) return { ...answer, ms: waited() };
      if (!isThere)
        throw new Exit(EXIT.noDaemon, `the daemon left before it answered: \`${verb}\` is noted and done at the next \`tac8 start\``);
      if (waited() > timeout * 1000)
        throw new Exit(EXIT.failed, `no answer in ${timeout} s; the request stays noted`, '`tac8 status` shows how far it is.');
      await sleep(LOOK_EVERY, undefined, signal === undefined ? {} : { signal });
    }
  } finally {
    store.close();
  }
}

/** The request as the daemon heard it; null: it cannot be said to one, and is to be written down. */
async function heardAs(project: Place, command: Omit<Asked, 'from' | 'json' | 'timeout'>): Promise<Written | null> {
  const daemon = daemonAt(project);
  if (daemon === null) {
    const task = taskAsItIs(project, command.task);
    const isUnknown = command.task === null || (task === null && isOnBoard(project, command.task));
    const never = command.task === null || isUnknown ? null : whyNever(command.verb, command.task, task);
    if (never !== null) throw new Exit(EXIT.refused, never, '`tac8 status` shows the tasks.');
    if (isPersonsWord(command.verb, task) && canTellPeers())
      throw new Exit(
        EXIT.noDaemon,
        `no daemon runs, and only a running daemon takes \`${command.verb}\`: it looks who asks`,
        'Start it with `tac8 start`, then say it again.',
      );
    return null;
  }
  const said = await sayCommand(project, daemon.pid ?? 0, command);
  if (said.kind === 'refused') throw new Exit(EXIT.refused, said.why);
  if (said.kind === 'unheard') return null;
  // The answer would stand in a database that is gone: what ends something is said to the daemon once more, and answered by it.
  if (!existsSync(project.database)) return null;
  return { store: openStore(project, 'read'), id: said.request };
}

function taskAsItIs(project: Place, task: TaskId | null): Task | null {
  if (task === null || !existsSync(project.database)) return null;
  const store = openStore(project, 'read');
  try {
    return store.task(task);
  } finally {
    store.close();
  }
}

/** What stands there without a task is taken in by the next start, before any command is. */
const isOnBoard = (place: Place, id: TaskId): boolean => new RegExp(`\\b${id}\\b`).test(boardText(place) ?? '');

type Written = { readonly store: Store; readonly id: number };

/** Into the store of whoever runs here: where a daemon works and its database is gone, another one would be read by nobody. */
function writeDown(project: Place, request: Parameters<Store['ask']>[0]): Written | { readonly because: unknown } {
  let store: Store | null = null;
  try {
    if (!existsSync(project.database) && daemonAt(project) !== null) throw new Error(`${project.database} is gone, and a daemon runs`);
    mkdirSync(dirname(project.database), { recursive: true, mode: 0o700 });
    store = openStore(project, 'write');
    return { store, id: store.ask(request) };
  } catch (error) {
    store?.close();
    return { because: error };
  }
}

/** What cannot be written down is said to the daemon, where it ends something. */
async function bySay(project: Place, { verb, task, args, timeout }: Omit<Asked, 'from' | 'json'>, because: unknown): Promise<Answer> {
  const daemon = daemonAt(project)?.pid ?? null;
  if (daemon === null || task === null || !isEnding(verb)) throw because;
  const from = performance.now();
  const reason = typeof args.reason === 'string' ? args.reason : undefined;
  try {
    return { ...(await orderEnd(project, daemon, { verb, task, reason }, timeout * 1000)), ms: Math.round(performance.now() - from) };
  } catch (error) {
    const hint = `It cannot be said to the daemon (process ${daemon}) either: ${messageOf(error)}`;
    throw new Exit(EXIT.failed, `\`${verb} ${task}\` cannot be written down: ${messageOf(because)}`, hint);
  }
}

/** The same for a command line: the answer is printed, and tells by the exit code. */
export async function askDaemon({ from, json, ...request }: Asked): Promise<void> {
  const place = await findPlace(from, process.env);
  const told =
    process.stderr.isTTY && json !== true ? setTimeout(() => process.stderr.write(`${patience(request)}\n`), PATIENCE) : undefined;
  try {
    const { ms, ...answer } = await awaitAnswer(place, request);
    print(answer, ms, json === true);
  } finally {
    clearTimeout(told);
  }
}

/** For who sits there and wonders. */
function patience({ verb, task }: Pick<Asked, 'verb' | 'task'>): string {
  const why = task !== null && (verb === 'stop' || verb === 'cancel') ? `: the tool call of ${task} may end first` : '';
  return paint('dim', `waiting for the daemon${why}; Ctrl-C ends the waiting, not what was asked`, process.stderr);
}

function print(answer: { readonly ok: boolean; readonly message: string }, ms: number, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ ...answer, ms })}\n`);
  else if (answer.ok) process.stdout.write(`${answer.message} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!answer.ok) {
    if (!json) throw new Exit(EXIT.refused, answer.message);
    process.exitCode = EXIT.refused;
  }
}

/** A wake-up that cannot be written is none: the daemon looks by itself within a second while something runs. */
function wake(project: Place): void {
  try {
    touchPlainSync(project.wakeFile, `${Date.now()}\n`);
  } catch {
    // what was asked is in the store
  }
}
