import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeFolder } from '../../../src/chaos/judge/judge.ts';
import type { ChaosResult } from '../../../src/chaos/report.ts';
import { SOURCES as MAIN } from '../../support/world/built.ts';

test(
  'ten faults of coordinator, runners, machines, lines and Postgres: every promise is kept, every task comes to its end',
  { timeout: 720_000 },
  async ({ onTestFinished }) => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-e2e-')));
    onTestFinished(() => rmSync(top, { recursive: true, force: true }));
    const dir = join(top, 'chaos');
    const env = { PATH: process.env.PATH ?? '', HOME: top, TMPDIR: '/tmp', LANG: 'C.UTF-8', NO_COLOR: '1' };
    const args = [MAIN, 'chaos', '--machines', '3', '--rounds', '10', '--seed', '7', '--json', '--dir', dir];
    const { code, out, err } = await new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, args, { cwd: top, env, timeout: 700_000 }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
    expect(err).toBe('');
    const { counts, deeds, daemonKills } = JSON.parse(out) as ChaosResult;
    expect(counts.filter(({ broken }) => broken > 0)).toEqual([]);
    expect(code).toBe(0);
    expect(daemonKills).toBeGreaterThan(0);
    for (const fault of ['kill a runner', 'freeze a runner', 'cut a runner off', 'machine-killed', 'kill Postgres'])
      expect(deeds[fault], fault).toBeGreaterThan(0);
    expect(counts.find(({ what }) => what === 'every task has come to its end')?.kept).toBeGreaterThan(10);
    // The judge sees a task that was lost.
    const board = join(dir, 'widgets', 'tasks.md');
    writeFileSync(board, readFileSync(board, 'utf8').replace(/^.*gh-3:.*$/m, ''));
    expect((await judgeFolder(dir)).filter(({ broken }) => broken > 0).map(({ what }) => what)).toContain('every task has come to its end');
  },
);
