import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, residentBytes, untilQuiet } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld } from '../../world/world.ts';

const POLL_SECONDS = 30;
/** Within one poll interval, so that no poll falls into it. */
const WATCHED_SECONDS = 20;
/** An hour's worth of scrapes every minute. */
const SCRAPES = 60;

/** The daemon between two polls with nothing to do, against a Node that only waits. */
export async function idleDaemon(bench: Bench): Promise<readonly Figure[]> {
  const settings = `poll_interval: ${POLL_SECONDS}s\nagent: { kind: command, command: [/bin/true] }\n`;
  const world = await createWorld(bench, { name: 'idle', settings, forge: true });
  const waiting = spawn(bench.node, ['-e', 'setInterval(() => undefined, 1e9)'], { env: bench.env, stdio: 'ignore' });
  try {
    const { github } = world;
    if (github === null || waiting.pid === undefined) throw new Error('there is a forge, and a Node that waits');
    const daemon = await world.start();
    const polls = (): number => github.journal.entries().filter((entry) => entry.path.includes('/issues?')).length;
    // The second poll tells when the next one is due.
    await github.journal.waitFor(() => polls() >= 2, 2 * POLL_SECONDS * 1000);
    await untilQuiet(daemon.pid, 5_000);
    const before = { polls: polls(), cpu: cpuOf(daemon.pid) };
    const started = performance.now();
    await sleep(WATCHED_SECONDS * 1000);
    if (polls() !== before.polls) throw new Error('a poll fell into the time that was watched');
    const share = ((cpuOf(daemon.pid) - before.cpu) / (performance.now() - started)) * 100;
    const quiet = memory('idle daemon, memory', 'VmRSS after two polls without work', daemon.pid, waiting.pid);
    for (let n = 0; n < SCRAPES; n += 1) await daemon.metrics();
    return [
      quiet,
      {
        name: 'idle daemon, processor',
        value: share,
        unit: '% of a core',
        bound: { kind: 'value', most: 0.5 },
        how: `time on a processor of all threads (schedstat) over ${WATCHED_SECONDS} s between two polls`,
      },
      memory(
        'idle daemon that Prometheus reads, memory',
        `VmRSS after two polls and ${SCRAPES} readings of /metrics`,
        daemon.pid,
        waiting.pid,
      ),
    ];
  } finally {
    const ended = once(waiting, 'exit');
    waiting.kill('SIGKILL');
    await ended;
    await world.close();
  }
}

function memory(name: string, how: string, pid: number, rival: number): Figure {
  return {
    name,
    value: residentBytes(pid) / 1024 ** 2,
    unit: 'MiB',
    yardstick: { what: 'a Node that only waits', value: residentBytes(rival) / 1024 ** 2 },
    bound: { kind: 'ratio', most: 3.1 },
    how,
  };
}
