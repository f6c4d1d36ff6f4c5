import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../measure.ts';
import type { Bench, Figure } from '../row.ts';
import { SESSION, talker } from './talker.ts';
import { addTasks, createWorld, type Daemon, type World } from './world.ts';

/** Many agents that talk as one says, in one world. */
export interface Crowd {
  readonly world: World;
  /** Where they leave notes. */
  readonly desk: string;
  /** Events a second, each; they look once a second. */
  setRate(rate: number): void;
  /** So many more; resolves when all are at work and the daemon knows them to be. */
  add(daemon: Daemon, count: number): Promise<void>;
  /** Resolves when the daemon has taken in something new of every run, none of which has ended. */
  allHeard(): Promise<void>;
  /** What they counted themselves, what stands in their logs, and what the daemon took in; when all have ended. */
  eventsFigure(): Figure;
}

export async function gather(bench: Bench, { name, ownEnd }: { name: string; ownEnd: number }): Promise<Crowd> {
  const desk = join(bench.dir, `desk-${name}`);
  mkdirSync(desk);
  const program = join(desk, 'talker.pl');
  writeFileSync(program, talker(ownEnd));
  const settings = [
    'max_concurrent_workers: 1000',
    'limits: { start_gap: 0s, load_per_core: 10000, turns: 10000000, tokens: 1000000M, silence: 10h, first_event: 10m, min_free_memory: 100MiB }',
    'worktrees: { save_every: 10h }',
    `agent: { kind: claude, command: [/usr/bin/perl, ${program}, ${desk}] }\n`,
  ].join('\n');
  const world = await createWorld(bench, { name, settings });
  const setRate = (rate: number): void => writeFileSync(join(desk, 'rate'), String(rate));
  const running = (): number => Number(world.rows("SELECT count(*) AS n FROM runs WHERE state = 'running'")[0]?.n);
  const began = (): number => readdirSync(desk).filter((file) => file.endsWith('.began')).length;
  const events = () =>
    new Map(world.rows("SELECT id, json_extract(doc, '$.stream.events') AS n FROM runs").map(({ id, n }) => [String(id), Number(n)]));
  let wanted = 0;
  setRate(0);
  return {
    world,
    desk,
    setRate,
    async add(_daemon, count) {
      wanted += count;
      const board = join(world.root, 'tasks.md');
      const text = await until('a board', () => readIfThere(board));
      writeFileSync(
        `${board}~`,
        addTasks(
          text,
          Array.from({ length: count }, (_, n) => `Talk, number ${wanted - count + n + 1}`),
        ),
      );
      renameSync(`${board}~`, board);
      await until(`${wanted} agents at work`, () => began() === wanted && running() === wanted, { limitMs: 900_000, every: 500 });
    },
    async allHeard() {
      const before = events();
      const heard = (): boolean => running() === wanted && [...events()].every(([id, n]) => n > (before.get(id) ?? 0));
      await until('a word of every run, none of them ended', heard, { limitMs: 60_000, every: 250 });
    },
    eventsFigure() {
      const said = readdirSync(desk)
        .filter((file) => file.endsWith('.ended'))
        .reduce((sum, file) => sum + Number(readFileSync(join(desk, file), 'utf8')), 0);
      const runs = world.rows('SELECT id, task FROM runs');
      const logs = runs.map(({ id, task }) => readFileSync(join(world.root, 'logs', `${task}.${id}.jsonl`), 'utf8').split('\n'));
      const logged = logs.flat().filter((line) => line.includes(SESSION)).length;
      const taken = [...events().values()].reduce((sum, n) => sum + n, 0);
      return {
        name: `${wanted} workers: events`,
        value: taken,
        unit: 'events',
        shown: `${logged} in the logs, ${taken} taken in, ${said} said`,
        yardstick: { what: 'said', value: said },
        bound: { kind: 'met', text: 'none lost', holds: said > 0 && logged === said && taken >= said },
        how: 'counted by the agents themselves, in their logs, and by the daemon, over two restarts and more',
      };
    },
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not written yet.
    return null;
  }
}
