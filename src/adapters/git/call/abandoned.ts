import { readdirSync, readFileSync } from 'node:fs';
import { isAlive, readStat, sendSignal } from '../../process/proc/proc.ts';

/*
 * A daemon that is killed outright leaves the git it had started running. On the machine it comes to its end soon; one that waits for
 * an answer from the remote may wait for ever. So each git bears the name of who started it, and the next daemon ends those that talk
 * to a remote for nobody: a push or a fetch that is cut off is repeated without harm.
 */

const OWNER = 'TAC8_GIT_OWNER';
const TALKS_TO_REMOTE = new Set(['push', 'fetch', 'ls-remote', 'remote-http', 'remote-https', 'send-pack', 'fetch-pack']);

/** For the environment of every git: this very process, and the private folder that its git works with. */
export function ownerMark(stateDir: string): Readonly<Record<string, string>> {
  return { [OWNER]: `${process.pid} ${readStat(process.pid)?.startTime ?? 0} ${stateDir}` };
}

/** Ends what dead owners with this private folder left talking to a remote; answers their command lines. */
export function endAbandoned(stateDir: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const words = read(pid, 'cmdline').split('\0');
    if (!words.some((word) => TALKS_TO_REMOTE.has(word.replace(/^.*\/git-/, ''))) || !isAbandoned(pid, stateDir)) return [];
    return sendSignal(Number(pid), 'SIGKILL') ? [words.join(' ').trim()] : [];
  });
}

function isAbandoned(pid: string, stateDir: string): boolean {
  const entries = read(pid, 'environ').split('\0');
  const mark = entries.find((entry) => entry.startsWith(`${OWNER}=`))?.slice(OWNER.length + 1) ?? '';
  const [, born, startTime, folder] = /^(\d+) (\d+) (.*)$/s.exec(mark) ?? [];
  return folder === stateDir && !isAlive({ pid: Number(born), startTime: Number(startTime) });
}

/** Empty for a process that is gone or of another user. */
function read(pid: string, name: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
