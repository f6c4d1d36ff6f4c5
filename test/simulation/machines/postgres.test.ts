import type { Clock } from '../../../src/engine/ports/machine/clock.ts';
import { type Meeting, sharedConformance } from '../../conformance/shared.ts';
import { siteConformance } from '../../conformance/site.ts';
import { behind } from '../../support/postgres/behind.ts';
import { HOUR, SECOND } from '../incidents/incidents.ts';
import { createTimeline } from '../incidents/timeline.ts';
import { randomOf } from '../random.ts';
import { createPostgres } from './postgres.ts';
import { createProgram } from './program.ts';

/** The made-up Postgres keeps the rules of the real one: the same table of tests. Its time goes on by itself here. */
async function meet(timeline = createTimeline(0)): Promise<Meeting> {
  let isOpen = true;
  const run = async (): Promise<void> => {
    while (isOpen) if (!(await timeline.step())) await new Promise((resolve) => setImmediate(resolve));
  };
  void run();
  const until = (time: number): Promise<void> => new Promise((resolve) => void timeline.at(time, resolve));
  const lines = { isAway: () => false, isCut: () => false, losesAnswers: () => false };
  const postgres = createPostgres(timeline, randomOf(1, 'meeting'), lines, true);
  const program = createProgram(timeline, 'meeting');
  return {
    async lead(holder) {
      await until(timeline.mono() + 31 * SECOND);
      const lead = await postgres.takeLead('here', program, { id: holder, words: holder }, () => undefined);
      return { ...lead, ...postgres.connect('here', program, lead) };
    },
    runner: async (name) => postgres.connect(name, program),
    async silence(machine) {
      postgres.silence(machine, HOUR);
    },
    async close() {
      isOpen = false;
    },
  };
}
sharedConformance('the made-up Postgres', meet);
siteConformance('this machine', async (home) => ({ site: home, close: async () => undefined }));
siteConformance('a machine behind the made-up Postgres', async (home) => {
  const timeline = createTimeline(0);
  const meeting = await meet(timeline);
  const clock = { now: timeline.wall, steady: timeline.mono, at: (time: number, wake: () => void) => timeline.at(time, wake) } as Clock;
  const { site, close } = await behind(home, clock, await meeting.lead('one'), await meeting.runner('m1'));
  return {
    site,
    async close() {
      await close();
      await meeting.close();
    },
  };
});
