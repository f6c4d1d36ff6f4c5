import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, inMs, quantile, runTimed, sampleOf } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { type Crowd, gather } from '../../world/crowd.ts';
import { callsPerTick, type Watched, watchDaemon } from '../../world/watched.ts';
import { type Daemon, workersOf } from '../../world/world.ts';
import { bareNode } from '../../yardsticks.ts';

const WORKERS = 100;
const RATE = 20;
const WATCHED_SECONDS = 20;
/** What each agent takes to finish what it has in hand. */
const OWN_END_SECONDS = 2;

/** A hundred agents in one world: they talk, they are silent, their daemon dies and comes back, they are stopped. */
export async function fleet(bench: Bench): Promise<readonly Figure[]> {
  const nodes: number[] = [];
  for (let n = 0; n < 5; n += 1) nodes.push(await bareNode(bench));
  const node = sampleOf(nodes).median;
  const crowd = await gather(bench, { name: 'hundred', ownEnd: OWN_END_SECONDS });
  try {
    const empty = await emptyStarts(crowd);
    let daemon = await crowd.world.start();
    crowd.setRate(RATE);
    await crowd.add(daemon, WORKERS);
    await sleep(3_000);
    const { watched: talking, status } = await watchTalk(bench, crowd, daemon);
    const calls = await callsPerTick(daemon, bench.dir, 6);
    crowd.setRate(0);
    await sleep(4_000);
    const silent = await watchDaemon(daemon, WATCHED_SECONDS);
    crowd.setRate(1);
    const restarts: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await daemon.kill();
      daemon = await crowd.world.start();
      await crowd.allHeard();
      restarts.push(daemon.firstTick);
    }
    const stop = await stopAll(bench, crowd, daemon);
    return [
      ...talkingFigures(talking, calls, node),
      {
        name: `${WORKERS} silent workers`,
        value: (silent.cpu / silent.seconds / 1000) * 100,
        unit: '% of a core',
        bound: { kind: 'value', most: 3 },
        how: `CPU of all threads over ${WATCHED_SECONDS} s, ${silent.ticks} ticks`,
      },
      {
        name: `\`tac8 status --json\` meanwhile`,
        value: status.median,
        unit: 'ms',
        shown: inMs(status),
        how: `CPU, beside ${WORKERS} workers that talk`,
      },
      {
        name: `restart with ${WORKERS} live workers`,
        value: sampleOf(restarts).median,
        unit: 'ms',
        shown: inMs(sampleOf(restarts)),
        yardstick: {
          what: `2 × a start without workers (${empty.toFixed(0)} ms) + 0.2 × \`node -e 0\` a worker`,
          value: 2 * empty + 0.2 * WORKERS * node,
        },
        bound: { kind: 'ratio', most: 1 },
        how: 'after kill -9: from the command to the end of the first tick; all runs are looked at afterwards, and go on to be heard; 3 times',
      },
      ...stopFigures(stop, talking),
      crowd.eventsFigure(),
    ];
  } finally {
    await crowd.world.close();
  }
}

async function emptyStarts({ world }: Crowd): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const daemon = await world.start();
    // The first one makes the database.
    if (round > 0) took.push(daemon.firstTick);
    await daemon.kill();
  }
  return sampleOf(took).median;
}

async function watchTalk(bench: Bench, { world }: Crowd, daemon: Daemon) {
  const watched = await watchDaemon(daemon, WATCHED_SECONDS);
  const took: number[] = [];
  for (let n = 0; n < 5; n += 1) took.push((await runTimed([bench.tac8, 'status', '--json'], { cwd: world.root, env: bench.env })).cpu);
  return { watched, status: sampleOf(took) };
}

