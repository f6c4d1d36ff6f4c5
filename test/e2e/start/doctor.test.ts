import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { startProgram, until } from '../../support/world/program.ts';

/** `tac8 doctor` as a person runs it: on a repository that is as it should be, and on one where things are not. */

// Each starts tac8 several times, and a machine may be busy.
vi.setConfig({ testTimeout: 90_000 });

interface Told {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'bad' | 'unknown';
  readonly says: string;
  readonly mend: string | null;
  readonly fix: string | null;
}

interface Report {
  readonly ok: boolean;
  readonly findings: readonly Told[];
  readonly fixed: readonly { readonly ok: boolean; readonly message: string }[];
}

async function doctor(place: Workplace, ...args: string[]): Promise<Report & { readonly code: number | null }> {
  const { code, out, err } = await place.tac8('doctor', '--json', ...args);
  if (out === '') throw new Error(`doctor said nothing and ended with ${code}: ${err}`);
  return { code, ...(JSON.parse(out) as Report) };
}

const find = ({ findings }: Report, check: string): Told => {
  const found = findings.find((one) => one.check === check);
  if (found === undefined) throw new Error(`no finding of ${check}: ${JSON.stringify(findings)}`);
  return found;
};

const LONG_AGO = new Date(Date.now() - 3_600_000);

test('in a repository where all is there, nothing stands in the way, and nothing is written', async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent('exit 0') });
  place.repo.git(['config', 'user.name', 'someone']);
  place.issue('Bears the label');
  const before = readdirSync(place.root);
  const report = await doctor(place);
  expect(report.findings.filter(({ level }) => level === 'bad')).toEqual([]);
  expect(report).toMatchObject({ ok: true, code: 0 });
  for (const check of [
    'git',
    'node',
    'config',
    'repository',
    'template',
    'agent',
    'github',
    'token',
    'rights',
    'label',
    'clock',
    'disk',
    'database',
    'git-locks',
  ])
    expect(find(report, check), check).toMatchObject({ level: 'ok' });
  expect(find(report, 'token').says).toContain('tac8-bot');
  expect(readdirSync(place.root)).toEqual(before);
  const text = await place.tac8('doctor');
  expect(text.out).toMatch(/✓ token .*tac8-bot[\s\S]*No problems|All is well/);
});

test('--write asks for what GitHub has to refuse: a right that is missing is another refusal', async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  // Without the label nobody asks for it to be made.
  expect(find(await doctor(place, '--write'), 'rights')).toMatchObject({
    level: 'ok',
    says: expect.stringContaining('it was asked for it'),
  });
  fake.faults.add({
    match: { method: 'POST', path: '/pulls' },
    kind: 'status',
    status: 403,
    body: { message: 'Resource not accessible by personal access token' },
  });
  expect(find(await doctor(place, '--write'), 'rights')).toMatchObject({
    level: 'bad',
    says: expect.stringMatching(/pull requests \(.*not accessible/),
  });
  expect(find(await doctor(place), 'rights')).toMatchObject({ level: 'ok', says: expect.stringContaining('may push') });
  expect(fake.state.issues).toEqual([]);
  expect(place.repo.git(['for-each-ref', 'refs/tac8'], fake.bare)).toBe('');
});

test('each thing that is wrong is named with what mends it', async (context) => {
  const place = await workplace(context);
  place.configure({ agent: { kind: 'claude', command: ['/nowhere/claude'], env: [] }, label: 'never made' });
  place.env.ANTHROPIC_API_KEY = 'sk-ant-nobody';
  place.env.GITHUB_TOKEN = 'ghp_nobody';
  writeFileSync(join(place.root, 'worker_template.md'), 'Do {{ task.titel }}');
  const report = await doctor(place);
  expect(report).toMatchObject({ ok: false, code: 1 });
  expect(find(report, 'agent')).toMatchObject({ level: 'bad', says: expect.stringContaining('/nowhere/claude') });
  expect(find(report, 'agent-login')).toMatchObject({ level: 'bad', mend: expect.stringContaining('agent.env') });
  expect(find(report, 'token')).toMatchObject({ level: 'bad', says: 'GitHub refuses the token' });
  expect(find(report, 'rights')).toMatchObject({ level: 'unknown' });
  expect(find(report, 'template')).toMatchObject({
    level: 'bad',
    says: expect.stringContaining('titel'),
    mend: expect.stringContaining('task.title'),
  });
  expect(find(report, 'clock')).toMatchObject({ level: 'ok' });
});

test('each agent in `agents:` is looked at under its name', async (context) => {
  const place = await workplace(context);
  const { command } = place.agent('exit 0');
  place.configure({
    agent: { kind: 'command', command },
    agents: { good: { kind: 'command', command }, lost: { kind: 'command', command: ['/no/such/agent'] } },
  });
  const report = await doctor(place);
  expect(['agent', 'agent good', 'agent lost'].map((check) => find(report, check).level)).toEqual(['ok', 'ok', 'bad']);
  expect(find(report, 'agent lost').says).toContain('/no/such/agent is not there');
});

