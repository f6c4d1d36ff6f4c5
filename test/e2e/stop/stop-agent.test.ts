import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { openShell } from '../../support/terminal/terminal.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';
import { inTheBox } from '../../support/world/in-the-box.ts';

/** Agents of any kind, of which tac8 reads no word: stopped between two lines, by signals, and by people who know nothing of tac8. */

const LIMIT = { timeout: 60_000 };
const PATIENCE = 30_000;

interface Scene {
  readonly place: Workplace;
  readonly daemon: Daemon;
  readonly task: string;
}

/** An agent that writes a file, then does as the script says. */
async function begin(context: TestContext, script: string, stop: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const place = await workplace(context);
  const agent = place.agent(`${NOTE}\ncat >"$NOTES/prompt.$TAC8_RUN"\necho hello >hello.txt\nnote begin\n${script}`);
  place.configure({
    agent: { ...agent, command: [...agent.command, '{{ task }}'] },
    stop: { tool: '20s', interrupt: '5s', terminate: '5s', kill: '3s', ...stop },
  });
  const task = `gh-${place.issue('Say hello')}`;
  const scene = { place, task, daemon: place.start() };
  await noted(scene, 'begin');
  return scene;
}

const notes = ({ place }: Scene): readonly string[] => readNotes(place.notes).map(({ what }) => what);
const noted = (scene: Scene, what: string): Promise<unknown> =>
  scene.place.until(`the note: ${what}`, () => notes(scene).includes(what), PATIENCE);
const savedIn = ({ place, task }: Scene): string =>
  place.repo
    .git(['for-each-ref', '--format=%(objectname)', `refs/tac8/saved/${task}`])
    .split('\n')
    .at(-1) ?? '';
const pidOnBoard = async ({ place }: Scene): Promise<number> =>
  Number(await place.until('the PID on the board', () => /^- PID: (\d+)$/m.exec(place.board())?.[1]));

test('stop: what it does until its next line is let end; then it is ended, and nothing further begins', LIMIT, async (context) => {
  const scene = await begin(
    context,
    'until [ -e "$NOTES/go" ]; do sleep 0.05; done\nnote ended\necho a line\nsleep 60 &\nwait\nnote further',
  );
  const stopped = scene.place.tac8('stop', scene.task);
  await scene.place.until('the asking', () => scene.daemon.happened().some(({ event, detail }) => event === 'rung' && detail === 'ask'));
  expect(notes(scene)).toEqual(['begin']);
  writeFileSync(join(scene.place.notes, 'go'), '');
  const { code, out } = await stopped;
  expect(code).toBe(0);
  expect(out).toMatch(
    new RegExp(`^${scene.task} stopped after \\d+\\.\\d s; \\d processes ended; work saved as [0-9a-f]{7} on auto/${scene.task}`),
  );
  expect(notes(scene)).toEqual(['begin', 'ended']);
  const rungs = scene.daemon.happened().filter(({ event }) => event === 'rung');
  expect(rungs.map(({ detail }) => detail)).toEqual(['ask', 'signal']);
  expect(scene.place.repo.git(['show', `auto/${scene.task}:hello.txt`])).toBe('hello');
  expect(scene.place.strays()).toEqual([]);
});

test('stop, at a terminal: who waits for the tool in hand is told so', LIMIT, async (context) => {
  const scene = await begin(context, 'until [ -e "$NOTES/go" ]; do sleep 0.05; done\necho a line\nsleep 60 &\nwait');
  const terminal = await openShell(context, scene.place, { columns: 120 });
  await terminal.type(`clear; ${process.execPath} ${MAIN} stop ${scene.task}; echo left-$?`);
  await terminal.press('Enter');
  await terminal.shows(
    `waiting for the daemon: the tool call of ${scene.task} may end first; Ctrl-C ends the waiting, not what was asked`,
    PATIENCE,
  );
  writeFileSync(join(scene.place.notes, 'go'), '');
  expect(await terminal.shows('left-0', PATIENCE)).toContain(`${scene.task} stopped after`);
});

