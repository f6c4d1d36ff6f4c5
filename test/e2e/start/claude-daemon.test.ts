import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { hintFor, hintOf, hintTable } from '../../../src/core/advice/hints.ts';
import type { FailureType } from '../../../src/core/model/failure.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { type MockModel, startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Daemon, type Happened, type Workplace, workplace } from '../../support/world/daemon.ts';
import { inTheBox } from '../../support/world/in-the-box.ts';

/** The real Claude Code, started by the real daemon, against a scripted model and a fake GitHub on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const LIMIT = { timeout: 120_000 };

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

/** What claude is told besides the base list: a key of nobody's, and not to try again by itself. */
const CLAUDE = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', API_TIMEOUT_MS: '30000' };

interface Scene {
  readonly place: Workplace;
  readonly model: MockModel;
  readonly daemon: Daemon;
  readonly number: number;
  readonly task: TaskId;
}

interface SceneOptions {
  /** Names and values that claude gets, besides its model's address. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string | number>>;
}

/** One labelled issue, and a daemon that has just been started on it. */
async function begin(context: TestContext, steps: readonly Step[], { env = CLAUDE, limits = {} }: SceneOptions = {}): Promise<Scene> {
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given: Record<string, string> = { ...env, ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given, { SECRET_OF_THE_MACHINE: 'hunter2', SSH_AUTH_SOCK: '/nowhere/agent' });
  place.configure({
    agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', ...limits },
  });
  const number = place.issue('Say hello', 'A file hello.txt that says hello.');
  return { place, model, daemon: place.start(), number, task: `gh-${number}` };
}

const WORK: readonly Step[] = [
  { say: 'I write the file.', write: { path: 'hello.txt', content: 'hello\n' } },
  { sh: 'env >"$HOME/seen"; git add -A && git commit -qm "Say hello"', gate: 'commit' },
  { text: 'Done: hello.txt is committed.' },
];

const jq = (filter: string, file: string): string => execFileSync('jq', ['-c', filter, file], { encoding: 'utf8', timeout: 10_000 }).trim();
const find = (daemon: Daemon, event: string): Happened | undefined => daemon.happened().find((one) => one.event === event);
const commentsOn = ({ place, number }: Scene) => place.fake.state.comments.filter(({ issue }) => issue === number);

test('a labelled issue becomes a commit by claude, a draft pull, one comment, and a line under Completed', LIMIT, async (context) => {
  const scene = await begin(context, WORK);
  const { place, model, daemon, number, task } = scene;
  await place.until('the write', () => existsSync(join(place.root, 'trees', task, 'hello.txt')));
  const pid = await place.until('the PID on the board', () => /^- PID: (\d+)$/m.exec(place.board())?.[1]);
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(new RegExp(`^${claude}\0.*${task} w-`, 's'));
  model.open('commit');
  await place.until('the comment', () => commentsOn(scene).length > 0);
  expect(await daemon.end('SIGTERM')).toMatchObject({ code: 0, err: expect.stringContaining('nothing new starts') });

  const pull = place.fake.state.issues.find((one) => one.pull !== null);
  expect(pull).toMatchObject({
    title: 'Say hello',
    author: 'tac8-bot',
    pull: { draft: true, head: { ref: `auto/${task}` }, base: { ref: 'main' } },
  });
  expect(pull?.body).toMatch(new RegExp(`^Closes #${number}\n`));
  const bare = ['--git-dir', place.fake.bare];
  expect(place.repo.git([...bare, 'log', '--format=%s', `main..auto/${task}`])).toBe('Say hello');
  expect(place.repo.git([...bare, 'show', `auto/${task}:hello.txt`])).toBe('hello');
  expect(commentsOn(scene).map(({ author, body }) => [author, body.split('\n')[0]])).toEqual([
    ['tac8-bot', `Done: pull request #${pull?.number} is open as a draft.`],
  ]);
  expect(place.board()).toMatch(
    new RegExp(`## Completed Today\n\\[✅ [0-9a-f]{7}, w-[0-9a-f]{6}\\] ${task}: Say hello\n- Completed: .*\n- PR: #${pull?.number} `),
  );

  const metrics = JSON.parse(place.read('adws/metrics.json')) as Record<string, unknown>;
  expect(metrics).toEqual({
    ...{ workers_launched: 1, workers_completed: 1, workers_failed: 0, worktree_errors: 0, prs_created: 1 },
    ...{ last_update: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), health: 'ok' },
  });
  const log = join(place.root, `logs/${task}.jsonl`);
  expect(jq('select(.type=="error")', log)).toBe('');
  expect(jq('select(.type=="tac8")|[.event,.outcome]', log)).toBe('["run_started",null]\n["run_ended","done"]');
  expect(jq('select(.type=="result")|.result', log)).toBe('"Done: hello.txt is committed."');
  expect(place.strays()).toEqual([]);

  // What reached the worker is what it was given, and our token is nowhere on disk.
  const home = join(place.root, '.tac8/homes', task);
  const seen = new Map(
    readFileSync(join(home, 'seen'), 'utf8')
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  expect(Object.fromEntries(seen)).toMatchObject({
    HOME: home,
    ANTHROPIC_BASE_URL: inTheBox() ? 'http://127.0.0.1:3128/model' : `${model.url}/s/work`,
    TAC8_TASK: task,
  });
  for (const name of ['GITHUB_TOKEN', 'GH_TOKEN', 'SSH_AUTH_SOCK', 'SECRET_OF_THE_MACHINE']) expect(seen.has(name), name).toBe(false);
  expect(filesHolding(place.root, place.env.GITHUB_TOKEN ?? '')).toEqual([]);
  expect(filesHolding(place.root, 'hunter2')).toEqual([]);
  // So that an empty answer means something.
  expect(filesHolding(place.root, 'A file hello.txt that says hello.')).not.toEqual([]);
});

/** The error stands in the run's own log as the README's one-liner looks for it. */
function expectLogged({ place, task }: Scene, type: FailureType, words: string): void {
  const lines = jq('select(.type=="error")|.error', join(place.root, `logs/${task}.jsonl`)).split('\n');
  const hints = Object.keys(hintTable[type]).flatMap((cause) => [
    hintOf({ type, cause }, { task }),
    hintOf({ type, cause, afresh: true }, { task }),
  ]);
  const hint = expect.toSatisfy((text: string) => hints.includes(text));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ type, message: expect.stringContaining(words), hint }]);
}