function talkingFigures({ ticks, seconds, cpu, written, resident, stretches }: Watched, calls: number, node: number): readonly Figure[] {
  const how = `${WORKERS} agents that say ${RATE} events/s each, ${WATCHED_SECONDS} s, ${ticks} ticks`;
  const what = (text: string): string => `${WORKERS} workers × ${RATE} events/s: ${text}`;
  if (stretches === null) throw new Error('the main thread was never seen to work');
  return [
    {
      name: what('CPU per tick'),
      value: cpu / ticks,
      unit: 'ms',
      yardstick: { what: '`node -e 0`', value: node },
      bound: { kind: 'ratio', most: 0.7 },
      how: `${how}; all threads, all that happens between ticks included`,
    },
    {
      name: what('system calls per tick'),
      value: calls,
      unit: 'calls',
      bound: { kind: 'value', most: 2000 },
      how: `${how}; counted by strace`,
    },
    {
      name: what('p99 of the tick'),
      value: quantile(stretches, 0.99),
      unit: 'ms',
      shown: `${quantile(stretches, 0.99).toFixed(1)} ms`,
      yardstick: { what: 'its median', value: stretches.median },
      bound: { kind: 'ratio', most: 3 },
      how: `${how}; CPU of the main thread for each of ${stretches.values.length} stretches in which it worked, looked at from outside every 5 ms`,
    },
    {
      name: what('written per tick'),
      value: written / ticks / 1000,
      unit: 'kB',
      bound: { kind: 'value', most: 40 },
      how: `${how}; write_bytes`,
    },
    { name: what('processor'), value: (cpu / seconds / 1000) * 100, unit: '% of a core', bound: { kind: 'value', most: 15 }, how },
    {
      name: what('memory'),
      value: resident / 1024 ** 2,
      unit: 'MiB',
      bound: { kind: 'value', most: 180 },
      how: `${how}; the largest VmRSS`,
    },
  ];
}

interface Stop {
  /** From the command until no process of a worker is left. */
  readonly gone: number;
  /** The slowest agent's, from being told to its end. */
  readonly ownEnd: number;
  readonly cpu: number;
  /** From the command until the daemon has left. */
  readonly left: number;
}

async function stopAll(bench: Bench, crowd: Crowd, daemon: Daemon): Promise<Stop> {
  const { world } = crowd;
  let ended = false;
  const before = cpuOf(daemon.pid);
  let cpu = 0;
  const began = performance.now();
  const stopped = runTimed([bench.tac8, 'stop', '--stop-workers', '--timeout', '300'], {
    cwd: world.root,
    env: bench.env,
    limitMs: 320_000,
  });
  const left = Promise.all([stopped, daemon.left]).then(() => {
    ended = true;
    return performance.now() - began;
  });
  let gone = 0;
  while (!ended) {
    await sleep(50);
    cpu = cpuOrNone(daemon.pid, cpu + before) - before;
    if (gone === 0 && workersOf(world.root).length === 0) gone = performance.now() - began;
  }
  return { gone, ownEnd: slowestEnd(crowd.desk), cpu, left: await left };
}

function cpuOrNone(pid: number, known: number): number {
  try {
    return Math.max(known, cpuOf(pid));
  } catch {
    // It has left.
    return known;
  }
}

function slowestEnd(desk: string): number {
  const told = readdirSync(desk).filter((name) => name.endsWith('.told'));
  const took = told.map((name) => statSync(join(desk, name.replace('.told', '.ended'))).mtimeMs - statSync(join(desk, name)).mtimeMs);
  return Math.max(...took);
}

function stopFigures({ gone, ownEnd, cpu, left }: Stop, { ticks, seconds }: Watched): readonly Figure[] {
  const tick = (seconds / ticks) * 1000;
  return [
    {
      name: `stop of ${WORKERS} that obey: trees gone`,
      value: gone,
      unit: 'ms',
      yardstick: {
        what: `1.5 × the slowest agent’s own end (${ownEnd.toFixed(0)} ms) + 2 ticks (${tick.toFixed(0)} ms each)`,
        value: 1.5 * ownEnd + 2 * tick,
      },
      bound: { kind: 'ratio', most: 1 },
      how: '`tac8 stop --stop-workers`, from the command until no process of a worker is left',
    },
    {
      name: `stop of ${WORKERS} that obey: the daemon’s CPU`,
      value: cpu,
      unit: 'ms',
      bound: { kind: 'before', most: 0.3 },
      how: `from the command until it has left (${(left / 1000).toFixed(1)} s), git apart`,
    },
  ];
}
