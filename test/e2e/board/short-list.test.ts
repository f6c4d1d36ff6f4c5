import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** Works until it is let end. */
const AGENT = `
echo words >work.txt
until [ -e "$1/end" ]; do sleep 0.05; done
git add -A && git commit -qm 'all of it'
`;

const asked = (place: Workplace, number: number): number =>
  place.fake.journal.entries().filter(({ method, path }) => method === 'GET' && path.endsWith(`/issues/${number}`)).length;
const lists = (place: Workplace): number => place.fake.journal.entries().filter(({ path }) => path.includes('/issues?')).length;

test('a list that is short but looks whole cancels nobody; the issue itself does', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 2 });
  const numbers = [place.issue('One'), place.issue('Two'), place.issue('Three')];
  const [one = 0, two = 0, three = 0] = numbers;
  place.start();
  await place.until('two at work', () => [one, two].every((number) => existsSync(join(place.root, `trees/gh-${number}/work.txt`))));
  const stateOf = async (number: number) => (await place.status()).tasks.find(({ id }) => id === `gh-${number}`);

  // Half of the list, again and again: the second half is asked for by itself, once, and stays.
  place.fake.faults.add({ match: { method: 'GET', path: '/issues\\?' }, kind: 'partial-page', times: null });
  await place.until('the missing ones are asked for', () => asked(place, two) + asked(place, three) >= 2);
  const before = lists(place);
  await place.until('more lists', () => lists(place) >= before + 6, 60_000);
  expect([one, two, three].map((number) => asked(place, number) <= 1)).toEqual([true, true, true]);
  expect(await stateOf(two)).toMatchObject({ state: 'active', run: { state: 'running' } });
  expect(await stateOf(three)).toMatchObject({ state: 'pending' });
  expect((await place.status()).notes.map(({ text }) => text).join('\n')).toMatch(/kept: its issue is missing from the list, but is open/);

  // The list is whole again, and the label goes: that is said by both.
  place.fake.faults.remove();
  place.fake.unlabel('wil', two, 'rpi-auto');
  const ended = await place.until('the worker is stopped', async () => {
    const found = await stateOf(two);
    return found?.state === 'failed' ? found : null;
  });
  expect(ended.reason).toMatchObject({ type: 'cancelled', message: 'label removed by wil (rpi-auto)' });
  place.fake.closeIssue('wil', three);
  await place.until('the closed one is cancelled or runs no more', async () => (await stateOf(three))?.state === 'failed');
  expect(await stateOf(one)).toMatchObject({ state: 'active' });
  writeFileSync(join(place.notes, 'end'), '');
  await place.until('the pull of the first', () => place.board().includes('- PR: #'));
});

test('an issue that cannot be asked for keeps its task', { timeout: 180_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT) });
  const number = place.issue('One');
  place.start();
  await place.until('it works', () => existsSync(join(place.root, `trees/gh-${number}/work.txt`)));
  place.fake.faults.add({ match: { method: 'GET', path: `/issues/${number}$` }, kind: 'status', status: 502, times: null });
  place.fake.unlabel('wil', number, 'rpi-auto');
  const said = await place.until('that nobody knows', async () => {
    const { notes, tasks } = await place.status();
    const note = notes.find(({ text }) => text.includes('tac8 does not know what has become of it'));
    return note === undefined ? null : { note, task: tasks[0] };
  });
  expect(said.task).toMatchObject({ state: 'active', run: { state: 'running' } });
  place.fake.faults.remove();
  await place.until('it is cancelled', async () => (await place.status()).tasks[0]?.state === 'failed');
});
