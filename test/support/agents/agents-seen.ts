import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of an agent's own notes. */
export interface Noted {
  readonly task: string;
  readonly run: string;
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A function for agents' scripts: `note WORD` writes who does what, and when, into `$1/journal`. */
export const NOTE = `
NOTES=$1
note() { echo "$TAC8_TASK $TAC8_RUN $1 $(date +%s%3N)" >>"$NOTES/journal"; }
`;

/** What the agents noted, in the order of their writing; each line is one write, so none is torn. */
export function readNotes(folder: string): readonly Noted[] {
  let text: string;
  try {
    text = readFileSync(join(folder, 'journal'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [task = '', run = '', what = '', at = ''] = line.split(' ');
      return { task, run, what, at: Number(at) };
    });
}

/** The runs of this checkout that have a live process now, by the marker in the processes' environment; with those processes. */
export function liveRuns(root: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  const mark = `TAC8_RUN_DIR=${root}/.tac8/runs/`;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const run = runOf(pid, mark);
    if (run !== null) found.set(run, [...(found.get(run) ?? []), Number(pid)]);
  }
  return found;
}

function runOf(pid: string, mark: string): string | null {
  try {
    const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((one) => one.startsWith(mark));
    if (entry === undefined) return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /\) [ZX] /.test(stat) ? null : entry.slice(mark.length);
  } catch {
    // It ended while it was looked at, or belongs to another user.
    return null;
  }
}
