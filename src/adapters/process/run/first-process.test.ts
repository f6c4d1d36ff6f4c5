import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FIXTURES, makeWorld, signal, type World } from '../../../../test/fixtures/processes/world.ts';

const OPTIONS = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const isPossible = spawnSync('unshare', [...OPTIONS, 'true'], { timeout: 5000 }).status === 0;

describe.skipIf(!isPossible)('as the first process of a PID namespace', () => {
  let world: World;
  beforeEach(() => {
    world = makeWorld('sweep');
  });
  afterEach(async () => {
    expect(await world.close(), 'processes left running by the test').toBe(0);
  });

  const start = (mode: string): ChildProcess => {
    const launch = JSON.stringify(world.launchOf('w-none', 'forks-much'));
    const args = [
      ...OPTIONS,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(FIXTURES, 'first.ts'),
      mode,
      world.runsDir,
      launch,
    ];
    return spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
  };
  const answer = async (child: ChildProcess): Promise<unknown> => {
    const [text] = child.stdout === null ? [] : ((await once(child.stdout, 'data')) as [Buffer]);
    return JSON.parse(String(text));
  };

  it('leaves no zombie of twenty double-forking workers, takes signals and ends with the same code', { timeout: 60_000 }, async () => {
    const child = start('shielded');
    const exit = once(child, 'exit');
    expect(await answer(child)).toEqual({ pid: expect.not.toSatisfy((pid: number) => pid === 1), zombies: 0 });
    const [init] = childrenOf(child.pid ?? 0);
    signal(init ?? Number.NaN, 'SIGTERM');
    expect(await exit).toEqual([33, null]);
  });

  it('would leave them without', { timeout: 60_000 }, async () => {
    const child = start('bare');
    const exit = once(child, 'exit');
    const seen = (await answer(child)) as { pid: number; zombies: number };
    expect(seen.pid).toBe(1);
    expect(seen.zombies).toBeGreaterThan(0);
    await exit;
  });
});

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'latin1').includes(`) S ${parent} `);
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}
