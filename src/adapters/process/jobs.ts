import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { RunId } from '../../core/model/task.ts';
import type { Job, JobEnd, JobPart, Jobs } from '../../engine/ports/machine/jobs.ts';
import type { Launch, Workers } from '../../engine/ports/machine/workers.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import { createWorkers } from './workers.ts';

export interface JobsOptions {
  /** Absolute: where each has its folder while it runs. Below that of the runs, so that whoever asks over the door is known as a worker's. */
  readonly dir: string;
  /** See WorkersOptions. */
  readonly memory?: () => number | null;
  /** The most that one may say, in bytes. */
  readonly most: () => number;
  /** What each is put into; left out: nothing holds what it sees and reaches. */
  readonly box?: JobBox;
}

export interface JobBox {
  wrap(launch: Launch, part: JobPart): Promise<Launch>;
  /** It has ended: its way out is closed. */
  leave(run: RunId): void;
}

const LONGEST_WAIT = 100;
/** A tree that cannot be ended (a process stuck in the kernel) is not waited for any longer. */
const END_LIMIT = 5_000;

/** They start, are held together and end as the runs do: a parent that writes down how it ended, a cgroup, a marker. */
export function createJobs({ dir, memory, most, box }: JobsOptions): Jobs {
  const workers = createWorkers({ runsDir: dir, ...(memory === undefined ? {} : { memory }) });

  async function run(job: Job, signal: AbortSignal): Promise<JobEnd> {
    if (signal.aborted) return { kind: 'given up' };
    const id: RunId = `w-${randomBytes(8).toString('hex')}`;
    await makeLog(job.log);
    const { task, argv, env, cwd, log } = job;
    try {
      const stdin = { kind: 'file', prompt: '' } as const;
      const launch: Launch = { run: id, task, argv, env, cwd, stdin, log, stderr: log, note: null };
      const identity = await workers.launch(box === undefined ? launch : await box.wrap(launch, job.part));
      const deadline = performance.now() + job.timeoutMs;
      const cut = await wait(id, identity, { log, deadline, signal }).finally(() => endTree(workers, id, identity));
      if (cut !== null) return { kind: cut };
      const seen = await workers.probe(id, identity);
      return 'exit' in seen && seen.exit !== null ? { kind: 'exit', code: seen.exit.code } : { kind: 'lost' };
    } finally {
      box?.leave(id);
      await removeFolder(join(dir, id));
    }
  }

  /** Until its first process is gone, whoever it left behind; or until it is to be ended. */
  async function wait(
    id: RunId,
    identity: ProcessIdentity,
    { log, deadline, signal }: { readonly log: string; readonly deadline: number; readonly signal: AbortSignal },
  ): Promise<'late' | 'flood' | 'given up' | null> {
    for (let next = 2; ; next = Math.min(next * 1.5, LONGEST_WAIT)) {
      if ((await workers.probe(id, identity)).kind !== 'alive') return null;
      if (signal.aborted) return 'given up';
      if (performance.now() > deadline) return 'late';
      if (((await stat(log).catch(() => null))?.size ?? 0) > most()) return 'flood';
      await pause(next, null, { signal }).catch(() => null); // given up: the next round says so
    }
  }

  return {
    run,
    async endLeft() {
      const left = await workers.strays(() => false);
      for (const { run: id, process } of left) await endTree(workers, id, process);
      for (const name of await readdir(dir).catch((): string[] => [])) await removeFolder(join(dir, name));
      return left.length;
    },
  };
}

async function endTree(workers: Workers, id: RunId, identity: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + END_LIMIT;
  for (let left = 1; left > 0 && performance.now() < deadline; ) ({ left } = await workers.signal(id, identity, 'SIGKILL'));
}

/** In the place of whatever stands there: a link that a worker put there is not followed. */
async function makeLog(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await removeFolder(path);
  await (await open(path, 'wx', 0o600)).close();
}
