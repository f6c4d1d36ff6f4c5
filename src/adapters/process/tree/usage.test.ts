import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorld, until, type World } from '../../../../test/fixtures/processes/world.ts';
import type { RunId } from '../../../core/model/task.ts';

const RUN: RunId = 'w-0000ab';
/** Fills 60 MB in a child, in a session of its own. */
const GREEDY = `setsid ${process.execPath} -e 'globalThis.kept = Buffer.alloc(60e6, 1); console.log("full"); setInterval(() => {}, 1e9)' & wait`;

let world: World;
beforeEach(() => {
  world = makeWorld('sweep');
});
afterEach(async () => {
  expect(await world.close(), 'processes left running by the test').toBe(0);
});

it('measures all processes of a worker, those in another session too', async () => {
  const launch = world.launchOf(RUN, 'none', { argv: ['/bin/sh', '-c', GREEDY] });
  const identity = await world.workers.launch(launch);
  await world.line(RUN, 'full');
  await until(async () => (await world.workers.usage(RUN, identity)).memoryBytes > 60e6, 'the child to be counted');
  const usage = await world.workers.usage(RUN, identity);
  expect(usage.processes).toBeGreaterThanOrEqual(2);
  expect(usage.memoryBytes).toBeLessThan(400e6);
  expect(usage.cpuSeconds).toBeGreaterThan(0);
  await world.workers.signal(RUN, identity, 'SIGKILL');
  await until(async () => (await world.workers.usage(RUN, identity)).processes === 0, 'the end of all');
  expect(await world.workers.usage(RUN, identity)).toMatchObject({ processes: 0, memoryBytes: 0 });
});
