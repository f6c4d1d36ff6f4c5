import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { liveIn, makeWorld, signal, until, type World } from '../../../test/fixtures/processes/world.ts';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { RunId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { ProcessSeen } from '../../engine/ports/machine/workers.ts';
import { chooseContainment, findTools } from './hold/containment.ts';
import { createWorkers } from './workers.ts';

const RUN: RunId = 'w-0000cc';

/** Why workers have no cgroup of their own to see here; null: they have. */
const WITHOUT_CGROUPS =
  chooseContainment('auto', join(tmpdir(), `tac8-none-${process.pid}`), findTools()).cgroupMount === null
    ? 'here is no cgroup for each run, or no root to hide the others'
    : null;
const skipped = WITHOUT_CGROUPS === null ? '' : ` (skipped: ${WITHOUT_CGROUPS})`;

describe.each(['auto', 'sweep'] as const)('who a process is (%s)', (kind) => {
  let world: World;
  beforeEach(() => {
    world = makeWorld(kind);
  });
  afterEach(async () => {
    expect(await world.close(), 'processes left running by the test').toBe(0);
  });
  const start = async (fixture: string): Promise<ProcessIdentity> => {
    const identity = await world.workers.launch(world.launchOf(RUN, fixture));
    await world.line(RUN, 'ready');
    return identity;
  };
  const ended = (identity: ProcessIdentity | null): Promise<ProcessSeen> => world.ended(RUN, identity);

  it('does not signal another process that has the number now', async () => {
    const identity = await start('half-line');
    const other = { ...identity, startTime: identity.startTime - 1 };
    expect(await world.workers.signal(RUN, other, 'SIGTERM')).toMatchObject({ reached: 0 });
    expect(await world.workers.signal(RUN, { ...identity, bootId: 'another' }, 'SIGKILL')).toEqual({ reached: 0, left: 0 });
    expect(await world.workers.probe(RUN, { ...identity, bootId: 'another' })).toEqual({ kind: 'gone', exit: null, rebooted: true });
    expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
    await world.workers.signal(RUN, identity, 'SIGKILL');
  });

  it.each([
    ['init', (victim: string) => `${victim}\n`],
    ['launched', (victim: string) => `${victim} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}\n`],
    ['pid', (victim: string) => `${victim} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} sweep\n`],
  ])('a worker that writes another process into %s of its folder has nobody ended but itself', async (file, text) => {
    const identity = await start('half-line');
    const path = join(world.runsDir, RUN, file);
    const was = readFileSync(path, { encoding: 'utf8', flag: 'a+' });
    // A shell that waits for its child: both are a person's.
    const victim = spawn('/bin/sh', ['-c', 'sleep 60 & wait'], { stdio: 'ignore' });
    try {
      const startTime = readFileSync(`/proc/${victim.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
      writeFileSync(path, text(`${victim.pid} ${startTime}`));
      expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      await world.workers.probe(RUN, identity).catch(() => null);
      expect([victim.exitCode, victim.signalCode]).toEqual([null, null]);
      expect(readFileSync(`/proc/${victim.pid}/task/${victim.pid}/children`, 'utf8').trim()).not.toBe('');
      expect(existsSync(`/proc/${identity.pid}/exe`)).toBe(false);
    } finally {
      writeFileSync(path, was);
      for (const child of readFileSync(`/proc/${victim.pid}/task/${victim.pid}/children`, 'utf8').trim().split(' '))
        signal(Number(child), 'SIGKILL');
      victim.kill('SIGKILL');
    }
  });

  it('takes an agent that nobody has waited for as gone', async () => {
    const identity = await start('half-line');
    const parent = Number(readFileSync(join(world.runsDir, RUN, 'launched'), 'utf8').split(' ')[0]);
    signal(parent, 'SIGSTOP');
    await world.workers.signal(RUN, identity, 'SIGKILL');
    await expect(world.workers.probe(RUN, identity), 'who cannot tell how it ended says so').rejects.toThrow(PortError);
    signal(parent, 'SIGCONT');
    expect(await ended(identity)).toMatchObject({ kind: 'gone', exit: { code: 137 } });
  });

  it('finds a living run whose folder was removed, and shows it as a stray', async () => {
    const identity = await start('other-session');
    rmSync(world.runsDir, { recursive: true });
    const seen = await world.workers.probe(RUN, null);
    expect(seen).toMatchObject({ kind: 'alive', identity: { pid: identity.pid, startTime: identity.startTime } });
    expect(await world.workers.strays(() => true)).toEqual([]);
    const [stray] = await world.workers.strays(() => false);
    const { parent: _, ...born } = identity;
    expect(stray).toMatchObject({ run: RUN, task: 'gh-450', process: born });
    expect(await world.workers.signal(RUN, stray?.process ?? identity, 'SIGKILL')).toMatchObject({ left: 0 });
    expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'gone', exit: null });
  });

  it('finds one that has cleared its own environment, by its cgroup where there is one', async () => {
    const identity = await world.workers.launch(world.launchOf(RUN, 'none', { argv: ['env', '-i', 'sleep', '1000450'] }));
    await until(() => readFileSync(`/proc/${identity.pid}/cmdline`, 'utf8').startsWith('sleep'), 'the agent to be itself');
    rmSync(world.runsDir, { recursive: true });
    mkdirSync(join(world.dir, 'logs'));
    writeFileSync(join(world.dir, 'logs', `gh-450.${RUN}.jsonl`), '');
    // Another daemon, which remembers nothing; the log's name alone tells of the task.
    const workers = createWorkers({ runsDir: world.runsDir, logs: join(world.dir, 'logs') });
    const found = await workers.strays(() => false);
    const containment = identity.containment.kind === 'cgroup';
    const { parent: _, ...born } = identity;
    expect(found).toMatchObject(containment ? [{ run: RUN, task: 'gh-450', process: born, members: 1 }] : []);
    if (containment) expect(Math.abs(Date.now() - (found[0]?.startedAt ?? 0))).toBeLessThan(60_000);
    await world.workers.signal(RUN, identity, 'SIGKILL');
    expect(await ended(identity)).toMatchObject({ kind: 'gone' });
  });

  it.skipIf(kind !== 'auto' || WITHOUT_CGROUPS !== null)(
    `sees no cgroup but its own, and leaves it by none that it sees; twin: who is outside sees the run’s${skipped}`,
    async () => {
      const move = 'for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do echo 0 >$at/cgroup.procs; done 2>/dev/null';
      const sees = 'find /sys/fs/cgroup -name "w-*"';
      const identity = await world.workers.launch(
        world.launchOf(RUN, 'none', { argv: ['/bin/sh', '-c', `${move}; ${sees}; echo looked; sleep 1000450`] }),
      );
      await world.line(RUN, 'looked');
      const itsOwn = new RegExp(`/${RUN}$`, 'm');
      const [from, inside] = [readFileSync(`/proc/${identity.pid}/cgroup`, 'utf8'), world.log(RUN)];
      const outside = spawnSync('/bin/sh', ['-c', sees], { encoding: 'utf8' }).stdout;
      await world.workers.signal(RUN, identity, 'SIGKILL');
      expect(await ended(identity)).toMatchObject({ kind: 'gone' });
      expect(from).toMatch(itsOwn);
      expect(inside).toBe('looked\n');
      expect(outside).toMatch(itsOwn);
    },
  );

  it('leaves a run of another repository alone that happens to have the same id', async () => {
    const other = makeWorld(kind);
    const mine = await start('other-session');
    const theirs = await other.workers.launch(other.launchOf(RUN, 'other-session'));
    await other.line(RUN, 'ready');
    expect(await world.workers.signal(RUN, mine, 'SIGKILL')).toMatchObject({ left: 0 });
    expect(await other.workers.probe(RUN, theirs)).toMatchObject({ kind: 'alive', members: 2 });
    expect(await other.workers.signal(RUN, theirs, 'SIGKILL')).toMatchObject({ left: 0 });
    expect(await other.close()).toBe(0);
  });

  it('does not call the record missing while somebody may still write it', async () => {
    const folder = join(world.runsDir, RUN);
    mkdirSync(folder, { recursive: true });
    const script =
      'sleep 1000 & read -r stat </proc/$$/stat; set -- $stat; shift 21; read -r boot </proc/sys/kernel/random/boot_id; echo "$$ $1 $boot" >launched; wait';
    const parent = spawn('/bin/sh', ['-c', script], { cwd: folder, detached: true, stdio: 'ignore' });
    const exit = once(parent, 'exit');
    await until(() => existsSync(join(folder, 'launched')) && readFileSync(join(folder, 'launched'), 'utf8').endsWith('\n'), 'the parent');
    parent.kill('SIGKILL');
    await exit;
    await expect(world.workers.probe(RUN, null)).rejects.toMatchObject({
      sort: 'unknown',
      message: expect.stringContaining('has not recorded'),
    });
    writeFileSync(join(folder, 'exit'), '5 100.00\n');
    expect(await world.workers.probe(RUN, null)).toMatchObject({ kind: 'gone', exit: { code: 5 } });
    for (const pid of liveIn(folder)) signal(pid, 'SIGKILL');
  });

  it('says that a run is gone whose folder is none any more', async () => {
    mkdirSync(world.runsDir, { recursive: true });
    writeFileSync(join(world.runsDir, RUN), 'in the way');
    expect(await world.workers.probe(RUN, null)).toEqual({ kind: 'gone', exit: null, rebooted: false });
    await expect(world.workers.probe('../w-1' as RunId, null)).rejects.toThrow(PortError);
  });

  it('refuses an environment that cannot be handed over', async () => {
    for (const env of [{ 'a-b': 'x' }, { tac8__run: 'x' }, { A: 'x\0y' }] as const) {
      await expect(world.workers.launch(world.launchOf(RUN, 'succeeds', { env: { ...env } }))).rejects.toMatchObject({ sort: 'terminal' });
      expect(await world.workers.probe(RUN, null)).toEqual({ kind: 'never' });
    }
    await expect(world.workers.launch(world.launchOf(RUN, 'succeeds', { env: { BIG: 'x'.repeat(200_000) } }))).rejects.toThrow(/E2BIG/);
    expect(await world.workers.probe(RUN, null)).toEqual({ kind: 'never' });
  });
});
