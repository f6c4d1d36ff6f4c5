import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../../src/demo/world/postgres.ts';
import { cpuOf, inMs, inTurns, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld, type Daemon, type World } from '../../world/world.ts';
import { between, EDIT_SECONDS, editOne, SETTINGS } from '../loop/waiting-tasks.ts';

const TASKS = 10_000;
const MOST_ROUNDS = 5;
const WATCHED_SECONDS = 10;

interface Place {
  readonly world: World;
  readonly daemon: Daemon;
  readonly board: string;
  /** Of a core, while nothing happens. */
  readonly share: number;
}

/** The same change beside 10,000 open tasks, with each change of the store sent to Postgres and without. */
export async function shipping(bench: Bench): Promise<readonly Figure[]> {
  const postgres = await startPostgres();
  const worlds: World[] = [];
  try {
    const begin = async (kind: 'here' | 'shipped'): Promise<Place> => {
      const more = kind === 'shipped' ? 'machines: {}\nbase_branch: main\n' : '';
      const world = await createWorld(bench, { name: `shipping-${kind}`, settings: `${SETTINGS}${more}` });
      worlds.push(world);
      const board = join(world.root, 'tasks.md');
      const lines = Array.from({ length: TASKS }, (_, n) => `[] Something to do, number ${n + 1} {p2}\n`);
      writeFileSync(board, `## Pending\n${lines.join('')}`);
      const daemon = await world.start(kind === 'shipped' ? { TAC8_POSTGRES: postgres.url } : {});
      await until('all tasks', () => readFileSync(board, 'utf8').includes(`local-${TASKS}:`), { limitMs: 300_000, every: 1_000 });
      await sleep(5_000);
      return { world, daemon, board, share: await between(daemon, WATCHED_SECONDS) };
    };
    const [here, shipped] = [await begin('here'), await begin('shipped')];
    let number = TASKS / 2;
    const measure = async ({ world, daemon, board, share }: Place): Promise<number> => {
      number += 1;
      const { cpu } = await editOne(world, daemon, board, number);
      return Math.max(0, cpu - share * EDIT_SECONDS * 1_000);
    };
    const before = cpuOf(shipped.daemon.pid);
    const rounds = Math.min(MOST_ROUNDS, bench.rounds);
    const took = await inTurns(rounds, { here: () => measure(here), shipped: () => measure(shipped) });
    bench.say(
      `between events ${(shipped.share * 100).toFixed(2)} % of a core, ${(here.share * 100).toFixed(2)} without; ${cpuOf(shipped.daemon.pid) - before} ms in all`,
    );
    return [
      {
        name: '10,000 open tasks, each change sent to Postgres: edit of one line',
        ...{ value: took.shipped.median, unit: 'ms', shown: inMs(took.shipped) },
        yardstick: { what: 'the same without Postgres', value: took.here.median },
        bound: { kind: 'ratio', most: 1.5 },
        how: `the daemon’s CPU within ${EDIT_SECONDS} s beyond what it uses between events; ${rounds} in turns, median (min–max)`,
      },
    ];
  } finally {
    for (const world of worlds) await world.close();
    await postgres.end();
  }
}
