import { expect, test } from 'vitest';
import { READ_FAULTS } from '../../support/forge/matrix/reads.ts';
import { workplace } from '../../support/world/daemon.ts';

/* Every read goes wrong in every way, one way after the other, under a daemon whose worker is at work: it stays, nothing is cancelled, and it is said. */

test('whatever GitHub answers to reads, the worker stays and nothing is cancelled', { timeout: 300_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  place.configure({ agent: place.agent(`echo '{"type":"text"}'; sleep 600`), max_concurrent_workers: 1 });
  place.issue('At work');
  place.issue('Waiting');
  place.start();
  const states = async () => (await place.status()).tasks.map(({ id, state, run }) => `${id} ${state} ${run?.state ?? ''}`).sort();
  await place.until('a worker', async () => (await states()).includes('gh-1 active running'));
  const before = await states();
  for (const { name, fault } of READ_FAULTS) {
    // A limit that lasts would keep the next ones from being asked at all.
    if (fault.kind === 'primary-limit' || fault.kind === 'secondary-limit') continue;
    const { id } = fake.faults.add({ ...fault, times: null, match: { method: 'GET', path: '/repos/' } });
    const met = (): number => fake.journal.entries().filter((entry) => entry.fault === fault.kind).length;
    const [seen, hangs] = [met(), fault.kind === 'hang'];
    if (!hangs) await place.until(`two reads that meet ${name}`, () => met() >= seen + 2);
    expect(await states(), name).toEqual(before);
    fake.faults.remove(id);
  }
  // 403 and 429 that hold for a while: said, with since when.
  fake.faults.add({ match: { method: 'GET', path: '/repos/' }, kind: 'secondary-limit', status: 429, times: null });
  const issues = await place.until('unknown', async () => {
    const { issues: found } = await place.status();
    return found?.known === false && found;
  });
  expect(issues).toMatchObject({ because: expect.stringMatching(/limit|many/i) });
  expect(await states()).toEqual(before);
  expect((await place.tac8('why', '2')).out).toMatch(/GitHub takes no requests: .*\(this hour: \d+ for /);
  expect((await place.status()).counters).toMatchObject({ workers_launched: 1 });
});
