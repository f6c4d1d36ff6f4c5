import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { healthOf } from '../../core/health.ts';
import type { Counters } from '../../core/records.ts';
import type { RunId } from '../../core/task.ts';
import type { Surroundings } from '../../engine/ports.ts';
import { createReadings } from './readings.ts';

export interface SurroundingsOptions {
  readonly root: string;
  /** Absolute. */
  readonly metricsFile: string;
  /** Where the kernel tells of temperatures. */
  readonly sysfs: string;
  /** A command line; null: nothing to verify. */
  readonly verify: () => string | null;
  readonly verifyTimeoutMs: number;
  readonly treeOf: (task: `gh-${number}` | `local-${number}`) => string;
  /** The whole environment of the verify command. */
  readonly env: Readonly<Record<string, string>>;
}

export function createSurroundings(options: SurroundingsOptions): Surroundings {
  return {
    machine: createReadings({ root: options.root, thermal: join(options.sysfs, 'class/thermal') }),
    names: () => ({ run: `w-${randomBytes(3).toString('hex')}` as RunId, session: randomUUID() }),
    verify: (task, signal) => verify(options, options.treeOf(task.id), signal),
    publishMetrics: (counters, now) => writeMetrics(options.metricsFile, counters, now),
  };
}

/** The person's own command line, from the configuration, in the worktree; its last 8,000 characters of output are kept. */
function verify(options: SurroundingsOptions, cwd: string, signal: AbortSignal): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: options.env, timeout: options.verifyTimeoutMs, maxBuffer: 64 * 1024 * 1024, signal };
    execFile('/bin/sh', ['-c', options.verify() ?? 'true'], settings, (error, stdout, stderr) => {
      if (signal.aborted) return reject(error);
      const output = `${stdout}${stderr}${error === null ? '' : `\n${error.killed ? 'it took too long' : `exit code ${error.code ?? '?'}`}`}`;
      resolve({ ok: error === null, output: output.slice(-8_000) });
    });
  });
}

/** `adws/metrics.json`: exactly the keys that people's scripts read. Atomic. */
async function writeMetrics(path: string, counters: Counters, now: number): Promise<void> {
  const { workers_launched, workers_completed, workers_failed, worktree_errors, prs_created } = counters;
  const document = {
    ...{ workers_launched, workers_completed, workers_failed, worktree_errors, prs_created },
    last_update: new Date(now).toISOString(),
    health: healthOf(counters),
  };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, `${JSON.stringify(document, null, 2)}\n`);
  await rename(`${path}.tmp`, path);
}
