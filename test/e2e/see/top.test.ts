import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { liveRuns } from '../../support/agents/agents-seen.ts';
import { openShell, type Terminal } from '../../support/terminal/terminal.ts';
import { MAIN, SOURCES } from '../../support/world/built.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** `tac8 top` in a real terminal: keys go in, the screen is looked at, and afterwards the terminal is as before. */

const LIMIT = { timeout: 240_000 };
const PATIENCE = 45_000;

interface Scene {
  readonly place: Workplace;
  readonly daemon: Daemon;
  readonly terminal: Terminal;
}

/** Says a line, then whatever is written into the notes, until it is ended. */
const AGENT = 'cat >/dev/null; echo "begun $TAC8_TASK"; touch "$1/$TAC8_TASK"; echo work >work.txt; exec tail -n +1 -f "$1/$TAC8_TASK"';

async function begin(context: TestContext, titles: readonly string[]): Promise<Scene> {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: titles.length });
  for (const title of titles) place.issue(title);
  const daemon = place.start();
  await place.until('the workers', () => titles.every((_, n) => existsSync(join(place.notes, `gh-${n + 1}`))));
  const terminal = await openShell(context, place, { columns: 100, rows: 24 });
  return { place, daemon, terminal };
}

const line = async ({ terminal }: Scene, words: string): Promise<void> => {
  await terminal.type(words);
  await terminal.press('Enter');
};
/** Starts top from the shell, the terminal's settings written down before and after. */
const start = (scene: Scene, main = MAIN): Promise<void> =>
  line(
    scene,
    `clear; stty -a >before; echo $$; ${process.execPath} ${main} top; echo left-$?; stty -a >after; cmp before after && echo same`,
  );
const isOpen = ({ terminal }: Scene): Promise<string> => terminal.shows(/q leave/, PATIENCE);

/** As before: its settings, its own screen with what stood there, a cursor. */
async function asBefore(scene: Scene, code: number): Promise<void> {
  const { terminal } = scene;
  const screen = await terminal.shows(/^same$/m, PATIENCE);
  expect(screen).toMatch(new RegExp(`^left-${code}$`, 'm'));
  expect(screen).not.toContain('q leave');
  expect(await terminal.value('alternate_on')).toBe('0');
  expect(await terminal.value('cursor_flag')).toBe('1');
  await line(scene, 'echo "typ"ed');
  await terminal.shows(/^typed$/m);
}

test(
  'lists, opens a transcript and follows it, finds, resizes, stops a worker, and leaves the terminal as before',
  LIMIT,
  async (context) => {
    const scene = await begin(context, ['Add an LED example', 'Tidy \u001b[2Jthe examples']);
    const { place, terminal } = scene;
    await start(scene);
    await isOpen(scene);
    expect(await terminal.value('alternate_on')).toBe('1');
    const screen = await terminal.shows(/▸ 1 +running +Add an LED example/);
    expect(screen).toMatch(/daemon \d+ for .* · 2\/2 slots/);
    // A title cannot clear the screen.
    expect(screen).toMatch(/^ {2}2 +running +Tidy ␛\[2Jthe/m);

    await terminal.press('Down');
    await terminal.shows(/▸ 2 /);
    await terminal.press('Up', 'Enter');
    await terminal.shows('begun gh-1');
    await terminal.shows(/gh-1 · following/);
    appendFileSync(join(place.notes, 'gh-1'), 'one more line\n');
    await terminal.shows('one more line');
    appendFileSync(join(place.notes, 'gh-1'), Array.from({ length: 60 }, (_, n) => `number ${n}.\n`).join(''));
    await terminal.shows('number 59.');
    await terminal.press('PageUp');
    await terminal.shows(/gh-1 · \d+ lines back/);
    await terminal.type('/number 7.');
    await terminal.press('Enter');
    await terminal.type('n');
    await terminal.shows('number 7.');
    await terminal.press('End');
    await terminal.shows(/gh-1 · following/);

    await terminal.resize(60, 12);
    await terminal.shows(/number 59\./);
    await terminal.press('Escape', 'Escape');
    await terminal.shows(/▸ 1 +running/);
    expect((await terminal.screen()).split('\n').length).toBeLessThanOrEqual(13);
    await terminal.resize(100, 24);
    await terminal.type('/tidy');
    await terminal.press('Enter');
    await terminal.shows(/▸ 2 +running/);
    expect(await terminal.screen()).not.toContain('LED');
    await terminal.press('Escape');
    await terminal.shows('LED');

    await terminal.press('Home');
    await terminal.type('s');
    await terminal.shows(/stop gh-1: .*Sure\? y\/N/);
    await terminal.type('n');
    await terminal.shows('stop: not done');
    expect(liveRuns(place.root).size).toBe(2);
    await terminal.type('s');
    await terminal.shows(/Sure\? y\/N/);
    await terminal.type('y');
    await terminal.shows(/gh-1 stopped after \d+\.\d s; \d+ process(es)? ended; work saved as [0-9a-f]{7}/, PATIENCE);
    await terminal.shows(/1 +failed +Add an LED example +stopped: /);
    expect(liveRuns(place.root).size).toBe(1);
    await terminal.type('q');
    await asBefore(scene, 0);
  },
);

test('pauses, retries, tells and kills by the same path as the commands, and says what happened', LIMIT, async (context) => {
  const scene = await begin(context, ['Add an LED example']);
  const { place, terminal } = scene;
  await start(scene);
  await isOpen(scene);
  await terminal.type('P');
  await terminal.shows(/the fleet is paused: nothing new starts; the running worker goes on to its end/, PATIENCE);
  await terminal.shows(/paused for /);
  await terminal.type('t');
  await terminal.type('Use tabs.');
  await terminal.shows('tell gh-1: Use tabs.');
  await terminal.press('Enter');
  await terminal.shows(/gh-1: kept for the next run: its agent takes no messages/, PATIENCE);
  await terminal.type('xy');
  await terminal.shows(/gh-1 killed after /, PATIENCE);
  await terminal.type('r');
  await terminal.shows('gh-1 is in the queue again', PATIENCE);
  await terminal.shows(/1 +pending/);
  await terminal.type('P');
  await terminal.shows(/1 +running/, PATIENCE);
  await place.until('the second run', () => liveRuns(place.root).size === 1);
  await terminal.press('C-c');
  await asBefore(scene, 0);
});

/** The only child of a process. */
function childOf(parent: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent);
    } catch {
      // It ended while it was looked at.
      return false;
    }
  });
  if (found === undefined) throw new Error(`${parent} has no child`);
  return Number(found);
}

