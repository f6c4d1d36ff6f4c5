import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/* What a process has started when it is killed outright, and what of that is left. */

const PATIENCE = { timeout: 60_000, interval: 20 };

/** Runs `count` programs that wait for ever, each with a child that does so, too; then one that is over at once. */
const STARTS = `import { runChild } from ${JSON.stringify(join(import.meta.dirname, 'child.ts'))};
const [, folder, count] = process.argv;
const call = { env: { PATH: process.env.PATH }, timeoutMs: 3_600_000, output: { most: 100, beyond: 'drop' } };
const waits = (name) => runChild('sh', ['-c', 'sh -c "echo \\\\$\\\\$ >$1.child; exec sleep 1000472" & echo $$ >$1; exec sleep 1000472', 'sh', folder + '/' + name], call);
for (let n = 0; n < Number(count); n += 1) void waits('before-' + n);
process.stdin.once('data', () => void waits('after'));`;

let folder: string;
let parent: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-warden-'));
});
afterEach(() => {
  parent.kill('SIGKILL');
  for (const pid of told()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(count: number): void {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', STARTS, folder, String(count)];
  parent = spawn(process.execPath, args, { env: { PATH: process.env.PATH }, stdio: ['pipe', 'ignore', 'inherit'] });
}
const told = (): readonly number[] =>
  readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return text.endsWith('\n') ? [Number(text)] : [];
  });
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
/** The shells that the parent has for this. */
const wardens = (): readonly number[] =>
  readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('while read'))
    .map(Number);
async function killed(): Promise<void> {
  const exit = once(parent, 'exit');
  parent.kill('SIGKILL');
  await exit;
}

test('what waits for ever ends within seconds of a kill of who started it, its children with it', { timeout: 150_000 }, async () => {
  start(3);
  await expect.poll(() => told().length, PATIENCE).toBe(6);
  await expect.poll(() => wardens().length, PATIENCE).toBe(1);
  const pids = told();
  expect(pids.filter(isAlive)).toEqual(pids);
  await killed();
  await expect.poll(() => pids.filter(isAlive), PATIENCE).toEqual([]);
});

test('where somebody ended the shell that sees to it, another one does, also for what was there before', { timeout: 150_000 }, async () => {
  start(1);
  await expect.poll(() => wardens().length, PATIENCE).toBe(1);
  const [first = 0] = wardens();
  process.kill(first, 'SIGKILL');
  await expect.poll(() => isAlive(first), PATIENCE).toBe(false);
  parent.stdin?.write('go on\n');
  await expect.poll(() => told().length, PATIENCE).toBe(4);
  await expect.poll(() => wardens().length, PATIENCE).toBe(1);
  const pids = told();
  await killed();
  await expect.poll(() => pids.filter(isAlive), PATIENCE).toEqual([]);
});
