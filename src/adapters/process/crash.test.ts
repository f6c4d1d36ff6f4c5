import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FIXTURES, makeWorld, signal, until, type World } from '../../../test/fixtures/processes/world.ts';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { RunId } from '../../core/model/task.ts';
import type { Launch, ProcessSeen } from '../../engine/ports/machine/workers.ts';
import { createWorkers } from './workers.ts';

let world: World;
afterEach(async () => {
  expect(await world.close(), 'processes left running by the test').toBe(0);
});

const starts = (launch: Launch): number =>
  readFileSync(join(launch.cwd, 'journal'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${launch.run} `)).length;

const outcome = async (run: RunId): Promise<ProcessSeen> => {
  await until(async () => (await world.ended(run, null)).kind !== 'remains', `${run} to be gone`);
  return world.ended(run, null);
};

/** Starts a launching process and kills it with SIGKILL that many milliseconds after it began to launch, or when it has. */
async function launchAndDie(launch: Launch, containment: string, after: number | 'launched'): Promise<void> {
  const input = JSON.stringify({ runsDir: world.runsDir, containment, launch });
  const child = spawn(process.execPath, [join(FIXTURES, 'launcher.ts'), input], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  const exit = once(child, 'exit');
  let said = '';
  child.stdout.on('data', (bytes) => {
    said += String(bytes);
  });
  await until(() => said.includes(after === 'launched' ? 'launched' : 'go'), 'the launching process');
  if (after !== 'launched' && after > 0) await pause(after);
  child.kill('SIGKILL');
  await exit;
}

describe.each([
  ['auto', 50],
  ['sweep', 20],
] as const)('a daemon killed while it launches (%s)', (kind, rounds) => {
  it(`starts exactly one agent and learns its exit code, ${rounds} times`, { timeout: 120_000 }, async () => {
    world = makeWorld(kind);
    const fates: Record<string, number> = {};
    const round = async (n: number): Promise<void> => {
      const run: RunId = `w-${n.toString(16).padStart(6, '0')}`;
      const launch = world.launchOf(run, 'journals');
      await launchAndDie(launch, kind, (n * 7) % 41);
      const found = await world.workers.probe(run, null);
      fates[found.kind] = (fates[found.kind] ?? 0) + 1;
      // Two later daemons at once are the worst that can follow.
      const other = createWorkers({ runsDir: world.runsDir, containment: kind });
      const [one, two] = await Promise.all([world.workers.launch(launch), other.launch(launch)]);
      // The parent may have left between the two looks.
      expect(withoutParent(one)).toEqual(withoutParent(two));
      expect(await outcome(run)).toMatchObject({ kind: 'gone', exit: { code: 42 } });
      expect(starts(launch), run).toBe(1);
    };
    for (let n = 0; n < rounds; n += 2) await Promise.all([round(n), round(n + 1)]);
    expect(Object.keys(fates).length, `it was killed at different points: ${JSON.stringify(fates)}`).toBeGreaterThan(1);
  });
});

it('a daemon killed later changes nothing for the agent, and the next one can talk to it and learns its exit code', async () => {
  world = makeWorld('auto');
  const run: RunId = 'w-0000dd';
  const launch = world.launchOf(run, 'echoes', { stdin: { kind: 'fifo', prompt: 'the prompt\n' } });
  await launchAndDie(launch, 'auto', 'launched');
  await world.line(run, 'heard the prompt');
  const seen = await world.workers.probe(run, null);
  expect(seen).toMatchObject({ kind: 'alive', members: 1 });
  expect(await world.workers.strays(() => false)).toMatchObject([{ run, task: 'gh-450', members: 1 }]);
  expect(await world.workers.strays((known) => known === run)).toEqual([]);
  await world.workers.say(run, 'still there?');
  await world.workers.closeInput(run);
  expect(await outcome(run)).toMatchObject({ kind: 'gone', exit: { code: 0 } });
  expect(world.log(run)).toBe('ready\nheard the prompt\nheard still there?\neof\n');
});

it('a parent killed at any moment costs the record at most, and never makes a second agent', { timeout: 60_000 }, async () => {
  world = makeWorld('auto');
  const codes = new Set<number | null>();
  for (let n = 0; n < 40; n += 1) {
    const run: RunId = `w-${n.toString(16).padStart(6, '0')}`;
    const launch = world.launchOf(run, 'journals');
    const launched = world.workers.launch(launch).catch((error: unknown) => error);
    const claim = join(world.runsDir, run, 'launched');
    let parent: number | null = null;
    await until(() => {
      parent = parentOf(claim);
      return parent !== null;
    }, 'the parent');
    await pause(n % 4 === 0 ? 0 : n);
    signal(parent ?? Number.NaN, 'SIGKILL');
    await launched;
    const seen = await outcome(run);
    expect(seen).toMatchObject({ kind: 'gone', rebooted: false });
    await world.workers.launch(launch).catch((error: unknown) => error);
    expect(await outcome(run)).toEqual(seen);
    const exit = seen.kind === 'gone' ? seen.exit : null;
    codes.add(exit?.code ?? null);
    expect([null, 42]).toContain(exit?.code ?? null);
    expect(countStarts(launch), run).toBeLessThanOrEqual(1);
  }
  expect(codes).toContain(null);
});

function countStarts(launch: Launch): number {
  try {
    return starts(launch);
  } catch {
    return 0;
  }
}

function parentOf(claim: string): number | null {
  try {
    const text = readFileSync(claim, 'utf8');
    return text.endsWith('\n') ? Number(text.split(' ')[0]) : null;
  } catch {
    return null;
  }
}

function withoutParent({ parent: _, ...born }: ProcessIdentity): Omit<ProcessIdentity, 'parent'> {
  return born;
}
