import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 250;

/** Calls back once when that process has ended. Answers a stop. */
export function watchParent(pid: number, onEnd: () => void): () => void {
  const first = identity(pid);
  const timer = setInterval(() => {
    if (first !== null && identity(pid) === first) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** Pid and start time, as a pid alone may be given to another; null when it is gone, or a zombie. Without /proc: the pid alone. */
function identity(pid: number): string | null {
  if (process.platform !== 'linux') return signalReaches(pid) ? String(pid) : null;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : `${pid} ${fields[19]}`;
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
