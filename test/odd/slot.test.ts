import { expect, test } from 'vitest';
import { NOTE, readNotes } from '../support/agents/agents-seen.ts';
import { workplace } from '../support/world/daemon.ts';

const AGENT = `${NOTE}
note begin
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
`;

test('a push that the remote never answers gives its slot away after a minute', { timeout: 300_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ max_concurrent_workers: 1, agent: place.agent(AGENT) });
  place.fake.faults.add({ match: { method: 'POST', path: /\/git-receive-pack$/ }, kind: 'hang', times: 1 });
  for (const title of ['Its push hangs', 'Waits for the slot']) place.issue(title);
  place.start();
  const hasBegun = (id: string) => () => readNotes(place.notes).some(({ task, what }) => task === id && what === 'begin');
  await place.until('the first', hasBegun('gh-1'));
  // The notes are looked at, which costs nothing: a status is a process.
  await place.until('the second', hasBegun('gh-2'), 200_000, 500);
  const first = (await place.status()).tasks.find(({ id }) => id === 'gh-1');
  expect(first).toMatchObject({ state: 'active', pull: null });
});
