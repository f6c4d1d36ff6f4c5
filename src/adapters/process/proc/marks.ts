import { closeSync, open, read } from 'node:fs';
import { stat as statFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '../../../engine/ports/error.ts';
import { type Census, takeCensus } from './census.ts';
import type { ProcStat } from './proc.ts';

const SCAN_LIMIT = 5000;
const READERS = 16;

/** A live process with what the agent's launch put into its environment. */
export interface Marked {
  readonly stat: ProcStat;
  readonly run: string | null;
  readonly task: string | null;
  /** The run's folder: ids of runs are short, and another repository may have the same. */
  readonly dir: string | null;
}

export interface Scan {
  readonly census: Census;
  /** Those that bear a marker. */
  readonly marked: readonly Marked[];
}

let running: Promise<unknown> = Promise.resolve();
let next: Promise<Scan> | null = null;

/**
 * Every process of the machine and the markers of ours, as it is after this call: who asks while a scan is under way gets the one after it, together
 * with all the others who ask. Throws a PortError when /proc does not answer.
 */
export function scanMarks(): Promise<Scan> {
  if (next !== null) return next;
  const mine = running
    .catch(() => null) // whoever asked for that one has been told
    .then(() => {
      next = null;
      return scan();
    });
  running = mine;
  next = mine;
  return mine;
}

async function scan(): Promise<Scan> {
  const census = takeCensus();
  const marked: Marked[] = [];
  const queue = census.byPid.values();
  const read = async (): Promise<void> => {
    for (const stat of queue) {
      if (stat.isKernel) continue;
      const markers = await markersOf(stat.pid);
      if (markers !== null) marked.push({ stat, ...markers });
    }
  };
  const timeout = new AbortController();
  const readers = Promise.all(Array.from({ length: READERS }, read));
  // A process stuck in the kernel can block whoever reads its memory, and its environment is that.
  const late = pause(SCAN_LIMIT, null, { signal: timeout.signal }).then(() => {
    throw new PortError('unknown', `the environments of ${census.byPid.size} processes could not be read within ${SCAN_LIMIT / 1000} s`);
  });
  try {
    await Promise.race([readers, late]);
    return { census, marked };
  } finally {
    timeout.abort();
    late.catch(() => null); // aborted
  }
}

const ROOM = 32 * 1024;

/**
 * Beside the loop, in as few turns as can be: every process of the machine is read, and the promises of node:fs take twice as many. The kernel gives
 * all that there is room for; what is less is the end.
 */
function readEnvironment(pid: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  open(`/proc/${pid}/environ`, 'r', (refused, file) => {
    if (refused !== null) {
      reject(refused);
      return;
    }
    let text = '';
    const readOn = (): void =>
      read(file, Buffer.allocUnsafe(ROOM), 0, ROOM, null, (failed, count, bytes) => {
        if (failed === null) text += bytes.toString('latin1', 0, count);
        if (failed === null && count === ROOM) {
          readOn();
          return;
        }
        closeSync(file);
        if (failed === null) resolve(Buffer.from(text, 'latin1').toString('utf8'));
        else reject(failed);
      });
    readOn();
  });
  return promise;
}

/** As they were given at its start. Only processes of this user count (for root, all); one that forbids reading is nobody's. */
export async function markersOf(pid: number): Promise<Omit<Marked, 'stat'> | null> {
  try {
    const uid = process.getuid?.();
    if (uid !== 0 && (await statFile(`/proc/${pid}`)).uid !== uid) return null;
    const text = await readEnvironment(pid);
    if (!text.includes('TAC8_RUN')) return null;
    const entries = text.split('\0');
    const value = (name: string): string | null => entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
    return { run: value('TAC8_RUN'), task: value('TAC8_TASK'), dir: value('TAC8_RUN_DIR') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return null;
    throw new PortError('unknown', `/proc/${pid}/environ cannot be read: ${code}`, { cause: error });
  }
}
