import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { Ms } from '../../../core/model/seen.ts';
import { PortError } from '../../../engine/ports/error.ts';

/** One process as /proc/PID/stat shows it. Start time in clock ticks since boot. */
export interface ProcStat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly session: number;
  readonly startTime: number;
  /** A thread of the kernel's own, without memory or environment. */
  readonly isKernel: boolean;
}

const PF_KTHREAD = 0x200000;

/** The name of a program may hold blanks, parentheses and newlines: the fields begin after the last `)`. Null for text that is no stat line. */
export function parseStat(text: string): ProcStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const [state, ppid, , session] = fields;
  const stat = {
    pid: Number(text.slice(0, open).trim()),
    comm: text.slice(open + 1, close),
    state: state ?? '',
    ppid: Number(ppid),
    session: Number(session),
    startTime: Number(fields[19]),
    isKernel: (Number(fields[6]) & PF_KTHREAD) !== 0,
  };
  return [stat.pid, stat.ppid, stat.session, stat.startTime].every(Number.isSafeInteger) ? stat : null;
}

/** Gone, though its number is still taken: nobody has asked for its exit status yet. */
export const isZombie = (stat: ProcStat): boolean => 'ZXx'.includes(stat.state);

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
/** ENODEV: a cgroup that was removed while its file was open. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'ESRCH', 'ENODEV'].includes(codeOf(error));

/** Null: there is no such process. Throws a PortError when the kernel would not say. */
export function readStat(pid: number): ProcStat | null {
  const text = readListing(`/proc/${pid}/stat`);
  if (text === null) return null;
  const stat = parseStat(text);
  if (stat === null) throw new PortError('unknown', `/proc/${pid}/stat cannot be read: ${JSON.stringify(text.slice(0, 120))}`);
  return stat;
}

/** Null: no such file. */
export const readProc = (path: string): string | null => read(path, 0);

/** The same for what has short lines alone: the kernel stops in between only where a page is full, so what is much shorter is all there is. */
export const readListing = (path: string): string | null => read(path, HALF_A_PAGE);

const HALF_A_PAGE = 2048;

function read(path: string, wholeBelow: number): string | null {
  try {
    return readWhole(path, wholeBelow);
  } catch (error) {
    if (isMissing(error)) return null;
    throw new PortError('unknown', `${path} cannot be read: ${codeOf(error)}`, { cause: error });
  }
}

/** Most of what the kernel tells fits into it; many files are read in each tick, and none of them leaves anything behind. */
const room = Buffer.allocUnsafe(64 * 1024);

/** What the kernel makes up while it is read has no size: it ends where a reading gives nothing, or less than `wholeBelow` at first. */
function readWhole(path: string, wholeBelow: number): string {
  const file = openSync(path, 'r');
  try {
    let text = '';
    for (let count = readSync(file, room); count > 0; count = readSync(file, room)) {
      text += room.toString('latin1', 0, count);
      if (text.length < wholeBelow) break;
    }
    return text;
  } finally {
    closeSync(file);
  }
}

export interface Birth {
  readonly pid: number;
  readonly startTime: number;
}

/** The very process, alive: same number and same start, and not a zombie. */
export function isAlive(birth: Birth): boolean {
  const stat = readStat(birth.pid);
  return stat !== null && stat.startTime === birth.startTime && !isZombie(stat);
}

/** Every process, zombies too. Throws a PortError when /proc is not there: an empty machine is not an answer. */
export function listProcesses(): readonly ProcStat[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch (error) {
    throw new PortError('unknown', `/proc cannot be listed: ${codeOf(error)}`, { cause: error });
  }
  const found: ProcStat[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat !== null) found.push(stat);
  }
  if (!found.some((stat) => stat.pid === process.pid)) throw new PortError('unknown', '/proc does not show this very process');
  return found;
}

/** Clock ticks per second, the same on every Linux that people run (USER_HZ). */
export const TICKS = 100;

/** When it began, in ms since the Unix epoch, to about a second. */
export function startedAt({ startTime }: Birth): Ms {
  const boot = /^btime (\d+)$/m.exec(readProc('/proc/stat') ?? '')?.[1];
  if (boot === undefined) throw new PortError('unknown', '/proc/stat does not tell when the machine was started');
  return Number(boot) * 1000 + Math.round((startTime * 1000) / TICKS);
}

let thisBoot: string | null = null;

/** Changes with every boot of the machine, which no process outlives: read once. */
export function bootId(): string {
  thisBoot ??= readProc('/proc/sys/kernel/random/boot_id')?.trim() || null;
  if (thisBoot === null) throw new PortError('unknown', '/proc/sys/kernel/random/boot_id cannot be read');
  return thisBoot;
}

/** False: it was gone already. Throws a terminal PortError where it may not be signalled. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw new PortError('terminal', `process ${pid} cannot be sent ${signal}: ${codeOf(error)}`, {
      hint: 'It runs as another user: end it as that user.',
      cause: error,
    });
  }
}
