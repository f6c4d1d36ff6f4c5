import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '../../engine/ports/machine/jobs.ts';
import { createJobs } from './jobs.ts';
import { isZombie, readStat } from './proc/proc.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-jobs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NEVER = new AbortController().signal;
const jobs = (most = 1_000_000) => createJobs({ dir: join(folder, 'jobs'), most: () => most });
const job = (script: string, more: Partial<Job> = {}): Job => ({
  ...{
    part: 'setup',
    task: 'gh-1',
    cwd: folder,
    log: join(folder, 'logs', 'log'),
    timeoutMs: 60_000,
    env: { PATH: process.env.PATH ?? '', A: 'b' },
  },
  argv: ['/bin/sh', '-c', script],
  ...more,
});
const said = (): string => readFileSync(join(folder, 'logs', 'log'), 'utf8');
const isAlive = (pid: number): boolean => {
  const stat = readStat(pid);
  return stat !== null && !isZombie(stat);
};
const childOf = (): number => Number(readFileSync(join(folder, 'child'), 'utf8'));

describe('a job', () => {
  test('answers its code; its output is in its log, its environment what it was given and the marker', async () => {
    expect(await jobs().run(job('echo out; echo err >&2; env; exit 3'), NEVER)).toEqual({ kind: 'exit', code: 3 });
    expect(said()).toMatch(/^out\nerr\n/);
    const names = [...said().matchAll(/^(\w+)=/gm)].map(([, name]) => name).filter((name) => name !== '_');
    expect(names.sort()).toEqual(['A', 'PATH', 'PWD', 'TAC8_RUN', 'TAC8_RUN_DIR', 'TAC8_TASK']);
    expect(readdirSync(join(folder, 'jobs'))).toEqual([]);
  });

  test('whose child holds its output is not waited for, and the child is ended', async () => {
    const script = 'setsid sh -c "echo \\$\\$ >child; exec sleep 1000472" & while ! [ -s child ]; do :; done; echo done';
    expect(await jobs().run(job(script), NEVER)).toEqual({ kind: 'exit', code: 0 });
    expect(isAlive(childOf())).toBe(false);
  });

  test.each([
    'late',
    'given up',
    'flood',
  ] as const)('that is %s is ended with what hides in another session without its environment', async (how) => {
    const wanted = new AbortController();
    const hide = 'env -i setsid sh -c "echo \\$\\$ >child; exec sleep 1000473" & while ! [ -s child ]; do :; done';
    const then = how === 'flood' ? 'yes' : 'sleep 1000474';
    const running = jobs(how === 'flood' ? 100_000 : 1_000_000).run(
      job(`${hide}; ${then}`, how === 'late' ? { timeoutMs: 3_000 } : {}),
      wanted.signal,
    );
    await expect.poll(() => existsSync(join(folder, 'child')), { timeout: 10_000, interval: 5 }).toBe(true);
    if (how === 'given up') wanted.abort();
    expect(await running).toEqual({ kind: how });
    expect(isAlive(childOf())).toBe(false);
  });

  test('does not write through a link in the place of its log', async () => {
    mkdirSync(join(folder, 'logs'));
    writeFileSync(join(folder, 'precious'), 'mine');
    symlinkSync(join(folder, 'precious'), join(folder, 'logs', 'log'));
    await jobs().run(job('echo yours'), NEVER);
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('mine');
    expect([lstatSync(join(folder, 'logs', 'log')).isFile(), said()]).toEqual([true, 'yours\n']);
  });

  test('that an earlier daemon left is ended by the next one', async () => {
    const running = jobs().run(job('echo $$ >child; exec sleep 1000475'), NEVER);
    await expect.poll(() => existsSync(join(folder, 'child')) && said() === '', { timeout: 10_000, interval: 5 }).toBe(true);
    expect(await jobs().endLeft()).toBe(1);
    expect((await running).kind).not.toBe('late');
    expect(isAlive(childOf())).toBe(false);
  });

  test('is not begun where nobody wants it any more', async () => {
    expect(await jobs().run(job('touch mark'), AbortSignal.abort())).toEqual({ kind: 'given up' });
    expect(existsSync(join(folder, 'mark'))).toBe(false);
  });
});
