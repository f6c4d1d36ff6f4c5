import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, until, type World } from '../../../test/fixtures/processes/world.ts';
import type { RunId } from '../../core/model/task.ts';

/*
 * A worker can write its run's folder. Whatever it puts in the place of the files there, its end is seen, so that its slot is free again; where
 * its parent could write how it ended, that is told.
 */

const RUN: RunId = 'w-0000ee';
const FILES = [
  'pid',
  'init',
  'exit',
  'exit.new',
  'code',
  'closed',
  'launched',
  'launch',
  'parent',
  'stdin',
  'feeder',
  'note',
  'box',
  'cgroup',
];
const WAYS: readonly (readonly [string, (path: string) => unknown])[] = [
  ['a named pipe', (path) => spawnSync('mkfifo', [path])],
  ['a folder', (path) => mkdirSync(join(path, 'x'), { recursive: true })],
  ['a link to nothing', (path) => symlinkSync('/nowhere/at/all', path)],
  ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
  ['words', (path) => writeFileSync(path, 'no number at all\n')],
  ['holes of 1 GB', (path) => [writeFileSync(path, ''), truncateSync(path, 1e9)]],
  ['a file that nobody may read', (path) => [writeFileSync(path, '0 1\n'), chmodSync(path, 0)]],
];

describe.each(['auto', 'pidns', 'sweep'] as const)('a run whose folder its worker has wrecked (%s)', (kind) => {
  let world: World;
  let cgroup: string;
  beforeEach(() => {
    world = makeWorld(kind);
  });
  afterEach(async () => {
    const folder = join(world.runsDir, RUN);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cgroup'), cgroup);
    expect(await world.close(), 'processes left running by the test').toBe(0);
  });

  const start = async (script: string) => {
    const argv = ['/bin/sh', '-c', `echo ready; ${script}`, 'gh-450'] as const;
    const identity = await world.workers.launch(world.launchOf(RUN, '', { argv, stdin: { kind: 'fifo', prompt: 'do it\n' } }));
    await world.line(RUN, 'ready');
    cgroup = readdirSync(join(world.runsDir, RUN)).includes('cgroup') ? readFileSync(join(world.runsDir, RUN, 'cgroup'), 'utf8') : '';
    return identity;
  };
  const wreck = (put: (path: string) => unknown, files: readonly string[] = FILES): void => {
    for (const name of files) {
      rmSync(join(world.runsDir, RUN, name), { recursive: true, force: true });
      put(join(world.runsDir, RUN, name));
    }
  };
  const gone = (identity: Awaited<ReturnType<typeof start>> | null) =>
    until(async () => (await world.workers.probe(RUN, identity).catch(() => null))?.kind === 'gone', 'its end to be seen', 20_000);

  describe.each(WAYS)('%s in the place of everything', (_what, put) => {
    it('its own end is seen, by a daemon that knows it and by one that does not', async () => {
      const identity = await start(`while [ ! -e "$TAC8_RUN_DIR/go" ]; do sleep 0.02; done; exit 7`);
      wreck(put);
      await world.workers.closeInput(RUN).catch(() => undefined);
      expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
      writeFileSync(join(world.runsDir, RUN, 'go'), '');
      await gone(identity);
      await gone(null);
    });

    it('ended by a person, it is gone', async () => {
      const identity = await start('sleep 300 & sleep 300');
      wreck(put);
      expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
      await gone(identity);
    });
  });

  it('a pipe in the place of what the parent writes at the end keeps the record of the end from nobody', async () => {
    const identity = await start(`while [ ! -e "$TAC8_RUN_DIR/go" ]; do sleep 0.02; done; exit 7`);
    wreck((path) => spawnSync('mkfifo', [path]), ['exit', 'exit.new', 'code', 'closed', 'feeder']);
    await world.workers.closeInput(RUN);
    writeFileSync(join(world.runsDir, RUN, 'go'), '');
    expect(await world.ended(RUN, identity)).toMatchObject({ kind: 'gone', exit: { code: 7 } });
  });
});
