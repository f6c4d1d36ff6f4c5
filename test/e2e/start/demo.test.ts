import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whyNoBox } from '../../../src/adapters/process/box/bwrap.ts';
import type { Result } from '../../../src/demo/show/summary.ts';
import { openTerminal } from '../../support/terminal/terminal.ts';
import { SOURCES as MAIN } from '../../support/world/built.ts';

/*
 * `tac8 demo` as a person starts it. What it leaves behind is looked for in /proc by the folder's name: on a command line, in an
 * environment or as a working directory.
 */

let top: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-e2e-')));
});

afterEach(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  children = [];
  const left = processesOf(top);
  rmSync(top, { recursive: true, force: true });
  expect(left, 'processes left running').toEqual([]);
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An environment from nothing: where programs are, and no login of any kind. */
function start(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const env = { PATH: process.env.PATH ?? '', HOME: top, LANG: 'C.UTF-8', NO_COLOR: '1', ...more };
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { cwd: top, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const read = (stream: NodeJS.ReadableStream | null): { text: string } => {
    const kept = { text: '' };
    stream?.on('data', (chunk: Buffer) => {
      kept.text += chunk.toString();
    });
    return kept;
  };
  const out = read(child.stdout);
  const err = read(child.stderr);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out: out.text, err: err.text })));
  return { child, ended };
}

/** Waits for the words; rejects when the demo ends without them. */
const says = ({ child, ended }: ReturnType<typeof start>, words: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(words)) resolve();
    });
    void ended.then(({ out, err }) => reject(new Error(`it ended without "${words}":\n${out}${err}`)));
  });

const demo = (...args: string[]): Promise<Ended> => start(args).ended;

function processesOf(folder: string): string[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return ''; // gone since, or somebody else's
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(
      (pid) =>
        /\) [^ZX] /.test(read(`/proc/${pid}/stat`)) && `${read(`/proc/${pid}/cmdline`)}\0${read(`/proc/${pid}/environ`)}`.includes(folder),
    )
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

