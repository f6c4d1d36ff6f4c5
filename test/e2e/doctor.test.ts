import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, type Workplace, workplace } from '../support/daemon.ts';
import { startProgram } from '../support/program.ts';

/** `tac8 doctor` as a person runs it: on a repository that is as it should be, and on one where things are not. */

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
  expect(text.out).toMatch(/✓ token .*tac8-bot[\s\S]*Nothing stands in the way|All is well/);
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
