import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFakeGitHub } from '../../src/forge-fake/server.ts';
import { layTripwire } from '../setup/tripwire.ts';
import { environment, workplace } from '../support/world/daemon.ts';

/*
 * The tripwire of the whole run (`test/setup/tripwire.ts`) is in each workplace's settings. Its twin: a wire of this test's own, and plain git with the
 * login, as a daemon without the safeguard would call it.
 */

test(
  'every workplace leads to the tripwire whoever believes its settings; plain git does, and is heard',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    for (const key of ['http.proxy', 'remote.origin.proxy']) expect(place.repo.git(['config', key])).toBe(process.env.TAC8_TRIPWIRE);
    for (const key of ['core.sshCommand', 'credential.helper'])
      expect(place.repo.git(['config', key])).toMatch(/tac8-tripwire-\w+\/program$/);

    const own = await layTripwire();
    context.onTestFinished(() => own.close());
    appendFileSync(join(place.root, '.git/config'), `[http]\n\tproxy = ${own.url}\n`);
    const address = place.fake.cloneUrl.replace('://', `://x-access-token:${place.env.GITHUB_TOKEN}@`);
    await new Promise((done) => execFile('git', ['ls-remote', address], { cwd: place.root, env: environment(place.home) }, done));
    expect(own.heard).toEqual([expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/acme\/widgets\.git/)]);

    // The daemon delivers a task past both.
    place.configure({ agent: place.agent('echo done >done.txt; git add -A; git commit -qm work') });
    place.issue('One');
    const daemon = place.start();
    await place.until('its end', async () => (await place.status()).counts.completed === 1, 100_000);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    expect(own.heard).toHaveLength(1);
  },
);

test('a server of a test that is shown a login of the fake GitHub is noticed, and the fake itself is not', async (context) => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-shown-')));
  const before = process.env.TAC8_TOKENS_HEARD;
  process.env.TAC8_TOKENS_HEARD = join(home, 'tokens');
  const fake = await startFakeGitHub({ dir: join(home, 'forge'), repo: { owner: 'acme', name: 'widgets' } });
  const other = createServer((_, response) => void response.end());
  context.onTestFinished(async () => {
    process.env.TAC8_TOKENS_HEARD = before;
    await fake.close();
    await new Promise((done) => other.close(done));
    rmSync(home, { recursive: true });
  });
  await new Promise<void>((done) => void other.listen(0, '127.0.0.1', done));
  const token = fake.addUser({ login: 'tac8-bot', role: 'write' });
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const show = async (to: string, authorization: string): Promise<void> => {
    await (await fetch(to, { headers: { authorization, connection: 'close' } })).text();
  };
  await show(`${fake.url}/user`, `Bearer ${token}`);
  await show(`${url}/harmless`, 'Bearer of-somebody-else');
  await show(`${url}/plain`, `Bearer ${token}`);
  await show(`${url}/as-git`, `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`);
  expect(readFileSync(join(home, 'tokens'), 'utf8')).toBe('GET /plain\nGET /as-git\n');
});
