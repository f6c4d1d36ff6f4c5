import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { liveRuns, NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { type Daemon, type Happened, type Workplace, workplace } from '../../support/world/daemon.ts';

/** Works until its gate is opened. */
const AGENT = `${NOTE}
note begin
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
until [ -e "$NOTES/$TAC8_TASK" ]; do sleep 0.02; done
note end
`;

/** The most runs that had a process at the same time, looked at from outside as often as it goes. */
function watchLive(root: string): { stop(): Promise<number> } {
  let most = 0;
  let going = true;
  const looking = (async () => {
    while (going) {
      most = Math.max(most, liveRuns(root).size);
      await sleep(5);
    }
  })();
  return {
    async stop() {
      going = false;
      await looking;
      return most;
    },
  };
}

/** The most runs that were between their own first and last word. */
function overlap(place: Workplace): number {
  let now = 0;
  let most = 0;
  for (const { what } of readNotes(place.notes)) {
    now += what === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

const begun = (place: Workplace): readonly string[] => readNotes(place.notes).flatMap(({ task, what }) => (what === 'begin' ? [task] : []));
const when = (daemon: Daemon, task: string, event: string): Happened | undefined =>
  daemon.happened().find((one) => one.task === task && one.event === event);
const polls = (place: Workplace): number => place.fake.journal.entries().filter(({ path }) => path.includes('/issues?')).length;

test(
  'three issues, two slots: never more than two workers live; the third starts in the tick that frees a slot',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ max_concurrent_workers: 2, agent: place.agent(AGENT) });
    const tasks = ['First', 'Second', 'Third'].map((title) => `gh-${place.issue(title)}`);
    const [first = '', second = '', third = ''] = tasks;
    const daemon = place.start();
    const watch = watchLive(place.root);

    await place.until('two agents at work', () => begun(place).length === 2);
    expect(begun(place).toSorted()).toEqual([first, second]);
    // The daemon has every occasion to start the third.
    const before = polls(place);
    await place.until('three more looks at the issues', () => polls(place) >= before + 3);
    expect(begun(place)).toHaveLength(2);
    expect(place.board()).toContain('## Active (max 2)');
    expect((await place.status()).notes.map(({ text }) => text)).toContain('waiting for a slot (2/2)');

    writeFileSync(join(place.notes, second), '');
    await place.until('the third agent', () => begun(place).includes(third));
    // One tick writes everything with one time.
    expect(when(daemon, third, 'started')?.at).toBe(when(daemon, second, 'completed')?.at);

    for (const task of [first, third]) writeFileSync(join(place.notes, task), '');
    await place.until('all three done', () => (place.board().match(/^\[✅/gm) ?? []).length === 3);
    expect(await watch.stop()).toBe(2);
    expect(overlap(place)).toBe(2);
    expect(begun(place)).toHaveLength(3);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    expect(place.strays()).toEqual([]);
  },
);
