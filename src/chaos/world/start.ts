import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../demo/ground/child.ts';
import type { DemoFolder } from '../../demo/ground/folder.ts';
import { startDaemon } from '../../demo/world/daemon.ts';

/** A daemon on a machine that is busy with other things may take long: what is judged here is what it keeps, not how fast it comes. */
const READY_LIMIT_MS = 90_000;
const GREETING = 'tac8 works on';

/** Made before a daemon starts; the function waits until that one has greeted in `log`. Throws when it ends before. */
export function createReady(log: string): (child: Child) => Promise<void> {
  const from = existsSync(log) ? statSync(log).size : 0;
  return async (child) => {
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!tailFrom(log, from).includes(GREETING)) {
      if (!child.isRunning()) throw new Error(`a daemon ended by itself (${await child.ended}): ${tailFrom(log, from).trim()}`);
      if (Date.now() > deadline) throw new Error(`a daemon has not come up within ${READY_LIMIT_MS / 1000} s: see ${log}`);
      await sleep(10);
    }
  };
}

function tailFrom(path: string, from: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(4096);
    return piece.toString('utf8', 0, readSync(file, piece, 0, piece.length, from));
  } finally {
    closeSync(file);
  }
}

/** One start with nothing to do: Node keeps what it compiled, so that the many that follow are quick. */
export async function warmUp(folder: DemoFolder, env: Readonly<Record<string, string>>): Promise<void> {
  const ready = createReady(folder.daemonLog);
  const daemon = startDaemon(folder, env);
  try {
    await ready(daemon);
  } finally {
    await daemon.end([5_000, 1_500]);
  }
}