test.each([
  ['TERM', 143],
  ['HUP', 129],
  ['INT', 130],
] as const)('SIG%s gives the terminal back', LIMIT, async (signal, code) => {
  const finished: (() => unknown)[] = [];
  const scene = await begin({ onTestFinished: (done: () => unknown) => finished.push(done) } as unknown as TestContext, ['One']);
  try {
    await start(scene);
    await isOpen(scene);
    const parent = Number(await scene.terminal.value('pane_pid'));
    process.kill(childOf(parent), `SIG${signal}`);
    await asBefore(scene, code);
  } finally {
    for (const done of finished.reverse()) await done();
  }
});

test('without a daemon it shows what is known, says so, and steers nothing', LIMIT, async (context) => {
  const scene = await begin(context, ['Add an LED example']);
  const { place, daemon, terminal } = scene;
  await daemon.end('SIGKILL');
  await start(scene);
  await isOpen(scene);
  await terminal.shows(/no daemon runs · /);
  await terminal.shows(/read only: nothing can be steered/);
  await terminal.type('x');
  await terminal.shows('no daemon runs: nothing can be steered');
  await terminal.press('Enter');
  await terminal.shows('begun gh-1');
  await terminal.press('Escape');
  await terminal.type('q');
  await asBefore(scene, 0);
  expect((await place.tac8('top')).code).toBe(2);
});

test('a crash of its own gives the terminal back, too, and is said', LIMIT, async (context) => {
  const scene = await begin(context, ['Add an LED example']);
  const { place, daemon, terminal } = scene;
  place.issue('One that waits');
  await place.until('the one that waits', async () => (await place.status()).counts.pending === 1);
  await daemon.end('SIGKILL');
  // Whatever the store holds is checked when it is read: what breaks is the drawing itself.
  const [flag, breaker] = [join(place.home, 'break'), join(place.home, 'breaker.cjs')];
  const breaks = `require('node:fs').existsSync('${flag}') && /top.rows/.test(new Error().stack)`;
  writeFileSync(
    breaker,
    `const real = String.prototype.replace;
    String.prototype.replace = function (...given) {
      return ${breaks} ? this.gone() : real.apply(this, given);
    };`,
  );
  await line(scene, `export NODE_OPTIONS="--require ${breaker}"`);
  // The built program has no file of that name.
  await start(scene, SOURCES);
  await isOpen(scene);
  writeFileSync(flag, '');
  await asBefore(scene, 1);
  expect(await terminal.screen()).toMatch(/tac8: .*is not a function/s);
});
