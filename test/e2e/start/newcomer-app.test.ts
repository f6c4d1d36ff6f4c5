import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clickThrough } from '../../support/forge/make-app.ts';
import { MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';
import { startProgram, until } from '../../support/world/program.ts';

/** The README's way with a GitHub App: the only things made up are the browser's clicks, the forge and the agent. */

const PACKAGE = join(import.meta.dirname, '../../..');

test(
  'a newcomer without any token makes an App by the README, and gets from the label to a merged pull',
  { timeout: 180_000 },
  async (context) => {
    const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
    const line = /`(tac8 init --app)`/.exec(readme)?.[1] ?? expect.unreachable('the README does not say how to make an App');
    const place = await workplace(context);
    delete place.env.GITHUB_TOKEN;
    rmSync(join(place.root, 'tac8.yaml'));
    const program = startProgram([process.execPath, MAIN, ...line.split(' ').slice(1)], { cwd: place.root, env: place.env });
    context.onTestFinished(async () => {
      if (program.isRunning()) await program.end('SIGKILL');
    });
    const why = { why: () => `${program.out()}${program.err()}` };
    const link = await until('the link', () => /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(program.out())?.[0], why);
    expect(await clickThrough(link)).toContain('This page may be closed');
    const { code, out } = await program.ended;
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/written app: \d+ in tac8\.yaml[\s\S]*may work on acme\/widgets/),
    });
    const folder = join(place.env.XDG_CONFIG_HOME ?? join(place.env.HOME ?? '', '.config'), 'tac8/apps');
    const [file = ''] = readdirSync(folder);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(place.read('tac8.yaml')).toMatch(/^ {2}app: \d+$/m);
    const key = JSON.parse(readFileSync(join(folder, file), 'utf8'));

    const doctor = await place.tac8('doctor');
    expect(doctor.out).toMatch(/✓ token .*tac8-acme-widgets\[bot\]/);
    expect(doctor.out).toMatch(/✓ rights/);
    // Asked for in earnest, and nothing of it stays.
    expect((await place.tac8('doctor', '--write')).out).toMatch(/✓ rights .*it was asked for it/);
    expect(place.repo.git(['for-each-ref', 'refs/tac8'], place.fake.bare)).toBe('');
    expect(place.fake.state.issues).toEqual([]);
    const [app] = place.fake.state.apps ?? [];
    const installation = app?.installation ?? expect.unreachable('it is installed');
    const { permissions } = installation;
    installation.permissions = { ...permissions, issues: 'read' };
    expect((await place.tac8('doctor')).out).toMatch(/✗ rights .*tac8-acme-widgets\[bot\] lacks rights: issues: write/);
    installation.permissions = permissions;

    // What init wrote stands; only the agent is another one, and the clock runs faster.
    const written = place.read('tac8.yaml');
    const agent = place.agent('echo hello > hello.txt && git add -A && git commit -qm "Say hello"');
    const settings = written
      .replace(/agent:\n(?: .*\n)+/, `agent: ${JSON.stringify(agent)}\npoll_interval: 500ms\n`)
      .replace(/^sandbox:.*$/m, 'sandbox: { kind: none }')
      .replace(/^pulls:$/m, 'limits: { min_free_memory: 16MiB, min_free_disk: 16MiB }\nhttp: { port: 0 }\npulls:');
    writeFileSync(join(place.root, 'tac8.yaml'), settings);
    const number = place.issue('Say hello', 'A file.');
    const daemon = place.start();
    // The App's own webhook, with the secret that was kept with its key.
    const { url } = JSON.parse(await place.until('the address', () => place.read('.tac8/http.json') || null)) as { url: string };
    place.fake.hooks.aim({ url: `${url}/webhooks/github`, secret: key.webhookSecret });
    const pull = await place.until('a pull', () => place.fake.state.issues.find((one) => one.pull !== null), 100_000);
    expect(pull.author).toBe('tac8-acme-widgets[bot]');
    place.fake.markReady(pull.number);
    await place.fake.mergePull('wil', pull.number);
    await place.until('the board says so', async () => /merged/.test((await place.tac8('why', String(number))).out), 100_000);
    await place.until('a completed task', async () => (await place.status()).counts.completed === 1, 100_000);
    expect(new Set(place.fake.hooks.sent().map(({ status }) => status))).toEqual(new Set([202]));
    expect((await daemon.end('SIGINT')).code).toBe(0);
    // Nothing that is kept or said shows the key, or a token.
    const shown = [
      place.read('logs/tac8.log'),
      daemon.out(),
      out,
      doctor.out,
      JSON.stringify(place.fake.state.comments),
      place.board(),
    ].join('\n');
    expect(shown).not.toMatch(/PRIVATE KEY|ghs_\w/);
    expect(shown).not.toContain(key.webhookSecret);
  },
);
