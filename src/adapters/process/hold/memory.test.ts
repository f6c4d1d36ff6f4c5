import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorld, until } from '../../../../test/fixtures/processes/world.ts';
import type { RunId } from '../../../core/model/task.ts';
import { readRunFolder } from '../proc/run-folder.ts';
import { launchRun } from '../run/launch.ts';
import { createWorkers } from '../workers.ts';
import { findTools } from './containment.ts';
import { enableMemory, limitMemory } from './memory.ts';

const GIB = 1024 ** 3;

/** A folder with the files that the kernel shows in a cgroup. */
function cgroup(path: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
const CONTROL = { 'cgroup.controllers': 'cpu memory pids\n', 'cgroup.subtree_control': '', 'memory.max': '' };
const RUN = { 'memory.max': '', 'memory.oom.group': '', 'memory.swap.max': '' };
const read = (path: string, name: string): string => readFileSync(join(path, name), 'utf8');

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-memory-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('memory limits of cgroups', () => {
  it('are switched on from above, and all workers together leave some to the machine', () => {
    const parent = cgroup(join(scratch(), 'slice'), CONTROL);
    const base = cgroup(join(parent, 'tac8-00000000'), CONTROL);
    expect(enableMemory(base, 8 * GIB)).toBeNull();
    expect([read(parent, 'cgroup.subtree_control'), read(base, 'cgroup.subtree_control')]).toEqual(['+memory', '+memory']);
    expect(Number(read(base, 'memory.max'))).toBe(Math.round(8 * GIB * 0.9));
    expect(enableMemory(base, 2 * GIB)).toBeNull();
    expect(Number.parseInt(read(base, 'memory.max'), 10)).toBe(1.5 * GIB);
  });

  it('say why they cannot be: no controller, or none that may be switched on', () => {
    const dir = scratch();
    const bare = cgroup(join(dir, 'bare'), { 'cgroup.controllers': 'hugetlb\n' });
    expect(enableMemory(join(bare, 'tac8-00000000'))).toMatch(/the memory controller of cgroup v2 is not at .*bare/);
    const closed = cgroup(join(dir, 'closed'), { 'cgroup.controllers': 'memory\n' });
    expect(enableMemory(join(closed, 'tac8-00000000'))).toMatch(/cannot be switched on at .*closed: .*ENOENT/);
  });

  it('end a run as a whole, without swap', () => {
    const run = cgroup(join(scratch(), 'w-0000a1'), RUN);
    expect(limitMemory(run, 1000)).toBeNull();
    expect(Object.keys(RUN).map((name) => read(run, name))).toEqual(['1000', '1', '0']);
    const free = cgroup(join(scratch(), 'w-0000a2'), RUN);
    expect(limitMemory(free, null)).toBeNull();
    expect(Object.keys(RUN).map((name) => read(free, name))).toEqual(['', '1', '']);
    expect(limitMemory('/nonexistent', 1)).toContain('ENOENT');
  });
});

describe('a run that the kernel ends for want of memory', () => {
  const ID: RunId = 'w-0000a3';

  it('has it in its exit record, from the cgroup before that is gone', async () => {
    const world = makeWorld('sweep');
    onTestFinished(async () => {
      expect(await world.close(), 'processes left running by the test').toBe(0);
    });
    const base = join(world.dir, 'slice/tac8-00000000');
    cgroup(dirname(base), CONTROL);
    cgroup(base, CONTROL);
    const group = cgroup(join(base, ID), { ...RUN, 'memory.events': 'low 0\nhigh 7\nmax 3\noom 1\noom_kill 2\noom_group_kill 1\n' });
    const containment = {
      kind: 'cgroup',
      why: '',
      cgroupBase: base,
      memory: null,
      subreaper: null,
      cgroupMount: null,
      userns: '',
    } as const;
    await launchRun(world.runsDir, world.launchOf(ID, 'none', { argv: ['/bin/sh', '-c', 'kill -9 $$'] }), {
      containment,
      tools: findTools(),
      memory: 5000,
    });
    await until(() => readRunFolder(world.runsDir, ID).exit !== null, 'the exit record');
    expect(readRunFolder(world.runsDir, ID).exit).toMatchObject({ code: 137, outOfMemory: true, uptime: expect.any(Number) });
    expect(read(group, 'memory.max')).toBe('5000');
    rmSync(dirname(base), { recursive: true });
  });

  it('without such a word in the cgroup it has not', async () => {
    const world = makeWorld('auto');
    onTestFinished(async () => {
      expect(await world.close(), 'processes left running by the test').toBe(0);
    });
    const identity = await world.workers.launch(world.launchOf(ID, 'none', { argv: ['/bin/sh', '-c', 'kill -9 $$'] }));
    expect(await world.ended(ID, identity)).toEqual({ kind: 'gone', exit: { code: 137, at: expect.any(Number) }, rebooted: false });
  });

  const probe = createWorkers({ runsDir: join(tmpdir(), 'tac8-no-such-runs') });
  probe.containment();
  it.skipIf(probe.holding()?.memory !== null)(
    'for real: the worker ends, and whoever started it goes on (where cgroup v2 has the memory controller)',
    { timeout: 60_000 },
    async () => {
      const world = makeWorld('cgroup');
      onTestFinished(async () => {
        expect(await world.close(), 'processes left running by the test').toBe(0);
      });
      const workers = createWorkers({ runsDir: world.runsDir, memory: () => 96 * 1024 ** 2 });
      const greedy = 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1));';
      const identity = await workers.launch(world.launchOf(ID, 'none', { argv: [process.execPath, '-e', greedy] }));
      expect(await world.ended(ID, identity)).toMatchObject({ exit: { code: 137, outOfMemory: true } });
    },
  );
});
