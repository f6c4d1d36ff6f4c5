import { readFile, stat as statFile } from 'node:fs/promises';
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

/** As they were given at its start. Only processes of this user count (for root, all); one that forbids reading is nobody's. */
export async function markersOf(pid: number): Promise<Omit<Marked, 'stat'> | null> {
  try {
    const uid = process.getuid?.();
    if (uid !== 0 && (await statFile(`/proc/${pid}`)).uid !== uid) return null;
    const text = await readFile(`/proc/${pid}/environ`, 'utf8');
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
