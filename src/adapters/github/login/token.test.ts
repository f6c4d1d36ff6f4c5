import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../engine/ports/records/log.ts';
import { createTokenSource } from './token.ts';

const silent = () => undefined;
const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tac8-token-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A `gh` of ours, alone on PATH but for the shell that runs it. */
async function fakeGh(script: string): Promise<string> {
  await writeFile(join(dir, 'gh'), `#!/bin/sh\n${script}\n`);
  await chmod(join(dir, 'gh'), 0o755);
  return `${dir}:/usr/bin:/bin`;
}

function source(env: Record<string, string>, more: { now?: () => number; timeoutMs?: number } = {}) {
  return createTokenSource({ env, variable: 'GITHUB_TOKEN', host: 'github.com', log: quiet, ...more });
}

describe('the token', () => {
  it('comes from the named variable, and gh is not asked', async () => {
    const PATH = await fakeGh(`touch ${dir}/asked; echo from-gh`);
    await expect(source({ PATH, GITHUB_TOKEN: ' ghp_abc\n' })()).resolves.toBe('ghp_abc');
    await expect(readFile(join(dir, 'asked'))).rejects.toThrow('ENOENT');
  });

  it('comes from gh otherwise, with the host named and without our environment', async () => {
    const PATH = await fakeGh(`env > ${dir}/env; echo "$@" > ${dir}/args; echo gho_xyz`);
    await expect(source({ PATH, GITHUB_TOKEN: '  ', SECRET: 'x', HOME: dir })()).resolves.toBe('gho_xyz');
    expect(await readFile(join(dir, 'args'), 'utf8')).toBe('auth token --hostname github.com\n');
    const env = await readFile(join(dir, 'env'), 'utf8');
    expect(env).toContain(`HOME=${dir}`);
    expect(env).not.toMatch(/SECRET|GITHUB_TOKEN/);
  });

  it('asks gh once a minute', async () => {
    const PATH = await fakeGh(`echo x >> ${dir}/count; echo gho_xyz`);
    let now = 0;
    const token = source({ PATH }, { now: () => now });
    await Promise.all([token(), token()]);
    now = 59_000;
    await token();
    expect(await readFile(join(dir, 'count'), 'utf8')).toBe('x\n');
    now = 60_000;
    await token();
    expect(await readFile(join(dir, 'count'), 'utf8')).toBe('x\nx\n');
  });

  it('is missed in one sentence that names both ways', async () => {
    const PATH = await fakeGh('echo "no oauth token" >&2; exit 1');
    await expect(source({ PATH })()).rejects.toMatchObject({
      sort: 'terminal',
      message: 'no GitHub token: $GITHUB_TOKEN is not set, and gh gives none (no oauth token)',
      hint: expect.stringMatching(/GITHUB_TOKEN.*gh auth login/),
    });
    await expect(source({ PATH: dir })()).rejects.toMatchObject({ sort: 'terminal' });
    await expect(source({ PATH: join(dir, 'none') })()).rejects.toMatchObject({ message: expect.stringContaining('gh is not installed') });
  });

  it('is heard again as soon as a person has logged in', async () => {
    const PATH = await fakeGh(`test -e ${dir}/in || exit 1; echo gho_late`);
    const token = source({ PATH }, { now: () => 0 });
    await expect(token()).rejects.toMatchObject({ sort: 'terminal' });
    await writeFile(join(dir, 'in'), '');
    await expect(token()).resolves.toBe('gho_late');
  });

  it('does not wait for a gh that hangs', async () => {
    const PATH = await fakeGh('exec sleep 60');
    await expect(source({ PATH }, { timeoutMs: 100 })()).rejects.toMatchObject({
      message: expect.stringContaining('did not answer in time'),
    });
  });

  it('is refused when it could not stand in a header, without being shown', async () => {
    const failure = source({ GITHUB_TOKEN: 'se"cret\nline' })();
    await expect(failure).rejects.toMatchObject({ sort: 'terminal' });
    await expect(failure).rejects.not.toThrow(/cret/);
  });
});