test('a wrong tac8.yaml is told whole, and what depends on it is unknown', async (context) => {
  const place = await workplace(context);
  writeFileSync(join(place.root, 'tac8.yaml'), 'labell: x\nmax_concurrent_workers: many\nstore: { url: "sqlite:../outside.db" }\n');
  const report = await doctor(place);
  expect(report.code).toBe(1);
  expect(report.findings.filter(({ check }) => check === 'config').map(({ says }) => says)).toEqual([
    expect.stringMatching(/^tac8\.yaml:1:1: labell: unknown name/),
    expect.stringMatching(/^tac8\.yaml:2:\d+: max_concurrent_workers: /),
    ...report.findings.filter(({ check, says }) => check === 'config' && says.includes('store')).map(({ says }) => says),
  ]);
  expect(find(report, 'github')).toMatchObject({ level: 'unknown' });
});

test('a forge that does not answer is no answer, not a no', async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent('exit 0'), repo: 'acme/widgets', github: { api_url: 'http://127.0.0.1:9' } });
  const report = await doctor(place);
  expect(find(report, 'github')).toMatchObject({ level: 'bad', says: expect.stringContaining('no answer') });
  for (const check of ['token', 'rights', 'label', 'clock']) expect(find(report, check), check).toMatchObject({ level: 'unknown' });
});

test('outside of a repository it says so, and still looks at the machine', async (context) => {
  const place = await workplace(context);
  const outside = join(place.home, 'outside');
  mkdirSync(outside);
  const { code, out } = await startProgram([process.execPath, MAIN, '-C', outside, 'doctor'], { cwd: outside, env: place.env }).ended;
  expect(code).toBe(1);
  expect(out).toMatch(/✓ git [\s\S]*✗ repository .* is not in a git repository\n[\s\S]*git init/);
  expect(readdirSync(outside)).toEqual([]);
});

