import { readdirSync, readFileSync } from 'node:fs';

/** A live process of the demo: one that has the demo's mark in its environment or on its command line. */
export interface Seen {
  readonly pid: number;
  /** Clock ticks since boot: with the pid it is this process for ever. */
  readonly startTime: number;
  readonly command: string;
  /** The run whose marker its environment bears; null for the daemon and its helpers. */
  readonly run: string | null;
  /** The task, for the agent itself; null for its tools and everything else. */
  readonly agentOf: string | null;
}

/**
 * Every live process with the mark, this one left out. Looks from outside, at /proc alone: an agent in a PID namespace does not know
 * its own number. A process that ends while it is looked at is not there.
 */
export function findMarked(mark: string): readonly Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => look(Number(name), mark) ?? []);
}

function look(pid: number, mark: string): Seen | null {
  const environment = read(pid, 'environ');
  const command = read(pid, 'cmdline');
  if (!environment.includes(mark) && !command.includes(mark)) return null;
  const startTime = startOf(pid);
  if (startTime === null) return null;
  const words = command.split('\0');
  const run = environment.split('\0').find((entry) => entry.startsWith('TAC8_RUN='));
  // The name that tac8 gives an agent: "gh-3 w-1a2b3c".
  const name = words[words.indexOf('--name') + 1] ?? '';
  const agentOf = /^((?:gh|local)-\d+) w-/.exec(name)?.[1] ?? null;
  return { pid, startTime, command: words.join(' ').trim(), run: run?.slice('TAC8_RUN='.length) ?? null, agentOf };
}

/** Null: gone, or a zombie that nobody has asked for its exit status yet. */
export function startOf(pid: number): number | null {
  const stat = read(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19]);
}

/** Empty for a process that is gone, or that belongs to somebody else. */
function read(pid: number, name: 'environ' | 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** Ends what is left, by number, until nothing is there; answers what was there. Gives up after `ms`. */
export async function endMarked(mark: string, ms: number): Promise<readonly Seen[]> {
  const found = new Map<number, Seen>();
  const deadline = Date.now() + ms;
  for (let left = killMarked(mark); left.length > 0 && Date.now() < deadline; left = killMarked(mark)) {
    for (const seen of left) found.set(seen.pid, seen);
    await new Promise((resolve) => setTimeout(resolve, PASS_MS));
  }
  return [...found.values()];
}

/** The same in one go, for a process that is about to end. */
export function endMarkedNow(mark: string): void {
  for (let pass = 0; pass < 100 && killMarked(mark).length > 0; pass += 1)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PASS_MS);
}

const PASS_MS = 20;

function killMarked(mark: string): readonly Seen[] {
  const left = findMarked(mark);
  for (const seen of left) if (startOf(seen.pid) === seen.startTime) kill(seen.pid);
  return left;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
