import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { liveRuns, NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** Works for a second, whatever becomes of the daemon. */
const AGENT = `${NOTE}
note begin
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
sleep 0.5
git add -A && git commit -qm "work on $TAC8_TASK" || note trouble
sleep 0.5
note end
`;

const ROUNDS = 5;
const KILLS = 3;
/** After a daemon's first question to GitHub: worktrees, the agents' work, pushes, pulls and comments all lie in here. */
const LATEST_KILL = 2_500;

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

interface Round {
  readonly numbers: readonly number[];
  readonly daemon: Daemon;
  /** When the daemons before the last were killed. */
  readonly moments: readonly string[];
}

/** Runs whose agent is being started, or was. */
const launchesIn = (place: Workplace): number => {
  const runs = join(place.root, '.tac8/runs');
  return existsSync(runs) ? readdirSync(runs).filter((run) => existsSync(join(runs, run, 'launched'))).length : 0;
};

/** Starts a daemon, and answers when it has asked GitHub for the first time. */
async function ready(place: Workplace): Promise<Daemon> {
  const before = place.fake.journal.entries().at(-1)?.seq ?? 0;
  const daemon = place.start();
  await place.until('the first question of a daemon', () => place.fake.journal.entries(before).length > 0, 30_000, 1);
  return daemon;
}

/** Starts a daemon and kills it; answers when. */
async function startAndKill(place: Workplace, draw: () => number): Promise<string> {
  const moment = Math.round(draw() * LATEST_KILL);
  const early = draw() < 0.2;
  const daemon = early ? place.start() : await ready(place);
  await sleep(moment);
  await daemon.end('SIGKILL');
  return `${moment} ms after its ${early ? 'start' : 'first question'}`;
}

/** Two new issues; the daemon is killed again and again while they are worked on; the last one is left to finish. */
async function playRound(place: Workplace, draw: () => number): Promise<Round> {
  const numbers = [place.issue('One'), place.issue('Two')];
  const launches = launchesIn(place);
  const first = place.start();
  // The first kill aims at the gap between a worker's start and the record of it.
  await place.until('a launch', () => launchesIn(place) > launches, 30_000, 1);
  await first.end('SIGKILL');
  const moments = ['at a launch'];
  for (let kill = 1; kill < KILLS; kill += 1) moments.push(await startAndKill(place, draw));
  // All may be done by now: the last one is ready when it asks.
  return { numbers, daemon: await ready(place), moments };
}

/** What the agents and the forge say of an issue: each thing once. */
function traceOf(place: Workplace, number: number) {
  const { issues, comments } = place.fake.state;
  const notes = readNotes(place.notes).filter(({ task }) => task === `gh-${number}`);
  const pulls = issues.filter(({ pull, body }) => pull !== null && body?.startsWith(`Closes #${number}\n`));
  const pushes = place.fake.journal.entries().flatMap((entry) => entry.pushes ?? []);
  return {
    notes: notes.map(({ what }) => what),
    pulls: pulls.length,
    comments: comments.filter(({ issue }) => issue === number).map(({ body }) => body.split('\n')[0]),
    pushed: pushes.filter(({ ref, done }) => done && ref === `refs/heads/auto/gh-${number}`).length,
    line: place
      .board()
      .split('\n')
      .find((line) => line.includes(`gh-${number}: `))
      ?.slice(0, 2),
  };
}

test(
  'the daemon is killed at random moments: workers are adopted, none is doubled, one pull and one comment each',
  { timeout: 180_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 2 });
    const seed = Number(process.env.TAC8_SEED ?? Date.now() % 2 ** 31);
    const draw = random(seed);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { numbers, daemon, moments } = await playRound(place, draw);
      const about = `seed ${seed}, round ${round}, killed ${moments.join(', ')}`;
      const isTold = (number: number): boolean => place.fake.state.comments.some(({ issue }) => issue === number);
      await place.until(`both comments (${about})`, () => numbers.every(isTold));
      expect(await daemon.end('SIGTERM'), about).toMatchObject({ code: 0 });
      for (const number of numbers) {
        const pull = place.fake.state.issues.find(({ body }) => body?.startsWith(`Closes #${number}\n`));
        expect(traceOf(place, number), about).toEqual({
          ...{ notes: ['begin', 'end'], pulls: 1, pushed: 1, line: '[✅' },
          comments: [`Done: pull request #${pull?.number} is open as a draft.`],
        });
      }
      expect(liveRuns(place.root).size, about).toBe(0);
    }
    expect((await place.status()).counters).toMatchObject({ workers_completed: 2 * ROUNDS, workers_failed: 0, prs_created: 2 * ROUNDS });
    expect(place.strays()).toEqual([]);
  },
);

/** Objects are borrowed from where a named pipe waits, which holds every git that looks for one. */
const LENDS = `store="$1/store"; mkdir -p "$store/pack"
printf 'PACK%0100d' 0 >"$store/pack/pack-${'a'.repeat(40)}.pack"; mkfifo "$store/pack/pack-${'a'.repeat(40)}.idx"
echo work >work.txt
mkdir -p "$(git rev-parse --git-common-dir)/objects/info"; echo "$store" >"$(git rev-parse --git-common-dir)/objects/info/alternates"`;

/** The gits of that daemon that are at work. */
const gitsOf = (pid: number): readonly string[] =>
  readdirSync('/proc').filter((one) => /^\d+$/.test(one) && tryRead(`/proc/${one}/environ`).includes(`TAC8_GIT_OWNER=${pid} `));

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone
  }
}

test(
  'a git that waits for ever ends within seconds of the kill of its daemon, though no other daemon begins',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(LENDS), max_concurrent_workers: 1 });
    place.issue('Lends');
    const daemon = place.start();
    const before = new Set<string>();
    // The same one twice, with time between: it waits.
    await place.until('a git that waits', async () => {
      const now = gitsOf(daemon.pid);
      const waits = now.some((pid) => before.has(pid));
      for (const pid of now) before.add(pid);
      if (!waits) await sleep(300);
      return waits;
    });
    await daemon.end('SIGKILL');
    await place.until('the end of all its gits', () => gitsOf(daemon.pid).length === 0);
  },
);
