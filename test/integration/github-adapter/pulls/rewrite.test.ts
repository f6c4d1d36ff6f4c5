import { expect, test } from 'vitest';
import { signal, useGitHub } from '../world.ts';

/* The text of a pull is written anew after each round, and never over a person's. */

const world = useGitHub();

async function opened(body = 'First.') {
  await world.start();
  const commit = await world.branch('auto/gh-1');
  const { number } = await world.connect().openPull({ branch: 'auto/gh-1', base: 'main', title: 'One', body, draft: true, commit }, signal);
  const text = (): string => world.github.state.issues.find((one) => one.number === number)?.body ?? '';
  return { number, text };
}

test('what nobody has changed is written anew, again and again, and the same text costs no write', async () => {
  const { number, text } = await opened();
  for (const body of ['Second.', 'Third.', 'Third.']) expect(await world.connect().rewritePull(number, body, signal)).toBe(true);
  expect(text()).toMatch(/^Third\.\n\n<!-- tac8:text [0-9a-f]{16} -->$/);
  expect(world.requests('PATCH', /pulls/)).toHaveLength(2);
});

test('a text that a person has changed stays as it is', async () => {
  const { number, text } = await opened('First.\n\n- [ ] looked at');
  const theirs = text().replace('[ ]', '[x]');
  world.github.changeIssue('alice', number, { body: theirs });
  expect(await world.connect().rewritePull(number, 'Second.', signal)).toBe(false);
  expect(text()).toBe(theirs);
});

test('line ends as a browser sends them are no change of the words', async () => {
  const { number, text } = await opened('First.\n\nMore.');
  world.github.changeIssue('alice', number, { body: text().replaceAll('\n', '\r\n') });
  expect(await world.connect().rewritePull(number, 'Second.', signal)).toBe(true);
});

test('one that is too long keeps its print', async () => {
  const { number, text } = await opened('x'.repeat(100_000));
  expect(text().length).toBeLessThanOrEqual(65_536);
  expect(await world.connect().rewritePull(number, 'Second.', signal)).toBe(true);
});

test('where drafts are not to be had it becomes an ordinary pull, and says so', async () => {
  await world.start();
  const commit = await world.branch('auto/gh-1');
  const body = { message: 'Draft pull requests are not supported in this repository.', documentation_url: '', status: '422' };
  world.github.faults.add({ match: { method: 'POST', path: '/pulls$' }, kind: 'status', status: 422, body });
  const pull = await world.connect().openPull({ branch: 'auto/gh-1', base: 'main', title: 'One', body: 'Hi', draft: true, commit }, signal);
  expect(pull).not.toHaveProperty('draft');
  expect(world.github.state.issues.find((one) => one.number === pull.number)?.body).toContain('this repository has no draft pull requests');
});
