import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/fixtures/processes/world.ts';
import { ownProgram } from '../../place/own-files.ts';
import { processesIn } from '../process/proc/namespace.ts';
import { createEgress, type EgressOptions, running } from './egress.ts';

let dir: string;
let options: EgressOptions;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-egress-')));
  options = {
    ...{ dir, runsDir: join(dir, 'runs'), program: ownProgram('egress/main'), replaces: true },
    ...{ routes: [], logins: [], trust: { all: [], more: [] }, hosts: [], private: [], env: {} },
  };
});

afterEach(async () => {
  for (const { pid } of processesIn(dir)) process.kill(pid, 'SIGKILL');
  await until(() => processesIn(dir).length === 0, 'all to be gone');
  rmSync(dir, { recursive: true, force: true });
});

/** A daemon of its own that has opened a socket, and is killed before it does anything else. */
async function killedAtOpening(run: string): Promise<void> {
  const text = `import { createEgress } from ${JSON.stringify(join(import.meta.dirname, 'egress.ts'))};
await createEgress(${JSON.stringify(options)}).open(${JSON.stringify(run)}, 'gh-4');
process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
}

test('a daemon that is killed between a worker’s socket and its run leaves no way out behind the next daemon', async () => {
  await killedAtOpening('w-dddddd');
  expect(readdirSync(join(dir, 'known'))).toEqual(['w-dddddd']);
  expect(running(dir)).not.toBeNull();
  createEgress(options).keepUp(() => undefined)();
  await until(() => running(dir) === null, 'the way out to be gone');
  expect(readdirSync(join(dir, 'known'))).toEqual([]);
});

test('one that a killed daemon had only begun to start leaves with the one that works', async () => {
  mkdirSync(join(dir, 'runs/w-aaaaaa'), { recursive: true });
  await createEgress(options).open('w-aaaaaa', 'gh-1');
  const first = running(dir)?.pid;
  // Nobody knows that one any more.
  rmSync(join(dir, 'pid'));
  const stop = createEgress(options).keepUp(() => undefined);
  await until(() => running(dir) !== null, 'the second one');
  expect(running(dir)?.pid).not.toBe(first);
  await until(() => processesIn(dir).length === 1, 'the first to leave');
  writeFileSync(join(dir, 'runs/w-aaaaaa/exit'), '0 1\n');
  stop();
  await until(() => processesIn(dir).length === 0, 'all to be gone');
});
