import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { workplace } from '../../support/world/daemon.ts';

const AGENT = `${NOTE}
note begin
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
`;

/** A rule of the remote's against one branch, said in several lines. */
const HOOK = `#!/bin/sh
while read -r old new ref; do
  [ "$ref" = refs/heads/auto/gh-1 ] || continue
  echo "GH013: Repository rule violations found for $ref."
  echo "Only maintainers may push here."
  exit 1
done
`;

test.concurrent(
  'work that is refused for good fails with the remote’s words, frees its slot, and is delivered again without a run',
  {
    timeout: 180_000,
  },
  async (context) => {
    const place = await workplace(context);
    place.configure({ max_concurrent_workers: 1, agent: place.agent(AGENT) });
    const hook = join(place.fake.bare, 'hooks/pre-receive');
    const before = readFileSync(hook, 'utf8');
    writeFileSync(hook, HOOK);
    place.fake.faults.add({
      match: { method: 'POST', path: /\/pulls$/ },
      kind: 'status',
      status: 422,
      body: { message: 'Validation Failed', errors: [{ message: 'No commits between main and auto/gh-2' }] },
      times: 3,
    });
    place.fake.faults.add({ match: { method: 'POST', path: /\/issues\/3\/comments$/ }, kind: 'status', status: 502, times: 3 });
    const names = ['Refused by a rule', 'Refused as a pull', 'Plain'].map((title) => `gh-${place.issue(title)}`);
    expect(names).toEqual(['gh-1', 'gh-2', 'gh-3']);
    place.start();

    const task = async (id: string) => (await place.status()).tasks.find((one) => one.id === id);
    await place.until(
      'the end of all three',
      async () => (await task('gh-3'))?.state === 'completed' && (await task('gh-2'))?.state === 'failed',
      90_000,
    );
    expect((await task('gh-1'))?.reason).toMatchObject({
      type: 'delivery_error',
      message: expect.stringMatching(/push was refused 3 times: .*GH013: Repository rule violations.*Only maintainers may push here\./),
    });
    expect((await task('gh-2'))?.reason).toMatchObject({
      type: 'delivery_error',
      message: expect.stringMatching(/opening the pull request was refused 3 times: .*No commits between main/),
    });
    expect(place.repo.git(['log', '--format=%s', '-1', 'auto/gh-1']).trim()).toBe('work on gh-1');
    expect(readFileSync(join(place.root, 'trees/gh-1/gh-1.txt'), 'utf8')).toBe('gh-1\n');

    // Its work is delivered, and its issue does not know it.
    await place.until(
      'the words for the comment',
      async () => /gh-3 .*\n(?: {11}.*\n)*? {11}the comment on the issue has been failing for .*502/.test((await place.tac8('status')).out),
      90_000,
    );
    const said = (number: number) =>
      place.fake.state.comments.filter(({ issue }) => issue === number).map(({ body }) => body.split('\n')[0]);
    await place.until('both comments', () => said(1).length > 0 && said(2).length > 0);
    expect([said(1), said(2)]).toEqual([['Not done: **delivery_error**.'], ['Not done: **delivery_error**.']]);

    writeFileSync(hook, before);
    expect(await place.tac8('retry', 'gh-1')).toMatchObject({ code: 0, out: expect.stringContaining('no agent runs') });
    expect(await place.tac8('retry', 'gh-2')).toMatchObject({ code: 0 });
    for (const id of ['gh-1', 'gh-2'])
      await place.until(`the pull of ${id}`, async () => ((await task(id))?.state === 'completed' ? (await task(id))?.pull : null));
    for (const number of [1, 2])
      await place.until(`the comment on #${number}`, () => /^Done: pull request #\d+ is open/.test(said(number).join()));
    expect([said(1).length, said(2).length]).toEqual([1, 1]);
    expect(readNotes(place.notes).map(({ task: id, what }) => `${id} ${what}`)).toEqual(names.map((id) => `${id} begin`));
  },
);

// A minute of it is waiting, beside the one above.
test.concurrent('a push that the remote never answers gives its slot away after a minute', { timeout: 300_000 }, async (context) => {
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
