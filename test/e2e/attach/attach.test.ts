import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { openShell, type Terminal } from '../../support/terminal/terminal.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** What `tac8 attach` does when things go wrong or otherwise, with an agent that only speaks as claude does. */

const LIMIT = { timeout: 180_000 };
const PATIENCE = 60_000;
const SESSION = '11111111-2222-4333-8444-555555555555';

/** As a worker it says who it is and works until it is ended; for a person it is a screen that takes lines. */
const AGENT = `#!/bin/sh
case " $* " in
  *' -p '*)
    echo '{"type":"system","subtype":"init","session_id":"${SESSION}","cwd":"/","tools":[],"model":"m"}'
    echo work >work.txt
    exec cat >/dev/null ;;
esac
stty raw -echo; printf '\\033[?1049h\\033[?25l'
[ -e die ] && kill -9 $$
stty sane; printf 'session %s in %s\\n' "$2" "$PWD"
read -r line; printf '\\033[?1049l\\033[?25h'
exit "\${line:-0}"
`;

interface Scene {
  readonly place: Workplace;
  readonly terminal: Terminal;
  daemon: Daemon;
}

async function begin(context: TestContext): Promise<Scene> {
  const place = await workplace(context);
  place.repo.write('agent.sh', AGENT, place.home);
  const path = join(place.home, 'agent.sh');
  place.configure({ agent: { kind: 'claude', command: ['/bin/sh', path], env: ['NOT_SET_HERE'] } });
  place.issue('Say hello');
  const daemon = place.start();
  // Recorded by the daemon, not only said.
  await place.until('its first word', async () => (await place.status()).tasks[0]?.run?.last_event_at);
  const terminal = await openShell(context, place, { columns: 120 });
  return { place, terminal, daemon };
}

async function attach({ terminal }: Scene, words = ''): Promise<void> {
  await terminal.type(
    `clear; stty -a >before; ${process.execPath} ${MAIN} attach 1 ${words}; echo left-$?; stty -a >after; cmp before after && echo same`,
  );
  await terminal.press('Enter');
}
const isOpen = ({ terminal, place }: Scene): Promise<string> =>
  terminal.shows(`session ${SESSION} in ${join(place.root, 'trees/gh-1')}`, PATIENCE);
const isPaused = async ({ place }: Scene): Promise<boolean> => /paused by a person/.test((await place.tac8('why', '1')).out);
const starts = ({ daemon }: Scene): number => daemon.happened().filter(({ event }) => event === 'started').length;

test(
  'a session that is killed in the midst of drawing: the terminal is as before, the task stays paused until resumed',
  LIMIT,
  async (context) => {
    const scene = await begin(context);
    const { place, terminal } = scene;
    writeFileSync(join(place.root, 'trees/gh-1/die'), '');
    await attach(scene);
    const screen = await terminal.shows(/^same$/m, PATIENCE);
    expect(screen).toMatch(
      /tac8: (?:the session was ended by SIGKILL|\/bin\/sh ended with 137): gh-1 stays paused\n`tac8 resume gh-1` lets it go on/,
    );
    expect(screen).toContain('left-1');
    expect(screen).toContain('not set in this shell: NOT_SET_HERE');
    expect(await terminal.value('alternate_on')).toBe('0');
    expect(await terminal.value('cursor_flag')).toBe('1');
    expect(await isPaused(scene)).toBe(true);
    expect((await place.tac8('resume', '1')).code).toBe(0);
    await place.until('the next run', () => starts(scene) === 2);
    await place.until('its conversation', () => place.read('logs/gh-1.jsonl').includes(SESSION));
  },
);

test('--no-resume leaves it paused; the next attach hands it back', LIMIT, async (context) => {
  const scene = await begin(context);
  const { place, terminal } = scene;
  await attach(scene, '--no-resume');
  await isOpen(scene);
  await terminal.press('Enter');
  await terminal.shows(/gh-1 stays paused: `tac8 resume gh-1` lets it go on/, PATIENCE);
  await terminal.shows(/^same$/m);
  expect(await isPaused(scene)).toBe(true);
  expect(starts(scene)).toBe(1);
  await attach(scene);
  await isOpen(scene);
  await terminal.type('7');
  await terminal.press('Enter');
  // An agent that ended with an error may have opened nothing: nothing goes on unasked.
  await terminal.shows(/ended with 7: gh-1 stays paused\n`tac8 resume gh-1` lets it go on, `tac8 attach gh-1` opens it again/, PATIENCE);
  expect(await isPaused(scene)).toBe(true);
  expect(starts(scene)).toBe(1);
  await attach(scene);
  await isOpen(scene);
  await terminal.press('Enter');
  await terminal.shows(/gh-1 is handed back: it goes on in the same conversation/, PATIENCE);
  await place.until('the next run', () => starts(scene) === 2);
});

test('Ctrl-C while the worker is being ended changes the mind: it goes on', LIMIT, async (context) => {
  const scene = await begin(context);
  const { place, terminal } = scene;
  place.configure({
    agent: { kind: 'claude', command: ['/bin/sh', join(place.home, 'agent.sh')] },
    stop: { tool: '4s', interrupt: '4s', terminate: '1s', kill: '2s' },
  });
  expect(await place.tac8('reload')).toMatchObject({ code: 0, err: '' });
  // The daemon hears nobody for a moment: what a person takes back is still said after what it takes back.
  const takeAway = setInterval(() => {
    for (const dir of ['.tac8', '.git/tac8-door']) rmSync(join(place.root, dir, 'door.sock'), { force: true });
  }, 20);
  await attach(scene);
  await terminal.shows('its worker is being ended');
  await terminal.press('C-c');
  clearInterval(takeAway);
  await terminal.shows(/gh-1 goes on as soon as its worker has ended/);
  await terminal.shows('left-130');
  await place.until('the next run', () => starts(scene) === 2, PATIENCE);
  expect(await isPaused(scene)).toBe(false);
});

test('without a daemon: refused while a worker runs; else the session opens, and the next start goes on in it', LIMIT, async (context) => {
  const scene = await begin(context);
  const { place, terminal } = scene;
  await scene.daemon.end('SIGKILL');
  await attach(scene);
  await terminal.shows(/a worker of gh-1 runs \(w-[0-9a-f]{6}, pid \d+\), and no daemon that could end it/, PATIENCE);
  await terminal.shows('left-3');
  for (const pid of [...liveRuns(place.root).values()].flat()) process.kill(pid, 'SIGKILL');
  await attach(scene);
  await isOpen(scene);
  // A daemon that starts meanwhile does not come into the person's conversation.
  scene.daemon = place.start();
  await place.until('the end of the run', async () => (await place.status()).tasks[0]?.state === 'pending', PATIENCE);
  expect(starts(scene)).toBe(0);
  await terminal.press('Enter');
  await terminal.shows(/gh-1 is handed back: it goes on in the same conversation/, PATIENCE);
  await place.until('the next run', () => starts(scene) === 1);
});
