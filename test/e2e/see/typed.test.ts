import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { hintOf } from '../../../src/core/advice/hints.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import { startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** What docs/logs.md tells people to type, typed into a real shell, at a real daemon and the real Claude Code on a scripted model. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const docs = readFileSync(join(import.meta.dirname, '../../../docs/logs.md'), 'utf8');
const PATIENCE = 60_000;

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

const STEPS: readonly Step[] = [
  { say: 'I write the file.', write: { path: 'hello.txt', content: 'hello\n' } },
  { say: 'Now I look around.', sh: 'echo seen; sleep 3' },
  { text: 'never', gate: 'never' },
];

interface Scene {
  readonly place: Workplace;
  readonly task: TaskId;
  /** Types the line of docs/logs.md that begins like this, for this task; answers what it printed. */
  readonly type: (line: string, pid?: string) => string;
}

/** pkill and grep look at the whole machine: the number is one that nothing else on it has. */
async function begin(context: TestContext): Promise<Scene> {
  const model = await startMockModel({ work: STEPS });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  const stop = { tool: '30s', interrupt: '3s', terminate: '3s', kill: '3s' };
  place.configure({ agent: { kind: 'claude', command: [claude], env: Object.keys(given) }, stop });
  place.fake.state.nextNumber = randomInt(100_000_000, 1_000_000_000) * 1000;
  const task: TaskId = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  return { place, task, type: (line, pid = '') => typed(place, lineOf(line, task, pid)) };
}

/** As it stands in the docs, with the numbers of the day. */
function lineOf(beginning: string, task: string, pid: string): string {
  const line = docs.split('\n').find((each) => each.startsWith(beginning));
  if (line === undefined) throw new Error(`docs/logs.md does not show: ${beginning}`);
  return line.replaceAll(/gh-(?:471|450)/g, task).replaceAll('199918', pid);
}

/** The shell reads it from its stdin: an interactive shell's own command line does not hold what is typed either. */
const typed = ({ root, env }: Workplace, line: string): string =>
  execFileSync('bash', [], { input: `${line}\n`, cwd: root, env, encoding: 'utf8', timeout: PATIENCE });

/** A terminal with that line in it, left running; `said()` is what stands on its screen so far. */
function terminal(context: TestContext, { root, env }: Workplace, line: string): () => string {
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('EPIPE'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const left = new Promise((resolve) => child.once('close', resolve));
  context.onTestFinished(async () => {
    // Ctrl-C, as a person leaves it.
    child.stdin.write('\u0003');
    await left;
  }, PATIENCE);
  return () => text;
}

/** What a person does by hand ends the run with that reason; then it is tried again from the start. */
async function failedAs({ place, task }: Scene, reason: string): Promise<void> {
  const line = new RegExp(`\\[❌ w-[0-9a-f]{6}\\] ${task}: Say hello\\n- Reason: ${reason}\\n`);
  await place.until(`the failure on the board: ${reason}`, () => line.test(place.board()), PATIENCE);
  await place.until('the error in the log', () => place.read(`logs/${task}.jsonl`).includes('"run_ended"'), PATIENCE);
  expect(place.strays().filter((stray) => !/tail -F|jq -r|script -qec/.test(stray))).toEqual([]);
}

test('what people type at logs, tasks.md, processes and STOP files works as it stands', { timeout: 300_000 }, async (context) => {
  const scene = await begin(context);
  const { place, task, type } = scene;
  const screen = terminal(context, place, lineOf('tail -F', task, ''));
  /** Also the text of later attempts comes by the same tail, which is never started anew. */
  const attempt = (n: number): Promise<unknown> =>
    place.until(`the text of attempt ${n}`, () => screen().split('Now I look around.\r\n').length > n, PATIENCE);
  const daemon = place.start();

  await attempt(1);
  expect(screen()).toContain('I write the file.\r\n');
  const block = type('cat tasks.md | grep').split('\n');
  expect(block[0]).toMatch(new RegExp(`^\\[🟡 w-[0-9a-f]{6}, trees/${task}\\] ${task}: Say hello`, 'u'));
  const pid = /^- PID: (\d+)$/.exec(block[2] ?? '')?.[1] ?? '';
  expect(type('ps aux | grep')).toMatch(new RegExp(`^\\S+ +${pid} .*${claude}.*${task}`));
  expect(type('git worktree list')).toMatch(new RegExp(`/trees/${task} +[0-9a-f]+ \\[auto/${task}\\]`));
  expect(type('cat logs/gh-471.jsonl | jq \'select(.type=="assistant")')).toBe('      1 "Bash"\n      1 "Write"\n');
  expect((await place.tac8('view', task, '--tools')).out).toBe('      1 "Bash"\n      1 "Write"\n');
  type('kill ', pid);
  await failedAs(scene, 'ended by SIGTERM from outside');
  const { type: kind, error } = JSON.parse(type('cat logs/gh-471.jsonl | jq \'select(.type=="error")')) as Record<string, unknown>;
  expect([kind, error]).toEqual([
    'error',
    { type: 'killed', message: expect.stringContaining('SIGTERM'), hint: hintOf({ type: 'killed', cause: 'outside' }, { task }) },
  ]);

  expect((await place.tac8('retry', task)).code).toBe(0);
  await attempt(2);
  type('pkill -f');
  await failedAs(scene, 'ended by SIGTERM from outside');

  expect((await place.tac8('retry', task)).code).toBe(0);
  await attempt(3);
  type('touch trees/');
  await place.until('the stop', () => daemon.happened().some(({ event }) => event === 'stop'), PATIENCE);
  type('echo "reason"');
  await failedAs(scene, 'reason');
  expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('WIP: stopped by STOP file: reason');
});
