import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ends every process that works in the folder or was started by a run in it. Only files of /proc are read: it can be called while this process leaves. */
function endAllIn(folder: string): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const isOurs = readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) || readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder);
      if (isOurs) process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone, or another user's.
    }
  }
}

/** A bench that is ended from outside leaves no worker behind: they outlive their daemon by design. */
export function endWith(folder: string): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => process.exit(code));
  process.once('exit', () => {
    if (process.platform === 'linux') endAllIn(folder);
  });
}
