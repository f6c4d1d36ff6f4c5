import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../src/adapters/machine/clock.ts';
import { openDatabase } from '../../src/adapters/machines/database.ts';
import { takeLead } from '../../src/adapters/machines/lead.ts';
import { openQueue } from '../../src/adapters/machines/queue.ts';
import { sharedOn } from '../../src/adapters/machines/shared.ts';
import { type Meeting, sharedConformance } from '../conformance/shared.ts';
import { siteConformance } from '../conformance/site.ts';
import { behind } from '../support/postgres/behind.ts';
import { type Postgres, startPostgres } from '../support/postgres/postgres.ts';

/** What machines share, by the real Postgres and pg-boss; the made-up one of the simulation runs the same. */

let postgres: Postgres;
let end: () => unknown;
beforeAll(async () => {
  postgres = await startPostgres({ onTestFinished: (ending) => (end = ending as typeof end) });
});
afterAll(() => end());

let count = 0;
async function meet(): Promise<Meeting> {
  count += 1;
  const database = await openDatabase(postgres.url, `meeting_${count}`);
  const ends: (() => Promise<void>)[] = [database.close];
  const queueOf = async (lead: Parameters<typeof openQueue>[1]) => {
    const queue = await openQueue(database, lead);
    ends.unshift(queue.close);
    return queue;
  };
  return {
    async lead(holder) {
      await database.query("update lead set seen = now() - interval '31 seconds'");
      const lead = await takeLead(database, { id: holder, words: holder }, () => undefined);
      return { ...lead, shared: sharedOn(database, lead), queue: await queueOf(lead) };
    },
    runner: async () => ({ shared: sharedOn(database), queue: await queueOf(null) }),
    silence: async (machine) =>
      void (await database.query("update machines set seen = now() - interval '1 hour' where name = $1", [machine])),
    async close() {
      for (const close of ends) await close();
    },
  };
}
sharedConformance('Postgres with pg-boss', meet);
siteConformance('a machine behind Postgres', async (home) => {
  const meeting = await meet();
  const { site, close } = await behind(home, systemClock, await meeting.lead('one'), await meeting.runner('m1'));
  return {
    site,
    async close() {
      await close();
      await meeting.close();
    },
  };
});
