import { sharedConformance } from '../../conformance/shared.ts';
import { HOUR, SECOND } from '../incidents/incidents.ts';
import { createTimeline } from '../incidents/timeline.ts';
import { randomOf } from '../random.ts';
import { createPostgres } from './postgres.ts';
import { createProgram } from './program.ts';

/** The made-up Postgres keeps the rules of the real one: the same table of tests. Its time goes on by itself here. */
sharedConformance('the made-up Postgres', async () => {
  const timeline = createTimeline(0);
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
});
