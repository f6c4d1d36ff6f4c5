import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * A machine with too much to do, as a program of its own: `stalls.ts PID SEED WHOM`. It stops a process and its children in the midst of what
 * they do and lets them go on, at random, until the first is gone. WHOM is `children` or `all`. Nobody is left stopped.
 */

const [first = '', seed = '1', whom = 'children'] = process.argv.slice(2);
const pid = Number(first);
let state = Number(seed);
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return (state >>> 0) / 4_294_967_296;
};

function children(): number[] {
  try {
    const found = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number);
    return found.filter((child) => child > 0 && child !== process.pid);
  } catch {
    return [];
  }
}

/** False: it is gone. */
function tell(one: number, signal: 'SIGSTOP' | 'SIGCONT' | 0): boolean {
  try {
    return process.kill(one, signal);
  } catch {
    return false;
  }
}

/** Most stalls are short; one in five is longer than anybody who looks at a file waits for it. */
const stall = (): number => random() * (random() < 0.2 ? 900 : 60);

let stopped: number | null = null;
process.once('SIGTERM', () => {
  if (stopped !== null) tell(stopped, 'SIGCONT');
  process.exit();
});
while (tell(pid, 0)) {
  await pause(random() * 100);
  const among = [...children(), ...(whom === 'all' ? [pid, pid] : [])];
  const one = among[Math.floor(random() * among.length)];
  if (one === undefined || !tell(one, 'SIGSTOP')) continue;
  stopped = one;
  await pause(stall());
  tell(one, 'SIGCONT');
  stopped = null;
}