test('stop: one that says nothing and heeds no signal has its times, one after the other, and is gone', LIMIT, async (context) => {
  const scene = await begin(context, "trap '' INT TERM\nsetsid sh -c 'trap \"\" TERM; sleep 300' &\nwhile :; do sleep 1; done", {
    tool: '400ms',
    interrupt: '300ms',
    terminate: '300ms',
  });
  expect((await scene.place.tac8('stop', scene.task)).out).toMatch(/stopped after \d+\.\d s; [3-9] processes ended/);
  const rungs = scene.daemon.happened().filter(({ event }) => event === 'rung');
  expect(rungs.map(({ detail }) => detail)).toEqual(['ask', 'signal', 'terminate', 'kill']);
  const times = rungs.map(({ at }) => Date.parse(at));
  const least = [400, 300, 300];
  for (const [n, wait] of least.entries()) expect((times[n + 1] ?? 0) - (times[n] ?? 0)).toBeGreaterThanOrEqual(wait);
  expect(scene.place.strays()).toEqual([]);
});

/** Whom a person's command would reach. `pkill` is `pgrep` and a SIGTERM; other agents of this machine are not to be met. */
const BY_HAND: Readonly<Record<string, (scene: Scene) => Promise<readonly number[]>>> = {
  'kill PID': async (scene) => [await pidOnBoard(scene)],
  'pkill -f gh-N': async ({ place, task }) =>
    execFileSync('pgrep', ['-f', `${place.home}/agent.sh .*${task}`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number),
};

test.for(Object.keys(BY_HAND))('a person’s %s is understood: killed, the exit code known, the work saved', LIMIT, async (what, context) => {
  const scene = await begin(context, ': >"$(git rev-parse --git-dir)/index.lock"\nnote locked\nsleep 300');
  const { place, task, daemon } = scene;
  await noted(scene, 'locked');
  const pids = (await BY_HAND[what]?.(scene)) ?? [];
  expect(pids).toEqual([await pidOnBoard(scene)]);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const line = new RegExp(`\\[❌ w-[0-9a-f]{6}\\] ${task}: Say hello\\n- Reason: ended by SIGTERM from outside\\n`);
  await place.until('the failure on the board', () => line.test(place.board()), PATIENCE);
  expect(daemon.happened().find(({ event }) => event === 'ended')?.detail).toBe('exit code 143');
  expect(place.repo.git(['show', `${savedIn(scene)}:hello.txt`])).toBe('hello');
  // What the dead left in the way of git is gone; in a box it was never in the shared folder.
  const mended = daemon.happened().find(({ event }) => event === 'mended')?.detail;
  if (inTheBox()) expect(mended).not.toContain('index.lock');
  else expect(mended).toContain('index.lock');
  expect(existsSync(join(place.root, '.git/worktrees', task, 'index.lock'))).toBe(false);
  expect(place.strays()).toEqual([]);
});

test('tell: kept while such an agent runs, and in the prompt of its next run', LIMIT, async (context) => {
  const scene = await begin(context, 'sleep 300');
  const { place, task } = scene;
  const { code, out } = await place.tac8('tell', task, 'Use "tabs", not $(spaces).');
  expect(code).toBe(0);
  expect(out).toMatch(/: kept for the next run: its agent takes no messages while it works/);
  await place.tac8('kill', task);
  await place.tac8('retry', task);
  await place.until('the second run', () => notes(scene).length === 2, PATIENCE);
  const [, second] = readNotes(place.notes);
  expect(readFileSync(join(place.notes, `prompt.${second?.run}`), 'utf8')).toMatch(/A person adds:\nUse "tabs", not \$\(spaces\)\.$/);
  await place.tac8('kill', task);
});

test('what comes into the log of an ended run changes nothing', LIMIT, async (context) => {
  const scene = await begin(context, 'sleep 300');
  const { place, task, daemon } = scene;
  await place.tac8('kill', task, '--reason', 'enough');
  const before = { board: place.board().replace(/^\*\*Last.*$/m, ''), status: (await place.status()).tasks };
  const result = {
    type: 'result',
    subtype: 'success',
    is_error: false,
    terminal_reason: 'completed',
    result: 'All done.',
    usage: {},
    total_cost_usd: 99,
  };
  appendFileSync(join(place.root, `logs/${task}.jsonl`), `${JSON.stringify(result)}\n`);
  const other = `gh-${place.issue('Another one')}`;
  await place.until(
    'the next task to be started',
    () => daemon.happened().some(({ task: of, event }) => of === other && event === 'launched'),
    PATIENCE,
  );
  expect((await place.status()).tasks.filter(({ id }) => id === task)).toEqual(before.status);
  expect(place.board()).toContain(`${task}: Say hello\n- Reason: enough\n`);
  await place.tac8('kill', other);
});