test('--fix shows what it would do; with --yes it makes the label and moves a stale lock aside', async (context) => {
  const place = await workplace(context, { label: 'rpi-auto' });
  place.configure({ agent: place.agent('exit 0'), label: 'please-tac8' });
  const lock = join(place.root, '.git/index.lock');
  writeFileSync(lock, 'half an index');
  utimesSync(lock, LONG_AGO, LONG_AGO);
  const shown = await place.tac8('doctor', '--fix');
  expect(shown.out).toMatch(/--fix --yes` would\n {2}create the label please-tac8 in acme\/widgets\n {2}move .*index\.lock aside\n/);
  expect(existsSync(lock)).toBe(true);
  expect(place.fake.state.labels.map(({ name }) => name)).not.toContain('please-tac8');

  const report = await doctor(place, '--fix', '--yes');
  expect(report.fixed.map(({ ok }) => ok)).toEqual([true, true]);
  expect(place.fake.state.labels.map(({ name }) => name)).toContain('please-tac8');
  expect(existsSync(lock)).toBe(false);
  expect(readdirSync(join(place.root, '.tac8/aside'))).toEqual([expect.stringMatching(/^index\.lock-/)]);
  expect(find(report, 'label').level).toBe('ok');
  expect(find(report, 'git-locks').level).toBe('ok');
});

test('--bundle writes a report without a single secret in it, of a daemon that ran', async (context) => {
  const place = await workplace(context);
  const secrets = {
    GITHUB_TOKEN: place.env.GITHUB_TOKEN ?? '',
    ANTHROPIC_API_KEY: 'sk-ant-api03-plantedplantedplanted',
    DEPLOY_PASSWORD: 'correct-horse-battery',
  };
  Object.assign(place.env, secrets);
  const planted = [
    ...Object.values(secrets),
    ...['ghp_plantedplantedplanted1234567890abcd', 'github_pat_11PLANTED0_plantedplantedplanted'],
    ...['T0PLANTED/B0PLANTED/plantedplanted', 'planted-bearer-0123456789', 'planted-url-password', 'planted-yaml-secret'],
  ];
  place.configure({
    agent: place.agent(`echo '{"type":"x"}'; echo "it failed: Authorization: Bearer planted-bearer-0123456789" >&2; exit 3`),
    notify: [{ kind: 'slack', url: 'https://hooks.slack.com/services/T0PLANTED/B0PLANTED/plantedplanted' }],
  });
  place.issue('Rotate ghp_plantedplantedplanted1234567890abcd and github_pat_11PLANTED0_plantedplantedplanted');
  const daemon = place.start();
  await place.until('a failed attempt', () => daemon.happened().some(({ event }) => event === 'again' || event === 'failed'));
  await daemon.end('SIGTERM');
  const log = join(place.root, 'logs/tac8.log');
  const fetched = { msg: 'fetch https://ann:planted-url-password@github.com/x failed', env: { DEPLOY_PASSWORD: 'correct-horse-battery' } };
  writeFileSync(log, `${readFileSync(log, 'utf8')}${JSON.stringify(fetched)}\nclient_secret: planted-yaml-secret\n`);

  const file = join(place.home, 'report.tar.gz');
  const said = await place.tac8('doctor', '--bundle', file);
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining(file) });
  const out = join(place.home, 'report');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', file, '-C', out], { timeout: 20_000 });
  const names = readdirSync(join(out, 'tac8-report')).sort();
  expect(names).toEqual([
    'README.txt',
    'doctor.json',
    'history.json',
    'metrics.json',
    'status.json',
    'tac8.log',
    'tac8.yaml',
    'versions.json',
  ]);
  const text = names.map((name) => readFileSync(join(out, 'tac8-report', name), 'utf8')).join('\n');
  for (const secret of planted) expect(text.includes(secret), secret).toBe(false);
  expect(text).not.toContain('not available: ');
  expect(text).toContain('client_secret: [redacted]');
  expect(JSON.parse(readFileSync(join(out, 'tac8-report/doctor.json'), 'utf8'))).toHaveProperty('findings');
  // It was there to be found.
  expect(`${readFileSync(log, 'utf8')}${(await place.tac8('status', '--json')).out}`).toContain('ghp_plantedplanted');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await place.tac8('doctor', '--bundle', file)).toMatchObject({ code: 1, err: expect.stringContaining('exists already') });
});

test('a worker that goes on is left to the next daemon, a damaged database is moved aside', async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent('echo precious >work.txt; while :; do sleep 0.2; done') });
  const number = place.issue('Work for ever');
  const daemon = place.start();
  await place.until('the work', () => existsSync(join(place.root, `trees/gh-${number}/work.txt`)));
  await place.until('the run', async () => (await place.status()).tasks[0]?.run?.state === 'running');
  await daemon.end('SIGKILL');
  const left = { level: 'warn', mend: 'tac8 start takes it up', fix: null };
  expect(find(await doctor(place), 'orphans')).toMatchObject({ ...left, says: expect.stringContaining('goes on without a daemon') });

  writeFileSync(join(place.root, '.tac8/tac8.db'), 'not a database at all, but long enough to be looked at as one'.repeat(40));
  for (const suffix of ['-wal', '-shm']) rmSync(join(place.root, `.tac8/tac8.db${suffix}`), { force: true });
  expect(find(await doctor(place), 'database')).toMatchObject({ level: 'bad', fix: expect.stringContaining('aside') });
  const mended = await doctor(place, '--fix', '--yes');
  expect(find(mended, 'database').level).toBe('ok');
  // The database is another one: the worker is nobody's there, and still taken up by the next daemon.
  expect(find(mended, 'orphans')).toMatchObject({ ...left, says: expect.stringContaining('the database does not know it') });
});

test('what runs on after its run is over is saved and ended by --fix --yes', async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent('echo done >done.txt; git add -A; git commit -qm done') });
  const number = place.issue('Be done');
  const daemon = place.start();
  await place.until('the end of the task', async () => (await place.status()).counts.completed === 1);
  await daemon.end('SIGTERM');
  const run = (await place.status()).tasks[0]?.run?.id ?? '';
  const tree = join(place.root, `trees/gh-${number}`);
  // As a child of the agent would be that hid well: it bears the marks of the run.
  const marks = { TAC8_RUN: run, TAC8_TASK: `gh-${number}`, TAC8_RUN_DIR: join(place.root, '.tac8/runs', run) };
  const script = 'echo late >late.txt; while :; do sleep 0.2; done';
  const stray = startProgram(['/usr/bin/setsid', '/bin/sh', '-c', script], { cwd: tree, env: { ...place.env, ...marks } });
  await until('the late work', () => existsSync(join(tree, 'late.txt')));
  expect(find(await doctor(place), 'orphans')).toMatchObject({
    says: expect.stringContaining('its run is over'),
    fix: expect.stringMatching(`^save the work of ${run} and end it `),
  });
  expect(stray.isRunning()).toBe(true);
  const { fixed } = await doctor(place, '--fix', '--yes');
  expect(fixed.map(({ message }) => message)).toEqual([
    expect.stringMatching(/is ended; its work is saved as refs\/tac8\/saved\/gh-\d+\//),
  ]);
  expect(await stray.ended).toMatchObject({ signal: 'SIGKILL' });
  const [ref = ''] = /refs\S+/.exec(fixed[0]?.message ?? '') ?? [];
  expect(place.repo.git(['show', `${ref}:late.txt`])).toBe('late');
});

test('--probe asks the model with the login of a worker', async (context) => {
  const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
  const model = await startMockModel({ fine: [{ text: 'OK' }], bad: [{ error: 401 }] });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', ANTHROPIC_BASE_URL: `${model.url}/s/fine` };
  Object.assign(place.env, given);
  place.configure({ agent: { kind: 'claude', command: [claude], env: Object.keys(given) } });
  expect(find(await doctor(place, '--probe'), 'agent-probe')).toMatchObject({ level: 'ok', says: 'the model answers' });
  place.env.ANTHROPIC_BASE_URL = `${model.url}/s/bad`;
  const refused = await doctor(place, '--probe');
  expect(find(refused, 'agent-probe')).toMatchObject({ level: 'bad' });
  expect(refused.code).toBe(1);
  expect(readdirSync(place.home).filter((name) => name.startsWith('tac8-probe'))).toEqual([]);
});
