import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ms } from '../../core/model/seen.ts';
import { STOP_WORKERS } from '../../core/voices/requests.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { DaemonFact } from '../../engine/ports/records/facts.ts';
import { findPlace, type Place } from '../../place/place.ts';
import { daemonAt, type LockHolder, openForReading } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { awaitAnswer } from './ask-daemon.ts';

export interface Leaving {
  /** When its workers are done; at once, they go on; when they were ended first. */
  readonly how: 'drain' | 'now' | 'stop-workers';
  readonly json?: true;
  /** Seconds to wait until it has left. */
  readonly timeout: number;
}

const BEHIND: Readonly<Record<Leaving['how'], string>> = {
  drain: '',
  now: '; its workers go on',
  'stop-workers': '; its workers are ended, the next start goes on in their conversations',
};

const LOOK_EVERY: Ms = 50;
/** How long a daemon may take to say that it drains. */
const PATIENCE: Ms = 10_000;

/** Drains the daemon, or sends it away at once, and tells what came of it: it has left, or it drains. Throws an Exit where it does neither. */
export async function stopDaemon(from: string, { how, json, timeout }: Leaving): Promise<void> {
  const began = performance.now();
  const place = await findPlace(from, process.env);
  const { pid, holder } = holderHere(place);
  const hasLeft = (): boolean => {
    const now = daemonAt(place);
    return now === null || (now.pid !== null && now.pid !== pid);
  };
  const isDraining = (): boolean => saysItDrains(place, holder);
  // A second SIGTERM would send it away at once: whoever says `stop` twice does not mean that.
  if (how === 'now') signal(pid, 'SIGUSR2');
  else if (!isDraining()) signal(pid, 'SIGTERM');

  const waitFor = async (is: () => boolean, within: Ms): Promise<boolean> => {
    for (const end = performance.now() + within; !is(); await sleep(LOOK_EVERY)) if (performance.now() > end) return false;
    return true;
  };
  const say = (message: string): void => {
    process.stdout.write(json ? `${JSON.stringify({ ok: true, message, ms: Math.round(performance.now() - began) })}\n` : `${message}\n`);
  };
  if (!(await waitFor(() => hasLeft() || (how !== 'now' && isDraining()), PATIENCE)))
    throw new Exit(EXIT.failed, `daemon ${pid} was told to leave, but still runs`, '`tac8 status` and logs/tac8.log show what it does.');
  // Nothing is running any more when it has left, but with `now`.
  const ending =
    how === 'stop-workers' && !hasLeft() ? await awaitAnswer(place, { verb: STOP_WORKERS, task: null, args: {}, timeout }) : null;
  if (await waitFor(hasLeft, timeout * 1000)) say(`daemon ${pid} has left${BEHIND[how]}`);
  else say(`daemon ${pid} starts nothing new${ending === null ? '' : `; ${ending.message}`}; it leaves when its running workers are done`);
}

function holderHere(place: Place): { readonly pid: number; readonly holder: LockHolder } {
  const holder = daemonAt(place);
  if (holder === null) throw new Exit(EXIT.noDaemon, 'no daemon runs on this repository');
  if (holder.pid === null) throw new Exit(EXIT.failed, 'a daemon runs, but its process id is unknown');
  // The same number is somebody else here.
  if (holder.host !== null && holder.host !== hostname())
    throw new Exit(EXIT.failed, `the daemon runs on ${holder.host}, as process ${holder.pid}: stop it there`);
  return { pid: holder.pid, holder };
}

function saysItDrains(place: Place, holder: LockHolder): boolean {
  const store = openForReading(place);
  try {
    return isItsDrain(store.fact('daemon'), holder);
  } finally {
    store.close();
  }
}

/** Its own word, by whichever clock; one of an earlier version tells by the time alone that it is its own. */
export function isItsDrain(
  fact: Pick<DaemonFact, 'draining' | 'at' | 'pid'> | null,
  { pid, since }: Pick<LockHolder, 'pid' | 'since'>,
): boolean {
  if (fact?.draining !== true) return false;
  return fact.pid === undefined ? fact.at >= (since ?? 0) : fact.pid === pid;
}

/** One that has just ended is what was wanted. */
function signal(pid: number, name: 'SIGTERM' | 'SIGUSR2'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ESRCH') return;
    const hint = code === 'EPERM' ? 'It belongs to another user: try as that user, or with sudo.' : '';
    throw new Exit(EXIT.failed, `tac8 cannot tell daemon ${pid} to leave: ${messageOf(error)}`, hint);
  }
}
