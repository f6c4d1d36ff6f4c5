import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../support/world/built.ts';
import { workplace } from '../../support/world/daemon.ts';

/*
 * A change of workflows is not pushed before a person has seen it, whatever the worker does to the refs that it shares with tac8.
 */

const AGENT = `echo '{"type":"text"}'
mkdir -p .github/workflows; printf 'on: push\\n# \`\`\`\\n' >.github/workflows/ci.yml; git add -A; git commit -qm workflow
# As if that stood on the base already.
git update-ref refs/remotes/origin/main HEAD
echo x >work.txt; git add -A; git commit -qm work
"$NODE" "$TAC8" -C "$ROOT" approve "$TAC8_TASK" >"$1/approve" 2>&1; echo "rc $?" >>"$1/approve"`;

test('held, told on the issue, refused to the worker, let go by a person, and pushed', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  Object.assign(place.env, { NODE: process.execPath, ROOT: place.root, TAC8: MAIN });
  place.configure({ agent: { ...place.agent(AGENT), env: ['NODE', 'ROOT', 'TAC8'] }, pulls: { draft: false } });
  const issue = place.issue('One');
  place.start();
  const task = await place.until('a blocked task', async () => (await place.status()).tasks.find(({ state }) => state === 'blocked'));
  // The worker's own approval came while nothing was held, and was refused for what it is.
  expect(readFileSync(join(place.notes, 'approve'), 'utf8')).toMatch(/only a person may ask for this(?:.|\n)*rc [1-9]/);
  expect(task.question).toMatch(/\.github\/workflows\/ci\.yml.*Nothing is pushed.*`tac8 approve gh-1`/);
  const told = (): readonly string[] => fake.state.comments.filter((one) => one.issue === issue).map(({ body }) => body);
  await place.until('the changes on the issue', () => told().length === 1);
  expect(told()[0]).toMatch(/Not pushed yet(?:.|\n)*````diff\n(?:.|\n)*\+on: push/);
  expect(fake.journal.entries().flatMap(({ pushes = [] }) => pushes)).toEqual([]);
  expect((await place.tac8('why', '1')).out).toContain('tac8 approve gh-1');

  expect(await place.tac8('approve', '2')).toMatchObject({ out: '', err: expect.stringContaining('there is no task gh-2') });
  expect(await place.tac8('approve', '1')).toMatchObject({ code: 0, out: expect.stringMatching(/gh-1: commit [0-9a-f]{7}, by /) });
  await place.until('a completed task', async () => (await place.status()).counts.completed === 1);
  await place.until('a second comment', () => told().length === 2);
  expect(told()[1]).toContain('is open for review');
  expect((await place.status()).counters).toMatchObject({ workers_completed: 1, prs_created: 1 });
  expect((await place.tac8('approve', '1')).err).toContain('nothing of it waits for an approval');
});

test('what a setting names goes through', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT.split('\n').slice(0, 2).join('\n')), pulls: { allow: ['.github/workflows/'] } });
  place.issue('One');
  place.start();
  await place.until('a completed task', async () => (await place.status()).counts.completed === 1);
});
