import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { scratch } from '../../support/forge/fake-github.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/forge-fake/main.ts');
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

async function serve(...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
  started.push(child);
  for await (const line of createInterface({ input: child.stdout })) return { child, url: JSON.parse(line).url };
  throw new Error('it ended without a word');
}

it('serves in a process of its own, and keeps everything for the next one', async () => {
  const dir = join(await scratch(), 'with blank');
  const first = await serve('--dir', dir, '--repo', 'acme/widgets');
  await fetch(`${first.url}/__fake/users`, { method: 'POST', body: '{"login":"wil","role":"write"}' });
  await fetch(`${first.url}/__fake/issues`, { method: 'POST', body: '{"as":"wil","title":"T"}' });
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const second = await serve('--dir', dir, '--repo', 'acme/widgets');
  expect(await (await fetch(`${second.url}/repos/acme/widgets/issues`)).json()).toMatchObject([{ title: 'T', number: 1 }]);
  second.child.kill('SIGTERM');
  expect(await once(second.child, 'close')).toEqual([0, null]);
});

it('ends when the process that it was started for is gone', async () => {
  const parent = spawn('sleep', ['60'], { stdio: 'ignore' });
  started.push(parent);
  const { child } = await serve('--dir', await scratch(), '--repo', 'acme/widgets', '--parent-pid', String(parent.pid));
  const ended = once(child, 'close');
  parent.kill('SIGKILL');
  expect(await ended).toEqual([0, null]);
});

it('says what is missing', async () => {
  const child = spawn(process.execPath, [MAIN, '--dir', await scratch()], { stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain('--dir and --repo are needed');
});
