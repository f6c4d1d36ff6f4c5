import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { liveRuns, NOTE, readNotes } from '../support/agents-seen.ts';
import { type Daemon, type Workplace, workplace } from '../support/daemon.ts';

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
/** From the start of a daemon: its own start, the worktrees, the agents' work, pushes, pulls and comments all lie in here. */
const LATEST_KILL = 3_000;

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
  /** When the daemons before the last were killed, in milliseconds after their start. */
  readonly moments: readonly number[];
}

/** Two new issues; the daemon is killed again and again while they are worked on; the last one is left to finish. */
async function playRound(place: Workplace, draw: () => number): Promise<Round> {
  const numbers = [place.issue('One'), place.issue('Two')];
  const moments: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const daemon = place.start();
    const moment = Math.round(draw() * LATEST_KILL);
    moments.push(moment);
    await sleep(moment);
    await daemon.end('SIGKILL');
  }
  const before = place.fake.journal.entries().at(-1)?.seq ?? 0;
  const daemon = place.start();
  // All may be done by now: it is ready when it asks.
  await place.until('the first question of the last daemon', () => place.fake.journal.entries(before).length > 0);
  return { numbers, daemon, moments };
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
      const about = `seed ${seed}, round ${round}, killed after ${moments.join(', ')} ms`;
      const isTold = (number: number): boolean => place.fake.state.comments.some(({ issue }) => issue === number);
      await place.until(`both comments (${about})`, () => numbers.every(isTold), 30_000);
      expect(await daemon.end('SIGTERM'), about).toMatchObject({ code: 0 });
      for (const number of numbers) {
        const pull = place.fake.state.issues.find(({ body }) => body?.startsWith(`Closes #${number}\n`));
        expect(traceOf(place, number), about).toEqual({
          ...{ notes: ['begin', 'end'], pulls: 1, pushed: 1, line: '[✅' },
          comments: [`Done: pull request #${pull?.number} is open for review.`],
        });
      }
      expect(liveRuns(place.root).size, about).toBe(0);
    }
    expect((await place.status()).counters).toMatchObject({ workers_completed: 2 * ROUNDS, workers_failed: 0, prs_created: 2 * ROUNDS });
    expect(place.strays()).toEqual([]);
  },
);
