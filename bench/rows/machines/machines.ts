import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../../src/demo/world/postgres.ts';
import { inMs, inTurns, quantile, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld, type World } from '../../world/world.ts';
import { AGENT, labelledStart } from '../tasks/label-to-agent.ts';

const MOST_ROUNDS = 10;
/** Stays until it is killed, and says when it began. */
const STAYS = ['/bin/sh', '-c', 'date +%s%N; exec sleep 600'] as const;
const settingsOf = (agent: readonly string[], more: string): string =>
  `poll_interval: 1s\nmax_concurrent_workers: 1\nsandbox: { kind: none }\nagent: { kind: command, command: ${JSON.stringify(agent)} }\n${more}`;
const ELSEWHERE = 'machines: {}\nbase_branch: main\n';

/** A task on another machine, against the same on this one: the runner is a process here, with a worktree's repository that it has from before. */
export async function machines(bench: Bench): Promise<readonly Figure[]> {
  const rounds = Math.min(MOST_ROUNDS, bench.rounds);
  const starts = await sideBySide(bench, 'starts', AGENT, rounds, ({ world, daemon }) => labelledStart(world, daemon, []));
  const kills = await sideBySide(bench, 'kills', STAYS, rounds, async ({ world, daemon }) => {
    await labelledStart(world, daemon, []);
    const task = `gh-${world.github?.state.issues.at(-1)?.number ?? 0}`;
    const from = performance.now();
    execFileSync(bench.tac8, ['kill', task], { cwd: world.root, env: bench.env, timeout: 60_000 });
    return performance.now() - from;
  });
  const [here, far] = [quantile(kills.here, 0.95), quantile(kills.far, 0.95)];
  const slower = far - here;
  return [
    {
      name: 'label seen → agent exec’d on another machine that is warm',
      ...{ value: starts.far.median, unit: 'ms', shown: inMs(starts.far) },
      yardstick: { what: 'the same on this machine', value: starts.here.median },
      bound: { kind: 'ratio', most: 2 },
      how: `a Postgres and a runner as processes here, ${rounds} in turns with a daemon without either, median (min–max)`,
    },
    {
      name: '`tac8 kill` of a run on another machine, until its process tree is gone',
      ...{ value: far, unit: 'ms', shown: inMs(kills.far) },
      yardstick: { what: 'the same on this machine', value: here },
      bound: { kind: 'met', text: 'p95 within 500 ms of it', holds: slower <= 500 },
      how: `the command as a person types it, which answers when nothing of the tree lives; ${rounds} in turns, p95 ${slower.toFixed(0)} ms more`,
    },
  ];
}

interface Place {
  readonly world: World;
  readonly daemon: Awaited<ReturnType<World['start']>>;
}

async function sideBySide(
  bench: Bench,
  name: string,
  agent: readonly string[],
  rounds: number,
  measure: (place: Place) => Promise<number>,
) {
  const postgres = await startPostgres();
  const worlds: World[] = [];
  let runner: ChildProcess | null = null;
  try {
    const begin = async (kind: 'here' | 'far'): Promise<Place> => {
      const more = kind === 'far' ? ELSEWHERE : '';
      const world = await createWorld(bench, { name: `machines-${name}-${kind}`, settings: settingsOf(agent, more), forge: true });
      worlds.push(world);
      return { world, daemon: await world.start(kind === 'far' ? { TAC8_POSTGRES: postgres.url } : {}) };
    };
    const [here, far] = [await begin('here'), await begin('far')];
    runner = await startRunner(bench, name, postgres.url, far.world);
    return await inTurns(rounds, { here: () => measure(here), far: () => measure(far) });
  } finally {
    for (const world of worlds) await world.close();
    if (runner !== null) await end(runner);
    await postgres.end();
  }
}

async function startRunner(bench: Bench, name: string, url: string, far: World): Promise<ChildProcess> {
  const dir = join(bench.dir, `runner-${name}`);
  mkdirSync(dir);
  const argv = ['runner', '--join', 'env:TAC8_POSTGRES', '--dir', dir, '--name', 'one', '--slots', '1'];
  const runner = spawn(bench.tac8, argv, { cwd: dir, env: { ...bench.env, TAC8_POSTGRES: url }, stdio: 'ignore' });
  const list = (): string =>
    execFileSync(bench.tac8, ['machines'], { cwd: far.root, env: { ...bench.env, TAC8_POSTGRES: url }, encoding: 'utf8' });
  await until('the runner', async () => list().includes('answers'), { every: 200, limitMs: 60_000 });
  return runner;
}

async function end(runner: ChildProcess): Promise<void> {
  if (runner.exitCode !== null || runner.signalCode !== null) return;
  const gone = once(runner, 'exit');
  runner.kill('SIGTERM');
  await Promise.race([gone, sleep(5_000)]);
  runner.kill('SIGKILL');
}