// Most of it is waiting: for a reset, for a delay, for silence.
describe('the model', () => {
  test.concurrent(
    'answers 401: auth_error; the fleet is parked until a person has looked, and the task that met it waits for that',
    LIMIT,
    async (context) => {
      const scene = await begin(context, [{ error: 401 }]);
      const { place, task, daemon, model } = scene;
      const again = (): number => daemon.happened().filter(({ event }) => event === 'again').length;
      await place.until('the task waits', () => again() === 1);
      expectLogged(scene, 'auth_error', '401');
      const other = `gh-${place.issue('Another one')}`;
      await place.until('the other issue on the board', () => place.board().includes(other));
      const { out } = await place.tac8('status');
      expect(out).toMatch(/parked: auth_error: 401: .* — nothing starts until `tac8 resume` says/);
      expect(out).toContain(hintFor('auth_error'));
      expect((await place.status()).tasks.map(({ id, state, attempts }) => [id, state, attempts])).toEqual([
        [task, 'pending', 0],
        [other, 'pending', 0],
      ]);
      expect(commentsOn(scene)).toEqual([]);
      expect(model.asked.filter(({ step }) => step >= 0)).toHaveLength(1);
      // The person says that it is mended, and it is not: who meets it again has used an attempt up.
      expect((await place.tac8('resume')).code).toBe(0);
      await place.until('it is met again', () => again() === 2);
      expect((await place.status()).parked).toMatchObject({ type: 'auth_error' });
    },
  );

  test.concurrent(
    'answers 429 with a reset: usage_limit; parked until then, the same conversation goes on, no attempt is used up',
    LIMIT,
    async (context) => {
      let reset = 0;
      const headers = {
        'anthropic-ratelimit-unified-status': 'rejected',
        // From the answer on: on a busy machine the start alone may take as long.
        get 'anthropic-ratelimit-unified-reset'() {
          reset ||= Math.ceil(Date.now() / 1000) + 25;
          return String(reset);
        },
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      };
      const { ANTHROPIC_API_KEY: _key, ...rest } = CLAUDE;
      const env = { ...rest, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-login-of-nobody' };
      const scene = await begin(
        context,
        [{ error: 429, headers, times: 1, ok: { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' } }, { text: 'Done.' }],
        { env },
      );
      const { place, task, daemon, model } = scene;
      const again = await place.until('the parking', () => find(daemon, 'again'));
      expect(again.detail).toMatch(/^usage_limit: 429: /);
      expectLogged(scene, 'usage_limit', '429');
      await place.until('the note on the board', () => /^- Note: usage_limit: 429: .*; again at \d{4}-/m.exec(place.board()));
      const status = await place.status();
      expect(status.parked).toMatchObject({ type: 'usage_limit', until: new Date(reset * 1000).toISOString() });
      expect(status.tasks).toMatchObject([{ id: task, state: 'pending', attempts: 0 }]);
      // A little later than the reset, at most a tenth of the wait, so that not all go on in the same second.
      const late = Date.parse(status.tasks[0]?.retry_at ?? '') - reset * 1000;
      expect(late >= 0 && late <= 2_600, `${late} ms after the reset`).toBe(true);
      expect((await place.tac8('status')).out).toMatch(/parked: usage_limit: 429: .* — goes on in \d/);
      await place.until('the pull', () => place.board().includes('- PR: #'));
      const starts = daemon.happened().filter(({ event }) => event === 'started');
      expect(starts.map(({ detail }) => detail.split(', ')[1])).toEqual(['attempt 1', 'attempt 1']);
      expect(Date.parse(starts[1]?.at ?? '')).toBeGreaterThanOrEqual(reset * 1000);
      expect(new Set(model.asked.filter(({ step }) => step >= 0).map(({ session }) => session)).size).toBe(1);
      expect((await place.status()).parked).toBeNull();
    },
  );

  test.concurrent('answers 500: provider_error; the fleet backs off, then the same conversation goes on', LIMIT, async (context) => {
    const scene = await begin(
      context,
      [{ error: 500, times: 1, ok: { sh: 'echo hi >hello.txt; git add -A; git commit -qm hello' } }, { text: 'Done.' }],
      {
        limits: { retry_delay: '6s' },
      },
    );
    const { place, task, daemon } = scene;
    const again = await place.until('the backoff', () => find(daemon, 'again'));
    expect(again.detail).toMatch(/^provider_error: 500: /);
    expectLogged(scene, 'provider_error', '500');
    await place.until('the note on the board', () => /^- Note: provider_error: 500: .*; again at \d{4}-/m.exec(place.board()));
    expect(await place.status()).toMatchObject({
      parked: { type: 'provider_error' },
      tasks: [{ id: task, state: 'pending', attempts: 0 }],
    });
    expect((await place.tac8('status')).out).toContain(hintFor('provider_error'));
    await place.until('the pull', () => place.board().includes('- PR: #'));
    const starts = daemon.happened().filter(({ event }) => event === 'started');
    expect(Date.parse(starts[1]?.at ?? '') - Date.parse(again.at)).toBeGreaterThanOrEqual(6000);
  });

  test.concurrent('never answers, and claude gives up: provider_error', LIMIT, async (context) => {
    const scene = await begin(context, [{ hang: true }], { env: { ...CLAUDE, API_TIMEOUT_MS: '1500' } });
    const again = await scene.place.until('the backoff', () => find(scene.daemon, 'again'));
    expect(again.detail).toMatch(/^provider_error: Request timed out/);
    expectLogged(scene, 'provider_error', 'timed out');
  });

  test.concurrent(
    'never answers, and claude waits on: stalled by limits.silence, and ended with all it started',
    LIMIT,
    async (context) => {
      const scene = await begin(context, [{ hang: true }], { limits: { silence: '2s', attempts: 1 } });
      const { place, task, daemon } = scene;
      await place.until('the failure', () => commentsOn(scene).length > 0);
      expect(find(daemon, 'failed')?.detail).toBe('stalled: limits.silence: no output for 2s');
      expectLogged(scene, 'stalled', 'no output for 2s');
      const hint = hintOf({ type: 'stalled', cause: 'silence' }, { task, failed: true });
      expect(place.board()).toContain(`${task}: Say hello\n- Reason: stalled: limits.silence: no output for 2s\n- Next: ${hint}\n`);
      expect((await place.tac8('status')).out).toContain(hint);
      expect(place.strays()).toEqual([]);
    },
  );
});