const git = (cwd: string, ...args: string[]): string => {
  const env = { PATH: process.env.PATH ?? '', HOME: top, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', timeout: 20_000 }).trim();
};

/** How the tasks are that a page tells of. */
async function statesAt(page: string, headers: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const answer = await fetch(new URL('/api/v1/tasks', page), { headers });
  return ((await answer.json()) as { tasks: { state: string }[] }).tasks.map(({ state }) => state);
}

const taskOf = (result: Result, name: string): string => result.fates.find((fate) => fate.name === name)?.task ?? '';

describe('tac8 demo', () => {
  it('ends with 0, with everything to look at in its folder, and nothing left running', { timeout: 400_000 }, async () => {
    const dir = join(top, 'a folder');
    const { code, out, err } = await demo('--exit', '--dir', dir, '--json', '--speed', '2');
    const result = JSON.parse(out) as Result;
    expect({ code, err, failed: result.fates.filter((fate) => !fate.ok), trouble: result.trouble }).toEqual({
      code: 0,
      err: '',
      failed: [],
      trouble: null,
    });
    expect(result.seconds).toBeGreaterThan(0);

    const widgets = join(dir, 'widgets');
    const board = readFileSync(join(widgets, 'tasks.md'), 'utf8');
    for (const sign of ['[✅', '[❌', '[⏰']) expect(board).toContain(sign);
    expect(Object.keys(JSON.parse(readFileSync(join(widgets, 'adws/metrics.json'), 'utf8')))).toEqual(
      expect.arrayContaining([
        'workers_launched',
        'workers_completed',
        'workers_failed',
        'worktree_errors',
        'prs_created',
        'last_update',
        'health',
      ]),
    );
    const success = taskOf(result, 'success');
    expect(existsSync(join(widgets, 'logs', `${success}.jsonl`))).toBe(true);
    expect(existsSync(join(widgets, '.tac8/sandbox-proof.json')), 'its daemon tried the ways out of a sandbox').toBe(whyNoBox() === null);
    const files = git(widgets, 'diff', '--name-only', `main...auto/${success}`).split('\n');
    expect(files).toEqual(['logs/readme.txt', 'src/logs/requests.mjs']);
    const forge = readFileSync(join(dir, 'forge/state.json'), 'utf8');
    for (const fate of ['success', 'retry', 'background']) expect(forge).toContain(`Closes #${taskOf(result, fate).slice(3)}\\n`);

    // A second time in the same folder: the former demo makes way. One agent does nothing this time; told as text, line by line.
    // Its page is opened in the browser that the person has.
    const opened = join(top, 'opened');
    mkdirSync(join(top, 'bin'));
    writeFileSync(join(top, 'bin/xdg-open'), `#!/bin/sh\necho "$@" >>'${opened}'\n`, { mode: 0o755 });
    const screen = { PATH: `${join(top, 'bin')}:${process.env.PATH ?? ''}`, DISPLAY: ':9' };
    const again = await start(['--exit', '--open', '--dir', dir, '--speed', '4', '--sabotage', 'success'], screen).ended;
    expect({ code: again.code, err: again.err }, again.out).toEqual({ code: 1, err: '' });
    expect(again.out).not.toContain('\x1b');
    const [, link] = /^The page: (http:\S+\/enter\?code=\S+)/m.exec(again.out) ?? [];
    expect(link).toBeDefined();
    expect(readFileSync(opened, 'utf8')).toBe(`${link}\n`);
    // It has ended with the demo: said, with what serves it again.
    expect(again.out).toMatch(/^page +\S.* start +\(it has ended with the demo's daemon; this serves it again\)$/m);
    expect(again.out).toMatch(/✓ gh-\d+ +asks a person/);
    expect(again.out).toMatch(/✗ gh-\d+ +plain success/);
    expect(again.out).toMatch(/✗ 0 pulls for auto\/gh-\d+/);
  });

  it.each(['stopped'])('says so, and ends with 1, when the agent of "%s" does nothing', { timeout: 240_000 }, async (fate) => {
    const { code, out } = await demo('--exit', '--dir', join(top, 'd'), '--json', '--speed', '4', '--sabotage', fate);
    const result = JSON.parse(out) as Result;
    expect(code).toBe(1);
    // On a busy machine a stop may come too late for another fate's own judge as well.
    const missed = result.fates.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(missed).toContain(fate);
    expect(missed.length).toBeLessThan(result.fates.length / 2);
  });

  it('serves its page until a key is pressed; what it names then serves it again', { timeout: 300_000 }, async () => {
    const dir = join(top, 'd');
    const env = { PATH: process.env.PATH ?? '', HOME: top, LANG: 'C.UTF-8', NO_COLOR: '1' };
    const argv = [process.execPath, MAIN, 'demo', '--dir', dir, '--speed', '4'] as const;
    const terminal = await openTerminal({ argv: [...argv], cwd: top, env, home: top, columns: 250, rows: 150 });
    let page = '';
    try {
      const screen = await terminal.shows('until you press a key', 240_000);
      expect(screen).toMatch(/every fate came out as it should/);
      expect(screen).toMatch(/no worker is left running/);
      page = /^page +(http:\S+)$/m.exec(screen)?.[1] ?? '';
      // Whoever opens it now is let in and sees how all of them ended.
      const entered = await fetch(page, { redirect: 'manual' });
      const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      expect([entered.status, cookie]).toEqual([303, expect.stringMatching(/^tac8-\d+=/)]);
      const states = await statesAt(page, { cookie });
      expect(new Set(states)).toEqual(new Set(['completed', 'failed', 'blocked']));
      expect(await (await fetch(new URL('/', page), { headers: { cookie } })).text()).toContain('<script type="module"');
      await terminal.press('q');
      await terminal.shows(/ start serves the page again/);
      await vi.waitFor(async () => expect(await terminal.value('pane_dead')).toBe('1'), { timeout: 30_000, interval: 50 });
      expect(await terminal.value('pane_dead_status')).toBe('0');
      expect(processesOf(top).filter((seen) => !/^\d+ tmux /.test(seen))).toEqual([]);
      await expect(fetch(page)).rejects.toThrow();
    } finally {
      await terminal.close();
      await vi.waitFor(() => expect(processesOf(top)).toEqual([]), { timeout: 20_000, interval: 50 });
    }

    // As the demo's last line has it, with no forge and no login.
    const widgets = join(dir, 'widgets');
    const again = spawn(process.execPath, [MAIN, '-C', widgets, 'start'], { cwd: top, env, stdio: 'ignore' });
    children.push(again);
    const url = await vi.waitFor(() => (JSON.parse(readFileSync(join(widgets, '.tac8/http.json'), 'utf8')) as { url: string }).url, {
      timeout: 120_000,
      interval: 50,
    });
    const authorization = `Bearer ${readFileSync(join(widgets, '.tac8/page-token'), 'utf8').trim()}`;
    expect(new Set(await statesAt(url, { authorization }))).toEqual(new Set(['completed', 'failed', 'blocked']));
    again.kill('SIGTERM');
    expect(await new Promise((resolve) => again.once('close', resolve))).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends all it started on %s', { timeout: 120_000 }, async (signal) => {
    const started = start(['--exit', '--dir', join(top, 'd')]);
    const { child, ended } = started;
    await says(started, 'waits for ever');
    expect(processesOf(top).length).toBeGreaterThan(2);
    child.kill(signal);
    const { code, out } = await ended;
    expect({ code, out }).toMatchObject({ code: 130 });
  });

  it('leaves nothing running even when it is killed outright', { timeout: 120_000 }, async () => {
    const started = start(['--exit', '--dir', join(top, 'd')]);
    const { child, ended } = started;
    await says(started, 'waits for ever');
    child.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => expect(processesOf(top)).toEqual([]), { timeout: 10_000, interval: 50 });
  });

  it('refuses a folder with something else in it, and touches nothing', async () => {
    writeFileSync(join(top, 'thesis.txt'), 'years of work');
    const { code, err } = await demo('--exit', '--dir', top);
    expect(code).toBe(1);
    expect(err).toContain(`${top} is not empty`);
    expect(readdirSync(top)).toEqual(['thesis.txt']);
  });

  it('says what to do where Claude Code is not installed', async () => {
    const { code, err } = await start(['--exit', '--agent', 'claude']).ended;
    expect(code).toBe(1);
    expect(err).toContain('Claude Code is not installed');
  });
});
