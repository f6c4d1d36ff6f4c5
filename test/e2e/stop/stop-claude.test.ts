import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { type MockModel, startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** The real Claude Code, stopped, killed and told things by tac8, against a scripted model on loopback. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
/** Several agents start at once, on machines that have other things to do as well. */
const PATIENCE = 60_000;
const LIMIT = { timeout: 120_000 };

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

interface Scene {
  readonly place: Workplace;
  readonly model: MockModel;
  readonly task: string;
  readonly tree: string;
  daemon: Daemon;
}

async function begin(context: TestContext, steps: readonly Step[]): Promise<Scene> {
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context);
  const given = { ANTHROPIC_API_KEY: 'sk-ant-fake-key-of-nobody', CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given);
  place.configure({
    agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
    stop: { tool: '30s', interrupt: '3s', terminate: '3s', kill: '3s' },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  return { place, model, task, tree: join(place.root, 'trees', task), daemon: place.start() };
}

const WRITE: Step = { write: { path: 'hello.txt', content: 'hello\n' } };
/** Claude refuses a command that begins with a long sleep. */
const slow = (seconds: number, end: string): Step => ({ sh: `echo a; touch began; sleep ${seconds}; ${end}` });

const began = ({ place, tree }: Scene): Promise<unknown> => place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
const asked = ({ model }: Scene) => model.asked.filter(({ step }) => step >= 0);
const git = ({ place }: Scene, ...args: string[]): string => place.repo.git(args);
const failed = ({ place }: Scene, what: RegExp): Promise<unknown> =>
  place.until('the failure on the board', () => what.test(place.board()), PATIENCE);
const pids = ({ place }: Scene): readonly number[] => [...liveRuns(place.root).values()].flat();
/** Milliseconds since 1970 at which the tool wrote that it ended. */
const noted = (scene: Scene, file: string): number => Number(readFileSync(join(scene.tree, file), 'utf8')) / 1e6;
const gone = async (scene: Scene): Promise<number> => {
  await scene.place.until('the end of its processes', () => pids(scene).length === 0);
  return Date.now();
};

describe('a STOP file during a tool call of 8 s', () => {
  // By itself: the second that it has is not shared with the others' starts.
  test(
    'that succeeds: it ends, nothing more runs, the work is a commit, and the words written later are the reason',
    LIMIT,
    async (context) => {
      const scene = await begin(context, [WRITE, slow(8, 'date +%s%N >ended'), { sh: 'touch further' }, { text: 'never' }]);
      await began(scene);
      writeFileSync(join(scene.tree, 'STOP'), '');
      await scene.place.until('the stop', () => scene.daemon.happened().some(({ event }) => event === 'stop'));
      appendFileSync(join(scene.tree, 'STOP'), 'wrong approach\n');
      await scene.place.until('the end of the tool', () => existsSync(join(scene.tree, 'ended')));
      // By the end of the tool, and not by the rung after it, which comes 30 s after the stop.
      expect((await gone(scene)) - noted(scene, 'ended')).toBeLessThan(8_000);
      await failed(scene, new RegExp(`\\[❌ w-[0-9a-f]{6}\\] ${scene.task}: Say hello\\n- Reason: wrong approach\\n`));
      expect(existsSync(join(scene.tree, 'further'))).toBe(false);
      expect(asked(scene)).toHaveLength(2);
      expect(git(scene, 'log', '-1', '--format=%s', `auto/${scene.task}`)).toBe('WIP: stopped by STOP file: wrong approach');
      expect(git(scene, 'show', `auto/${scene.task}:hello.txt`)).toBe('hello');
      expect(git(scene, '-C', scene.tree, 'status', '--porcelain')).toBe('');
      await scene.place.until('the comment', () => scene.place.fake.state.comments.length > 0);
      expect(scene.place.fake.state.comments[0]?.body).toMatch(/^Not done: \*\*stopped\*\*\.\n\n> wrong approach/);
      // STOP went to the run's folder: the next run does not meet it.
      expect(existsSync(join(scene.tree, 'STOP'))).toBe(false);
      expect(scene.place.strays()).toEqual([]);
    },
  );

  const failing = [WRITE, slow(8, 'date +%s%N >ended; exit 3'), { sh: 'touch further' }, { text: 'never' }];

  test.concurrent('that fails: no further tool runs', LIMIT, async (context) => {
    const scene = await begin(context, failing);
    await began(scene);
    writeFileSync(join(scene.tree, 'STOP'), 'enough\n');
    await failed(scene, new RegExp(`\\[❌ w-[0-9a-f]{6}\\] ${scene.task}: Say hello\n- Reason: enough\n`));
    expect(noted(scene, 'ended')).toBeGreaterThan(0);
    expect(existsSync(join(scene.tree, 'further'))).toBe(false);
    expect(git(scene, 'log', '-1', '--format=%s', `auto/${scene.task}`)).toBe('WIP: stopped by STOP file: enough');
    expect(pids(scene)).toEqual([]);
  });

  test.concurrent('that fails, by command: the same, and the command says what came of it', LIMIT, async (context) => {
    const scene = await begin(context, failing);
    await began(scene);
    const stopped = scene.place.tac8('stop', scene.task, '--reason', 'enough');
    expect((await stopped).out).toMatch(
      new RegExp(`^${scene.task} stopped after \\d\\.\\d s; \\d+ processes ended; work saved as [0-9a-f]{7} on auto/${scene.task} `),
    );
    expect(noted(scene, 'ended')).toBeGreaterThan(0);
    expect(existsSync(join(scene.tree, 'further'))).toBe(false);
    expect(git(scene, 'log', '-1', '--format=%s', `auto/${scene.task}`)).toBe('WIP: stopped by tac8 stop: enough');
    expect(pids(scene)).toEqual([]);
  });
});

test.concurrent(
  'a STOP file while no daemon runs: the hooks alone deny the next tool, also after one that failed',
  LIMIT,
  async (context) => {
    const scene = await begin(context, [WRITE, slow(3, 'exit 3'), { sh: 'touch further' }, { text: 'never' }]);
    const { place, task, tree } = scene;
    await began(scene);
    await scene.daemon.end('SIGKILL');
    writeFileSync(join(tree, 'STOP'), 'not now');
    await place.until('the end of the turn', () => place.read(`logs/${task}.jsonl`).includes('"terminal_reason":"hook_stopped"'));
    expect(existsSync(join(tree, 'further'))).toBe(false);
    expect(pids(scene).length).toBeGreaterThan(0);
    scene.daemon = place.start();
    await failed(scene, /- Reason: not now\n/);
    expect(git(scene, 'log', '-1', '--format=%s', `auto/${task}`)).toBe('WIP: stopped by STOP file: not now');
    expect(pids(scene)).toEqual([]);
  },
);

test.concurrent('tac8 kill leaves none of its tools alive, and saves the work', LIMIT, async (context) => {
  const background: Step = { sh: 'setsid tail -f /dev/null >/dev/null 2>&1 & echo $!' };
  const scene = await begin(context, [WRITE, background, slow(600, 'true'), { text: 'never' }]);
  await began(scene);
  await scene.place.until('claude, its tools and what they left running', () => pids(scene).length >= 4);
  const { code, out } = await scene.place.tac8('kill', scene.task);
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${scene.task} killed after \\d\\.\\d s; [4-9] processes ended; work saved as [0-9a-f]{7} `));
  expect(pids(scene)).toEqual([]);
  expect(scene.place.strays()).toEqual([]);
  const saved = /saved as ([0-9a-f]{7})/.exec(out)?.[1] ?? '';
  expect(git(scene, 'show', `${saved}:hello.txt`)).toBe('hello');
});

test.concurrent(
  'retry --continue after a kill -9 of claude carries on in the same conversation, and brings what it was told',
  LIMIT,
  async (context) => {
    const scene = await begin(context, [WRITE, slow(600, 'true'), { text: 'never' }]);
    const { place, task, daemon } = scene;
    await began(scene);
    const pid = Number(await place.until('the PID on the board', () => /^- PID: (\d+)$/m.exec(place.board())?.[1]));
    process.kill(pid, 'SIGKILL');
    await place.until('the crash', () => daemon.happened().some(({ event, detail }) => event === 'again' && detail.startsWith('crash: ')));
    expect((await place.tac8('tell', task, 'Mind the tabs.')).out).toMatch(/: kept for the next run/);
    const finish = '<mock>[{"sh":"git add -A; git commit -qm hello"},{"text":"Done."}]</mock>';
    expect((await place.tac8('retry', task, '--continue', '--message', `Go on. ${finish}`)).out).toMatch(/in the same conversation/);
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(new Set(asked(scene).map(({ session }) => session)).size).toBe(1);
    expect(asked(scene).at(-1)?.turns).toBeGreaterThan(5);
    expect(asked(scene).some(({ lastUser }) => lastUser.includes('Mind the tabs.'))).toBe(true);
  },
);

test.concurrent('after a kill -9 of the daemon the adopted claude takes a tell, mid-tool, once', LIMIT, async (context) => {
  const wait: Step = { sh: 'touch began; until [ -e go ]; do sleep 0.1; done' };
  const scene = await begin(context, [WRITE, wait, { sh: 'git add -A; git commit -qm hello' }, { text: 'Done.', gate: 'done' }]);
  const { place, task, model } = scene;
  const saying = () => scene.daemon.happened().filter(({ event }) => event === 'saying').length;
  await began(scene);
  await scene.daemon.end('SIGKILL');
  scene.daemon = place.start();
  await place.until('the new daemon', async () => (await place.status()).daemon?.pid === scene.daemon.pid);
  const first = place.tac8('tell', task, 'Mind the tabs.');
  await place.until('the message to be said', () => saying() === 1);
  writeFileSync(join(place.root, 'trees', task, 'go'), '');
  expect((await first).out).toMatch(new RegExp(`^${task}: taken up after \\d+\\.\\d s `));
  await model.askedTimes(4);
  expect(saying()).toBe(1);
  // Said while the last reply is under way, it is another turn of the same process.
  const last = place.tac8('tell', task, 'One more thing. <mock>[{"sh":"git commit -q --allow-empty -m more"},{"text":"All done."}]</mock>');
  await place.until('the second message', () => saying() === 2);
  model.open('done');
  expect((await last).out).toMatch(/: taken up after/);
  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  expect(git(scene, 'log', '--format=%s', `main..auto/${task}`).split('\n')).toEqual(['more', 'hello']);
  expect(new Set(asked(scene).map(({ session }) => session)).size).toBe(1);
});

test.concurrent(
  'a tell in the middle of a tool is acknowledged when the tool has ended, and acted on in the same turn',
  LIMIT,
  async (context) => {
    const wait: Step = { sh: 'touch began; until [ -e go ]; do sleep 0.1; done' };
    const scene = await begin(context, [WRITE, wait, { text: 'Done, without having listened.' }]);
    const { place, task } = scene;
    await began(scene);
    const words = 'Say goodbye, too. <mock>[{"sh":"echo bye >bye.txt; git add -A; git commit -qm both"},{"text":"Done."}]</mock>';
    const told = place.tac8('tell', task, words);
    await place.until('the message to be said', () => scene.daemon.happened().some(({ event }) => event === 'saying'));
    expect(asked(scene)).toHaveLength(2);
    writeFileSync(join(place.root, 'trees', task, 'go'), '');
    expect((await told).out).toMatch(new RegExp(`^${task}: taken up after \\d+\\.\\d s `));
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect(git(scene, 'show', `auto/${task}:bye.txt`)).toBe('bye');
    expect(scene.daemon.happened().filter(({ event }) => event === 'started')).toHaveLength(1);
    expect(new Set(asked(scene).map(({ session }) => session)).size).toBe(1);
  },
);
