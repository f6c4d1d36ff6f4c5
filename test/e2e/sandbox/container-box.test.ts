import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { DOZEN, tryEscapes } from '../../../src/escape/escapes.ts';
import { makeSmallSystem } from '../../support/machine/small-system.ts';
import { workplace } from '../../support/world/daemon.ts';

const hasPodman = spawnSync('podman', ['--version'], { env: { PATH: '/usr/bin:/bin' } }).status === 0;

const AGENT = `cat /etc/small >what; echo "$IMAGE_SAYS" >>what; command -v jq node >>what
[ -e "$1/go" ] || { echo up >"$1/up"; until [ -e "$1/go" ]; do sleep 0.1; done; }
echo over >>what
git add -A && git commit -qm "$(cat /etc/small)"
`;

test.skipIf(!hasPodman)(
  'workers see the files of an image in the place of this machine’s: a stop, a killed daemon, a commit, a pull',
  { timeout: 300_000 },
  async (context) => {
    const place = await workplace(context);
    const image = `localhost/tac8-test:${process.pid}`;
    const podman = (...args: readonly string[]): string =>
      execFileSync('podman', args, {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: place.env.HOME ?? '' },
        stdio: 'pipe',
      });
    const system = join(place.home, 'system');
    mkdirSync(system);
    makeSmallSystem(system);
    execFileSync('tar', ['-cf', join(place.home, 'system.tar'), '-C', system, '.']);
    podman('import', '--change', 'ENV IMAGE_SAYS=hello', join(place.home, 'system.tar'), image);
    context.onTestFinished(() => void podman('rmi', '--force', image));
    const agent = place.agent(AGENT);
    const profile = { read: [join(place.home, 'agent.sh')], write: [place.notes] };
    place.configure({ agent, sandbox: { kind: 'container', image: 'localhost/tac8-test:none', profile } });
    const refused = await place.tac8('start');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/none works here: podman has no image localhost\/tac8-test:none/);

    // A start tries a dozen ways out of a box with these files; each works without one.
    vi.stubEnv('HOME', place.env.HOME);
    vi.stubEnv('XDG_DATA_HOME', join(place.env.HOME ?? '', '.local/share'));
    context.onTestFinished(() => void vi.unstubAllEnvs());
    expect(await tryEscapes(DOZEN, image)).toMatchObject({ attempts: DOZEN.length, out: [], idle: [] });
    place.configure({ agent, sandbox: { kind: 'container', image, profile } });
    const one = `gh-${place.issue('One')}`;
    const first = place.start();
    await place.until('the worker', () => existsSync(join(place.notes, 'up')), 100_000);
    expect(place.read('.tac8/sandbox-proof.json')).toContain(`image ${image}`);
    expect((await place.tac8('status')).out).toContain('sandbox of an image');
    expect((await place.tac8('sandbox', 'show', one)).out).toContain(`besides the files of ${image}`);
    const run = async () => (await place.status()).tasks[0]?.run ?? null;
    const before = await run();
    expect((await place.tac8('stop', one)).code).toBe(0);
    expect((await place.tac8('retry', one)).code).toBe(0);
    await place.until(
      'the worker again',
      async () => {
        const now = await run();
        return now !== null && now.id !== before?.id && now.pid !== null;
      },
      100_000,
    );
    await first.end('SIGKILL');
    const second = place.start();
    writeFileSync(join(place.notes, 'go'), '');
    await place.until('the pull', () => place.board().includes('- PR: #'), 100_000);
    expect(second.happened().filter(({ event }) => event === 'started')).toEqual([]);
    expect(place.repo.git(['log', '-1', '--format=%s', `auto/${one}`])).toBe('a system of its own');
    expect(place.repo.git(['show', `auto/${one}:what`])).toBe('a system of its own\nhello\nover');
    expect((await second.end('SIGTERM')).code).toBe(0);
  },
);
