import { existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { type MockModel, startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { openShell, type Terminal } from '../../support/terminal/terminal.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** A person takes the conversation of the real Claude Code over in a real terminal, and hands it back. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 90_000;
const LIMIT = { timeout: 240_000 };
const KEY = 'sk-ant-fake-key-of-nobody';

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

interface Scene {
  readonly place: Workplace;
  readonly model: MockModel;
  readonly tree: string;
  readonly daemon: Daemon;
}

async function begin(context: TestContext, steps: readonly Step[]): Promise<Scene> {
  const model = await startMockModel({ work: steps });
  context.onTestFinished(() => model.close());
  const place = await workplace(context, { files: HOSTILE });
  const given = { ANTHROPIC_API_KEY: KEY, CLAUDE_CODE_MAX_RETRIES: '0', ANTHROPIC_BASE_URL: `${model.url}/s/work` };
  Object.assign(place.env, given, { SECRET_OF_THE_MACHINE: 'hunter2' });
  place.configure({
    agent: { kind: 'claude', command: [claude], env: Object.keys(given) },
    stop: { tool: '1s', interrupt: '3s', terminate: '3s', kill: '3s' },
  });
  const tree = join(place.root, 'trees/gh-1');
  welcome(place);
  place.issue('Say hello', 'A file hello.txt that says hello.');
  return { place, model, tree, daemon: place.start() };
}

/** What a repository may hold that would run in a folder that is trusted. */
const HOSTILE = {
  '.claude/settings.json': JSON.stringify({
    hooks: { SessionStart: [{ hooks: [{ type: 'command', command: 'touch hooked' }] }] },
    statusLine: { type: 'command', command: 'touch hooked' },
    apiKeyHelper: 'touch hooked',
  }),
  '.mcp.json': JSON.stringify({ mcpServers: { theirs: { command: 'touch', args: ['served'] } } }),
};

/** As on the machine of somebody who has used claude before, in other folders: no questions about colours and keys. */
function welcome(place: Workplace): void {
  const home = join(place.home, 'home');
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
  };
  mkdirSync(join(home, '.claude'), { recursive: true });
  writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
  if (place.user !== undefined) for (const path of ['.claude', '.claude.json']) lchownSync(join(home, path), place.user, place.user);
}

const shell = (context: TestContext, { place }: Scene): Promise<Terminal> => openShell(context, place, { columns: 120, rows: 40 });

const tac8 = async (terminal: Terminal, words: string): Promise<void> => {
  await terminal.type(`${process.execPath} ${MAIN} ${words}; echo left-$?`);
  await terminal.press('Enter');
};
const asked = ({ model }: Scene) => model.asked.filter(({ step }) => step >= 0);
async function began({ place, tree }: Scene): Promise<void> {
  await place.until('the slow tool', () => existsSync(join(tree, 'began')), PATIENCE);
  // Recorded by the daemon, not only said.
  await place.until('its words', async () => (await place.status()).tasks[0]?.run?.last_event_at);
}

const WORK: readonly Step[] = [{ write: { path: 'hello.txt', content: 'hello\n' } }, { sh: 'echo a; touch began; sleep 600; touch never' }];
/** What the model is to do from there on, in a message to it. */
const script = (...steps: readonly Step[]): string => `<mock>${JSON.stringify(steps)}</mock>`;

test('attach ends the worker, a person talks in its conversation, and the worker goes on in the same one', LIMIT, async (context) => {
  const scene = await begin(context, WORK);
  const { place, tree } = scene;
  await began(scene);
  const terminal = await shell(context, scene);
  const screenBefore = await terminal.value('alternate_on');
  await tac8(terminal, `attach 1 --message 'Go on. ${script({ sh: 'git add -A; git commit -qm hello' }, { text: 'Done.' })}'`);
  // Its own screen, with what was said before.
  await terminal.shows(/gh-1 interrupted after \d+\.\d s; \d+ processes ended; work saved as [0-9a-f]{7}/, PATIENCE);
  // In a folder that claude has not been in before; its question whether to trust it would have leaving as its first answer.
  await terminal.shows('hello.txt', PATIENCE);
  expect([...liveRuns(place.root).values()].flat()).toEqual([]);
  expect(existsSync(join(tree, 'never'))).toBe(false);
  const held = (await place.status()).tasks[0];
  expect(held).toMatchObject({ state: 'pending', attempts: 0 });
  expect((await place.tac8('why', '1')).out).toMatch(/paused by a person/);
  expect((await place.tac8('attach', '1')).code).toBe(2);

  await terminal.type(`What did you do? ${script({ sh: 'echo person >>hello.txt' }, { text: 'I was here.' })}`);
  await terminal.shows('What did you do?');
  await terminal.press('Enter');
  // Its tools need no answer, as the worker's need none.
  await terminal.shows(/● I was here\./, PATIENCE);
  const [before, after] = [asked(scene)[1], asked(scene)[2]];
  expect(after?.turns).toBeGreaterThan(before?.turns ?? 0);
  await terminal.type('/exit');
  await terminal.press('Enter');
  await terminal.shows(/gh-1 is handed back: it goes on in the same conversation/, PATIENCE);
  await terminal.shows(/^left-0/m);
  expect(await terminal.value('alternate_on')).toBe(screenBefore);
  expect(await terminal.value('cursor_flag')).toBe('1');

  await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
  for (const file of ['hooked', 'served']) expect(existsSync(join(tree, file)), file).toBe(false);
  // One conversation, in which each request knows all that was said before.
  expect(new Set(asked(scene).map(({ session }) => session)).size).toBe(1);
  const turns = asked(scene).map((one) => one.turns);
  expect(turns).toHaveLength(6);
  expect(turns).toEqual([...new Set(turns)].sort((a, b) => a - b));
  expect(place.repo.git(['show', 'auto/gh-1:hello.txt'])).toBe('hello\nperson');
  // No failure was told to anybody.
  await place.until('the comment', () => place.fake.state.comments.length > 0);
  expect(place.fake.state.comments.map(({ body }) => body.split('\n')[0])).toEqual([expect.stringMatching(/^Done: /)]);
  const left = (): readonly string[] => place.strays().filter((line) => !/tmux|bash --norc/.test(line));
  await place.until('the end of every agent', () => left().length === 0);
});

test('a terminal that dies leaves the task paused; a failed task is opened and left as it is', LIMIT, async (context) => {
  const scene = await begin(context, WORK);
  const { place, tree } = scene;
  await began(scene);
  const terminal = await shell(context, scene);
  await tac8(terminal, 'attach 1');
  await terminal.shows('hello.txt', PATIENCE);
  const attached = await place.until('the session', () => sessionIn(tree));
  // It gets the worker's environment, not this shell's.
  const env = readFileSync(`/proc/${attached}/environ`, 'utf8').split('\0');
  expect(env).toContain('TAC8_TASK=gh-1');
  expect(env).toContain(`HOME=${join(place.root, '.tac8/homes/gh-1')}`);
  expect(env.filter((entry) => /hunter2|^GITHUB_TOKEN|^TAC8_RUN/.test(entry))).toEqual([]);
  const second = await shell(context, scene);
  await tac8(second, 'attach 1');
  await second.shows(/somebody is attached to gh-1 already: process \d+/);
  await second.shows('left-5');

  await terminal.close();
  await place.until('the end of the session', () => sessionIn(tree) === null);
  expect((await place.tac8('why', '1')).out).toMatch(/paused by a person/);
  expect(scene.daemon.happened().filter(({ event }) => event === 'started')).toHaveLength(1);
  expect((await place.tac8('cancel', '1')).code).toBe(0);

  await tac8(second, 'attach 1');
  await second.shows('hello.txt', PATIENCE);
  await place.until('the session', () => sessionIn(tree));
  await second.type('/exit');
  await second.press('Enter');
  await second.shows(/gh-1 is failed as before: .*\n?.*goes on in the conv/, PATIENCE);
  expect((await place.status()).tasks).toMatchObject([{ id: 'gh-1', state: 'failed', reason: { type: 'cancelled' } }]);
  expect(scene.daemon.happened().filter(({ event }) => event === 'started')).toHaveLength(1);
});

/** The process of a claude that works in the folder and belongs to no run; null: none. */
function sessionIn(folder: string): number | null {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (
        words[0] === claude &&
        words.includes('--resume') &&
        !words.includes('-p') &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder.replace('/trees/', '/.tac8/homes/'))
      )
        return Number(pid);
    } catch {
      // It ended while it was looked at.
    }
  }
  return null;
}
