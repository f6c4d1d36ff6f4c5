import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { type Ended, type Program, startProgram, until } from '../../support/world/program.ts';

/** The README's five minutes, line by line, as they stand: the only things made up are the secrets, the forge and the model. */

const PACKAGE = join(import.meta.dirname, '../../..');
const claude = claudePath(join(PACKAGE, '.cache'));

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

const WORK: readonly Step[] = [
  { say: 'I write the file.', write: { path: 'hello.txt', content: 'hello\n' } },
  { sh: 'git add -A && git commit -qm "Say hello"', gate: 'commit' },
  { text: 'Done: hello.txt is committed.' },
];

/** The commands of the first shell block after these words, without their comments; a line that is a comment alone is a step for a person. */
function blockAfter(words: string): readonly string[] {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const block = /```sh\n(.*?)```/s.exec(readme.slice(readme.indexOf(words)))?.[1] ?? '';
  return block
    .trim()
    .split('\n')
    .map((line) => line.replace(/(\S) +# .*$/, '$1'));
}

/** A machine as a newcomer has it: tac8, Claude Code and git on PATH, Claude Code sent to the scripted model by its own settings. */
function furnish(place: Workplace, modelUrl: string): void {
  const bin = join(place.home, 'bin');
  mkdirSync(bin);
  // As `npm i -g tac8` would: a link to the package's own program.
  symlinkSync(join(PACKAGE, 'bin/tac8'), join(bin, 'tac8'));
  symlinkSync(claude, join(bin, 'claude'));
  place.env.PATH = `${bin}:${place.env.PATH}`;
  const home = join(place.home, 'home/.claude');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ env: { ANTHROPIC_BASE_URL: modelUrl } }));
  rmSync(join(place.root, 'tac8.yaml'));
}

test('from a repository without configuration to the first pull, with nothing but the README', { timeout: 180_000 }, async (context) => {
  const model = await startMockModel({ work: WORK });
  context.onTestFinished(() => model.close());
  const place = await workplace(context, { name: 'my-repository' });
  const secrets: Record<string, string> = { GITHUB_TOKEN: place.env.GITHUB_TOKEN ?? '', ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody' };
  delete place.env.GITHUB_TOKEN;
  furnish(place, `${model.url}/s/work`);
  const started: Program[] = [];
  context.onTestFinished(async () => {
    for (const program of started) if (program.isRunning()) await program.end('SIGKILL');
  });
  const begin = (line: string): Program => {
    const program = startProgram(['/bin/sh', '-c', `exec ${line}`], { cwd: place.root, env: place.env });
    started.push(program);
    return program;
  };
  const type = async (line: string): Promise<Ended> => {
    const said = await begin(line).ended;
    if (said.code !== 0) throw new Error(`${line} ended with ${said.code}:\n${said.out}${said.err}`);
    return said;
  };

  let number = 0;
  let daemon: Program | null = null;
  const seen: string[] = [];
  // The block before is what installs the package: packed.test.ts does it.
  expect((await type('tac8 --version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const line of blockAfter('it needs Node 22.18 or newer. Then:')) {
    const [, name = ''] = /^export (\w+)=…$/.exec(line) ?? [];
    if (line === 'cd my-repository') expect(place.root.endsWith('/my-repository')).toBe(true);
    else if (name !== '') place.env[name] = secrets[name] ?? '';
    else if (/^# put the label rpi-auto on an issue/.test(line)) number = place.issue('Say hello', 'A file hello.txt that says hello.');
    else if (line === 'tac8 start') daemon = begin(line);
    else seen.push(line, (await type(line)).out);
  }
  const said = (command: string): string => seen[seen.indexOf(command) + 1] ?? '';
  expect(said('tac8 init')).toMatch(/written tac8\.yaml\nwritten worker_template\.md\n\nNext:\n.*GITHUB_TOKEN[\s\S]*tac8 doctor/);
  expect(said('tac8 doctor')).toMatch(/✓ token .*tac8-bot/);
  expect(said('tac8 doctor')).not.toMatch(/^[✗?]/m);
  expect(said('tac8 start --dry-run')).toContain(`gh-${number}`);
  expect(daemon).not.toBeNull();

  await until('the agent in the middle of its work', () => existsSync(join(place.root, 'trees', `gh-${number}`, 'hello.txt')), {
    why: () => `${daemon?.out()}${daemon?.err()}`,
  });
  await tryTheOther(begin, type, number);
  model.open('commit');
  const pull = await until('the first pull', () => place.fake.state.issues.find((one) => one.pull !== null), {
    why: () => `${daemon?.out()}${daemon?.err()}`,
  });
  expect(pull).toMatchObject({ title: 'Say hello', pull: { draft: true, head: { ref: `auto/gh-${number}` } } });
  await until('the comment', () => place.fake.state.comments.some(({ issue }) => issue === number));
  expect(await daemon?.end('SIGINT')).toMatchObject({ code: 0 });
});

/** Those of the second terminal that only look; the others have tests of their own. Each is at least a command that there is. */
async function tryTheOther(begin: (line: string) => Program, type: (line: string) => Promise<Ended>, number: number): Promise<void> {
  const lines = blockAfter('In another terminal:').map((line) => line.replaceAll('450', String(number)));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const [program = '', verb = ''] = line.split(' ');
    if (/--watch|--follow|^tail -F/.test(line)) {
      const program = begin(line.startsWith('tail') ? line.replace(/^tail.*?\| /, 'cat logs/gh-*.jsonl | ') : line);
      await until(`what ${line} shows`, () => program.out().trim() !== '', {
        why: program.err,
      });
      await program.end('SIGINT');
    } else if (/^tac8 (why|diff|restore|clean)\b/.test(line)) await type(line);
    else if (program === 'tac8') expect((await type(`tac8 ${verb} --help`)).out).toContain(`tac8 ${verb}`);
  }
}
