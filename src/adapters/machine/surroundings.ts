import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { healthByCounters } from '../../core/household/health.ts';
import type { Counters } from '../../core/model/records.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Job, JobEnd, Jobs } from '../../engine/ports/machine/jobs.ts';
import type { Surroundings } from '../../engine/ports/machine/surroundings.ts';
import { lastOf } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { createReadings } from './readings.ts';

export interface SurroundingsOptions {
  readonly root: string;
  /** Absolute. */
  readonly metricsFile: string;
  /** Where the kernel tells of temperatures. */
  readonly sysfs: string;
  /** A command line; null: nothing to verify. */
  readonly verify: () => string | null;
  readonly verifyTimeoutMs: () => number;
  readonly treeOf: (task: TaskId) => string;
  /** Where the output of its checks goes. */
  readonly logOf: (task: TaskId) => string;
  /** The whole environment of the verify command. */
  readonly env: (task: TaskId) => Promise<Readonly<Record<string, string>>>;
  readonly jobs: Jobs;
}

export function createSurroundings(options: SurroundingsOptions): Surroundings {
  return {
    machine: createReadings({ root: options.root, thermal: join(options.sysfs, 'class/thermal') }),
    names: () => ({ run: `w-${randomBytes(3).toString('hex')}` as RunId, session: randomUUID() }),
    verify: (task, signal) => verify(options, task.id, signal),
    publishMetrics: (counters, now) => writeMetrics(options.metricsFile, counters, now),
  };
}

const KEPT = 8_000;

function wordsOf(end: JobEnd): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}`;
    case 'late':
      return 'it took too long: `limits.verify` in tac8.yaml is the time that it has';
    case 'flood':
      return 'it said more than `limits.log` allows';
    case 'given up':
    case 'lost':
      return 'it was ended from outside';
  }
}

/** The person's own command line, from the configuration, in the worktree; its last 8,000 characters of output are kept. */
async function verify(options: SurroundingsOptions, task: TaskId, signal: AbortSignal): Promise<{ ok: boolean; output: string }> {
  const log = options.logOf(task);
  const job: Job = {
    ...{ part: 'verify', task, log, cwd: options.treeOf(task) },
    argv: ['/bin/sh', '-c', options.verify() ?? 'true'],
    env: await options.env(task),
    timeoutMs: options.verifyTimeoutMs(),
  };
  const end = await options.jobs.run(job, signal);
  if (end.kind === 'given up') throw new PortError('retryable', 'the checks were given up: no longer wanted');
  const said = await lastOf(log, 4 * KEPT);
  const ok = end.kind === 'exit' && end.code === 0;
  return { ok, output: `${said}${ok ? '' : `\n${wordsOf(end)}`}`.slice(-KEPT) };
}

/** `adws/metrics.json`: exactly the keys that people's scripts read. Atomic. */
async function writeMetrics(path: string, counters: Counters, now: number): Promise<void> {
  const { workers_launched, workers_completed, workers_failed, worktree_errors, prs_created } = counters;
  const document = {
    ...{ workers_launched, workers_completed, workers_failed, worktree_errors, prs_created },
    last_update: new Date(now).toISOString(),
    health: healthByCounters(counters),
  };
  await mkdir(dirname(path), { recursive: true });
  // The name of the file aside is known as ours.
  await writeWhole(path, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o666, aside: `${path}.tmp` });
}
