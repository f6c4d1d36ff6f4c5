import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChildCall, runChild } from './child.ts';

const call = (more: Partial<ChildCall> = {}): ChildCall => ({
  env: { PATH: process.env.PATH },
  timeoutMs: 60_000,
  output: { most: 1_000, beyond: 'drop' },
  ...more,
});
const sh = (script: string, more: Partial<ChildCall> = {}) => runChild('sh', ['-c', script], call(more));
const texts = ({ out, err }: { readonly out: Buffer; readonly err: Buffer }) => [out.toString(), err.toString()];
/** A zombie that nobody has waited for yet is no process that does anything. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
const gone = (pid: number) => expect.poll(() => isAlive(pid), { timeout: 10_000, interval: 10 }).toBe(false);

describe('a program that is run once', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tac8-child-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('answers its code and what it said, on both ways', async () => {
    const ended = await sh('cat; echo bad >&2; exit 3', { input: { text: 'h\u00e9', encoding: 'latin1' } });
    expect(ended.end).toEqual({ kind: 'exit', code: 3 });
    expect([ended.out.toString('latin1'), ended.err.toString()]).toEqual(['h\u00e9', 'bad\n']);
    expect((await sh('kill -TERM $$')).end).toEqual({ kind: 'signal', by: 'SIGTERM' });
    expect((await runChild('/nowhere/program', [], call())).end).toMatchObject({ kind: 'not started', error: { code: 'ENOENT' } });
    expect((await sh('pwd', { cwd: join(folder, 'not there') })).end).toMatchObject({ kind: 'not started' });
    expect((await runChild('true', [], call({ input: { text: 'x'.repeat(1_000_000), encoding: 'utf8' } }))).end).toMatchObject({ code: 0 });
  });

  test('writes into a file where it is given one', async () => {
    const file = await open(join(folder, 'log'), 'w+');
    const ended = await sh('echo out; echo err >&2', { output: { file: file.fd } });
    await file.close();
    expect([ended.end, ...texts(ended)]).toEqual([{ kind: 'exit', code: 0 }, '', '']);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('out\nerr\n');
  });

  test('that floods is cut off, or ended', async () => {
    const flood = 'yes 0123456789 | head -c 300000';
    expect((await sh(flood)).end).toEqual({ kind: 'exit', code: 0 });
    expect((await sh(flood)).out.length).toBeLessThanOrEqual(1_000);
    expect((await sh('yes', { output: { most: 1_000_000, beyond: 'end' } })).end).toEqual({ kind: 'flood' });
  });

  const scripts = {
    'that it waits for': (pid: string) => `sh -c 'echo $$ > ${pid}; exec sleep 1000471'`,
    'that it left behind with its pipes': (pid: string) =>
      `sh -c 'echo $$ > ${pid}; exec sleep 1000471' & while ! [ -s ${pid} ]; do :; done`,
    'that it left behind without': (pid: string) =>
      `sh -c 'echo $$ > ${pid}; exec sleep 1000471' >/dev/null 2>&1 </dev/null & while ! [ -s ${pid} ]; do :; done`,
  };
  describe.each(Object.entries(scripts))('nothing of a child %s outlives the call', (_, script) => {
    test.each(['late', 'given up', 'by itself'] as const)('%s', async (how) => {
      const pid = join(folder, 'pid');
      const wanted = new AbortController();
      const limit = how === 'late' ? { timeoutMs: 700 } : {};
      const running = sh(script(pid), { ...limit, signal: wanted.signal });
      await expect.poll(() => existsSync(pid) && readFileSync(pid, 'utf8') !== '', { timeout: 10_000, interval: 5 }).toBe(true);
      const child = Number(readFileSync(pid, 'utf8'));
      if (how === 'given up') wanted.abort();
      // The first of them ends when its child does.
      if (how === 'by itself' && script === scripts['that it waits for']) process.kill(child);
      const began = performance.now();
      const { end } = await running;
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(['late', 'given up', 'exit']).toContain(end.kind);
      await gone(child);
    });
  });

  test('is not waited for where somebody in another group holds its output', async () => {
    const pid = join(folder, 'pid');
    const ended = await sh(`setsid sh -c 'echo $$ > ${pid}; exec sleep 1000471' & while ! [ -s ${pid} ]; do :; done; echo done`);
    expect([ended.end, ...texts(ended)]).toEqual([{ kind: 'exit', code: 0 }, 'done\n', '']);
    const child = Number(readFileSync(pid, 'utf8'));
    expect(isAlive(child)).toBe(true);
    process.kill(child, 'SIGKILL');
    await gone(child);
  });

  test('is not begun where nobody wants it any more', async () => {
    const mark = join(folder, 'mark');
    expect((await sh(`touch ${mark}`, { signal: AbortSignal.abort() })).end).toEqual({ kind: 'given up' });
    expect(existsSync(mark)).toBe(false);
  });
});
