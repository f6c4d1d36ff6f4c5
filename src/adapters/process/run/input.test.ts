import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { liveIn, makeWorld, signal, until, type World } from '../../../../test/fixtures/processes/world.ts';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import type { RunId } from '../../../core/model/task.ts';
import { createWorkers } from '../workers.ts';

const RUN: RunId = 'w-0000bb';
let world: World;
beforeEach(() => {
  world = makeWorld('auto');
});
afterEach(async () => {
  expect(await world.close(), 'processes left running by the test').toBe(0);
});

const start = async (fixture: string, prompt: string, kind: 'fifo' | 'file' = 'fifo'): Promise<ProcessIdentity> => {
  const identity = await world.workers.launch(world.launchOf(RUN, fixture, { stdin: { kind, prompt } }));
  await world.line(RUN, 'ready');
  return identity;
};
const gone = (identity: ProcessIdentity) => until(async () => (await world.workers.probe(RUN, identity)).kind === 'gone', 'the end');
const kill = async (identity: ProcessIdentity) => {
  expect(await world.workers.signal(RUN, identity, 'SIGKILL')).toMatchObject({ left: 0 });
};

it('feeds the prompt, then lines, then the end', async () => {
  const identity = await start('echoes', 'the prompt\n');
  await world.line(RUN, 'heard the prompt');
  await world.workers.say(RUN, 'one');
  await world.workers.say(RUN, 'two "quoted" \\ $x\n');
  await world.line(RUN, 'heard two "quoted" \\ $x');
  expect(await world.workers.probe(RUN, identity)).toMatchObject({ kind: 'alive' });
  await world.workers.closeInput(RUN);
  await world.line(RUN, 'eof');
  await gone(identity);
  expect(world.log(RUN)).toBe('ready\nheard the prompt\nheard one\nheard two "quoted" \\ $x\neof\n');
  await world.workers.closeInput(RUN);
  await expect(world.workers.say(RUN, 'late')).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('not running') });
});

it.each(['fifo', 'file'] as const)('hands over a prompt of 5 MB whole, by %s', async (kind) => {
  const prompt = `${'é'.repeat(2_500_000)}\n`;
  const identity = await start('counts-input', prompt, kind);
  if (kind === 'fifo') await world.workers.say(RUN, 'and a line');
  await world.workers.closeInput(RUN);
  await gone(identity);
  expect(world.log(RUN)).toBe(`ready\n${5_000_001 + (kind === 'fifo' ? 11 : 0)}\n`);
});

it('lets the input end after a prompt that is not yet read', async () => {
  const identity = await world.workers.launch(
    world.launchOf(RUN, 'counts-input', { stdin: { kind: 'fifo', prompt: 'x'.repeat(1_000_000) } }),
  );
  await world.workers.closeInput(RUN);
  await gone(identity);
  expect(world.log(RUN)).toBe('ready\n1000000\n');
});

it('keeps long lines apart that are said at once', async () => {
  const identity = await start('echoes', '');
  const lines = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
  await Promise.all(lines.map((line) => world.workers.say(RUN, line)));
  await world.workers.closeInput(RUN);
  await gone(identity);
  expect(world.log(RUN)).toBe(`ready\n${lines.map((line) => `heard ${line}\n`).join('')}eof\n`);
});

it('says so, in bounded time, when the agent does not read', async () => {
  const identity = await start('half-line', '');
  await world.workers.say(RUN, 'x'.repeat(65_000));
  await expect(world.workers.say(RUN, 'y'.repeat(1000))).rejects.toMatchObject({
    sort: 'retryable',
    message: expect.stringContaining('0 of 1001'),
  });
  await kill(identity);
});

it('does not mix a line into a prompt that is still being read', async () => {
  const identity = await start('half-line', 'p'.repeat(200_000));
  await expect(world.workers.say(RUN, 'line')).rejects.toMatchObject({
    sort: 'retryable',
    message: expect.stringContaining('whole prompt'),
  });
  await kill(identity);
  await until(() => liveIn(world.dir).length === 0, 'the feeder to be gone');
});

it('refuses where there is no input', async () => {
  const identity = await start('half-line', 'prompt', 'file');
  await expect(world.workers.say(RUN, 'x')).rejects.toMatchObject({ sort: 'terminal' });
  await expect(world.workers.say(RUN, 'a\nb')).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('line break') });
  await expect(world.workers.say('w-none', 'x')).rejects.toMatchObject({ sort: 'terminal' });
  await world.workers.closeInput(RUN);
  await kill(identity);
});

it('can be steered by a later daemon, and ended by a plain SIGUSR1 to the parent', async () => {
  const identity = await start('echoes', 'one\n');
  const later = createWorkers({ runsDir: world.runsDir });
  expect(await later.probe(RUN, null)).toMatchObject({ kind: 'alive', identity });
  await later.say(RUN, 'two');
  await world.line(RUN, 'heard two');
  const parent = Number(readFileSync(join(world.runsDir, RUN, 'launched'), 'utf8').split(' ')[0]);
  signal(parent, 'SIGUSR1');
  await world.line(RUN, 'eof');
  await gone(identity);
  await expect(later.say(RUN, 'three')).rejects.toMatchObject({ sort: 'terminal' });
  expect(await later.probe(RUN, identity)).toMatchObject({ kind: 'gone', exit: { code: 0 } });
});
