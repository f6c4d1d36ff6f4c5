import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that the demo started and has to end. */
export interface Child {
  readonly pid: number;
  /** Its exit code, or the signal that ended it. Never rejects. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** SIGTERM as often as `signals` says, each with that many milliseconds of patience, then SIGKILL. */
  end(signals: readonly number[]): Promise<void>;
}

/** Ended by its own handle, so never by a number that somebody else has by now. */
export function watchChild(child: ChildProcess): Child {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} cannot be started`);
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid,
    ended: promise,
    isRunning,
    async end(signals) {
      for (const patience of signals) {
        if (!isRunning()) return;
        child.kill('SIGTERM');
        await Promise.race([promise, sleep(patience, undefined, { ref: false })]);
      }
      if (!isRunning()) return;
      child.kill('SIGKILL');
      await promise;
    },
  };
}

/** Starts a program with exactly this environment, its output going to the end of `log`. */
export function startLogged(argv: readonly [string, ...string[]], cwd: string, env: Readonly<Record<string, string>>, log: string): Child {
  const [program, ...args] = argv;
  const output = openSync(log, 'a');
  try {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', output, output] });
    child.once('error', () => undefined);
    return watchChild(child);
  } finally {
    closeSync(output);
  }
}
