import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { openTerminal, type Terminal } from '../../support/terminal/terminal.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** The shells themselves complete the command lines of tac8: each in its own way, on tasks of a real daemon. */

const LIMIT = { timeout: 120_000 };

interface Scene {
  readonly place: Workplace;
  /** A folder on PATH that holds `tac8`. */
  readonly bin: string;
}

/** One task runs, one waits; titles are as bad as strangers can make them. */
async function begin(context: TestContext): Promise<Scene> {
  const place = await workplace(context);
  place.configure({ agent: place.agent('exec sleep 600 </dev/null'), max_concurrent_workers: 1 });
  place.issue('Add an LED example');
  const bin = join(place.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tac8'), `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, { mode: 0o755 });
  place.env.PATH = `${bin}:${place.env.PATH}`;
  mkdirSync(join(place.home, 'home'), { recursive: true });
  place.start();
  await place.until('the worker', async () => (await place.status()).counts.active === 1);
  place.issue('Voltage: \u001b[31mred\u0007 `touch pwned` $(touch pwned)');
  await place.until('the one that waits', async () => (await place.status()).counts.pending === 1);
  return { place, bin };
}

/** An interactive shell in a terminal, ready for keys. */
async function shell(
  context: TestContext,
  { place }: Scene,
  argv: [string, ...string[]],
  more: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const env = { ...place.env, ...more };
  const terminal = await openTerminal({ argv, cwd: place.root, env, home: place.home, columns: 120 });
  context.onTestFinished(() => terminal.close());
  return terminal;
}

const ask = ({ place, bin }: Scene, ...words: string[]): readonly string[] =>
  execFileSync(join(bin, 'tac8'), ['__complete', ...words], { cwd: place.root, env: place.env, encoding: 'utf8', timeout: 20_000 })
    .split('\n')
    .slice(0, -1);

let scene: Scene;
const finished: (() => unknown)[] = [];
beforeAll(async () => {
  scene = await begin({ onTestFinished: (done: () => unknown) => finished.push(done) } as unknown as TestContext);
  return async () => {
    for (const done of finished.reverse()) await done();
  };
}, 120_000);

describe('what is offered', LIMIT, () => {
  test('commands, and of these the ones that begin so', () => {
    const all = ask(scene, '').map((line) => line.split('\t')[0]);
    expect(all).toEqual(expect.arrayContaining(['status', 'stop', 'view', 'completion', 'help']));
    expect(all).not.toContain('__complete');
    expect(ask(scene, 'st').map((line) => line.split('\t')[0])).toEqual(['start', 'status', 'stop', 'store']);
  });
  test('tasks that the command can do something with, by number and title; another form when one is begun', () => {
    expect(ask(scene, 'stop', '')).toEqual(['1\tactive: Add an LED example']);
    expect(ask(scene, 'view', '').map((line) => line.split('\t')[0])).toEqual(['1', '2']);
    expect(ask(scene, 'stop', 'gh-')).toEqual(['gh-1\tactive: Add an LED example']);
    expect(ask(scene, 'stop', '--reason', 'x y', '')).toHaveLength(1);
    expect(ask(scene, 'stop', '1', '')).toEqual([]);
  });
  test('control characters of a title never reach the terminal', () => {
    const [line = ''] = ask(scene, 'view', '2');
    expect(line.slice(line.indexOf('\t') + 1)).toMatch(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]+$/u);
  });
  test('options, each once; values of those that have some', () => {
    expect(ask(scene, 'retry', '1', '--con')).toEqual(['--continue\tin the same conversation and worktree']);
    expect(ask(scene, 'retry', '--continue', '--con')).toEqual([]);
    expect(ask(scene, 'add', '--priority', '')).toHaveLength(4);
    expect(ask(scene, 'add', '--priority=')).toContain('--priority=0\tfirst');
    expect(ask(scene, 'add', '--priority', '=', '')).toContain('0\tfirst');
    expect(ask(scene, '-C', '')).toEqual([':folders']);
  });
  test('nothing, silently, where nothing can be known', () => {
    expect(ask(scene, '-C', '/nowhere', 'stop', '')).toEqual([]);
    expect(ask(scene, 'nonsense', '')).toEqual([]);
    expect(ask(scene, 'tell', '1', '')).toEqual([]);
  });
});

describe('bash', () => {
  const PROMPT = ['--norc', '--noprofile', '-i'] as const;
  test('lists tasks with their titles, inserts the number, and runs nothing that is typed', LIMIT, async (context) => {
    const terminal = await shell(context, scene, ['bash', ...PROMPT], { PS1: 'ready> ' });
    await terminal.shows('ready>');
    await terminal.type('source <(tac8 completion bash); source <(tac8 completion bash); echo sourced-$?');
    await terminal.press('Enter');
    await terminal.shows('sourced-0');
    await terminal.type('tac8 view ');
    await terminal.press('Tab', 'Tab');
    expect(await terminal.shows(/1 +active: Add an LED example/)).toMatch(/2 +pending: Voltage/);
    await terminal.press('C-u');
    await terminal.type('tac8 stop ');
    await terminal.press('Tab');
    await terminal.shows(/tac8 stop 1 ?$/m);
    await terminal.press('C-u');
    await terminal.type('tac8 tell 1 "$(touch pwned)" --t');
    await terminal.press('Tab');
    await terminal.shows('--timeout');
    await terminal.press('C-u');
    await terminal.type('ls pwned; tac8 -C ../bi');
    await terminal.press('Tab');
    await terminal.shows('../bin/');
    await terminal.press('Enter');
    await terminal.shows('No such file');
  });
});

test('zsh lists tasks with their titles and inserts the number', LIMIT, async (context) => {
  const terminal = await shell(context, scene, ['zsh', '-f', '-i'], { PS1: 'ready> ' });
  await terminal.shows('ready>');
  await terminal.type('source <(tac8 completion zsh); echo sourced-$?');
  await terminal.press('Enter');
  await terminal.shows('sourced-0');
  await terminal.type('tac8 view ');
  await terminal.press('Tab');
  expect(await terminal.shows(/1 +-- active: Add an LED example/)).toMatch(/2 +-- pending: Voltage: /);
  await terminal.press('C-u');
  await terminal.type('tac8 stop ');
  await terminal.press('Tab');
  await terminal.shows(/tac8 stop 1 ?$/m);
  await terminal.press('C-u');
  await terminal.type('tac8 comple');
  await terminal.press('Tab');
  await terminal.type('fi');
  await terminal.press('Tab');
  await terminal.shows('tac8 completion fish');
});

test('fish offers tasks with their titles', LIMIT, () => {
  const { place } = scene;
  const fish = (line: string): string =>
    execFileSync('fish', ['--no-config', '-c', `tac8 completion fish | source; complete -C '${line}'`], {
      cwd: place.root,
      env: { ...place.env, XDG_CONFIG_HOME: join(place.home, 'home') },
      encoding: 'utf8',
      timeout: 60_000,
    });
  expect(fish('tac8 stop ')).toBe('1\tactive: Add an LED example\n');
  expect(fish('tac8 sta')).toMatch(/^start\tPoll .*\nstatus\tShow who /);
  expect(fish('tac8 -C ../bi')).toContain('../bin/');
});
