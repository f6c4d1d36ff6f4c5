import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { inTheBox } from '../../support/world/in-the-box.ts';

/** Works until it is told to end; what it leaves lying about is committed by nobody. */
const AGENT = `
echo 'first words' >work.txt
while [ ! -e "$1/end" ]; do
  if [ -e "$1/astray" ]; then cp work.txt ../../oops.txt; fi
  if [ -e "$1/more" ]; then echo 'more words' >>work.txt; rm "$1/more"; fi
  sleep 0.05
done
git add -A && git commit -qm 'all of it'
echo 'not committed' >left.txt
`;

const savedOf = (place: Workplace, task: string): string[] =>
  place.repo
    .git(['for-each-ref', '--format=%(refname)', `refs/tac8/saved/${task}`])
    .split('\n')
    .filter(Boolean);
const json = async <T>(ran: Promise<{ readonly out: string }>): Promise<T> => JSON.parse((await ran).out) as T;

interface Listed {
  readonly name: string;
  readonly reason: string;
  readonly paths: readonly string[];
}

test(
  'work is saved while the worker runs, listed, put back elsewhere at once and in its place once nobody works there',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    const worktrees = { save_every: '300ms' };
    place.configure({ agent: place.agent(AGENT), worktrees });
    const task = `gh-${place.issue('Write words')}`;
    const daemon = place.start();
    await place.until('a first snapshot', () => savedOf(place, task).length === 1);
    writeFileSync(join(place.notes, 'more'), '');
    await place.until('a second one, as something changed', () => savedOf(place, task).length === 2);
    const list = await json<readonly Listed[]>(place.tac8('restore', task, '--list', '--json'));
    expect(list).toMatchObject([{ reason: 'while it runs', paths: ['work.txt'] }, { reason: 'while it runs' }]);

    const refused = await place.tac8('restore', task);
    expect(refused).toMatchObject({ code: 5 });
    expect(refused.err).toContain('lives');
    const aside = join(place.home, 'aside');
    expect(await place.tac8('restore', task, '--ref', list[1]?.name ?? '', '--to', aside)).toMatchObject({ code: 0 });
    expect(readFileSync(join(aside, 'work.txt'), 'utf8')).toBe('first words\n');
    expect(await place.tac8('restore', task, '--to', aside)).toMatchObject({ code: 1, err: expect.stringContaining('not empty') });
    expect(await place.tac8('restore', task, '--ref', 'w-ffffff/9', '--to', aside)).toMatchObject({
      code: 5,
      err: expect.stringContaining('w-ffffff/9'),
    });
    expect(await place.tac8('restore', '99')).toMatchObject({ code: 5, err: expect.stringContaining('nothing is saved of gh-99') });

    expect((await place.tac8('kill', task)).code).toBe(0);
    await place.until('the task to be failed', () => place.board().includes('## Failed\n[❌'));
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    rmSync(join(place.root, 'trees', task), { recursive: true });
    const back = await place.tac8('restore', task);
    expect(back, back.err).toMatchObject({ code: 0 });
    expect(readFileSync(join(place.root, 'trees', task, 'work.txt'), 'utf8')).toBe('first words\nmore words\n');
  },
);

test(
  'a worker that changes the main checkout raises an alarm; what a person left there before does not',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(AGENT) });
    writeFileSync(join(place.root, 'mine.txt'), 'a person’s\n');
    const task = `gh-${place.issue('Go astray')}`;
    const daemon = place.start();
    await place.until('the worker', () => existsSync(join(place.root, 'trees', task, 'work.txt')));
    writeFileSync(join(place.notes, 'astray'), '');
    // From a box nothing gets there: somebody else writes it.
    if (inTheBox()) writeFileSync(join(place.root, 'oops.txt'), 'first words\n');
    await place.until('the stray file', () => existsSync(join(place.root, 'oops.txt')));
    expect((await place.tac8('kill', task)).code).toBe(0);
    await place.until('the alarm', () => daemon.happened().some(({ event }) => event === 'main-changed'));
    const alarms = daemon.happened().filter(({ event }) => event === 'main-changed');
    expect(alarms).toMatchObject([{ detail: expect.stringContaining('oops.txt') }]);
    expect(alarms[0]?.detail).not.toMatch(/mine|tac8\.yaml|tasks\.md|logs|trees/);
    await place.until('the note', async () => (await place.status()).notes.some(({ text }) => text.includes('oops.txt')));
    expect(place.read('logs/tac8.log')).toContain('in the main checkout');

    // What a person changes while nobody works is no alarm when the next worker comes and goes.
    rmSync(join(place.notes, 'astray'));
    writeFileSync(join(place.notes, 'end'), '');
    writeFileSync(join(place.root, 'mine-too.txt'), 'a person’s\n');
    place.issue('Behave');
    await place.until('the pull', () => place.board().includes('- PR: #'));
    rmSync(join(place.root, 'oops.txt'));
    place.issue('Behave as well');
    await place.until('the end of the alarm', async () => !(await place.status()).notes.some(({ text }) => text.includes('main checkout')));
    expect(daemon.happened().filter(({ event }) => event === 'main-changed')).toHaveLength(1);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);

test(
  'the daemon removes the worktree of a completed task when its time is over, saved; clean shows and does the same',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    const agent = place.agent(AGENT);
    place.configure({ agent, worktrees: { keep_completed: '1s' } });
    writeFileSync(join(place.notes, 'end'), '');
    const first = `gh-${place.issue('Once')}`;
    const daemon = place.start();
    const tree = join(place.root, 'trees', first);
    await place.until('the pull', () => place.board().includes('- PR: #'));
    await place.until('the worktree to go', () => !existsSync(tree), 30_000);
    const [ref = ''] = savedOf(place, first);
    expect(place.repo.git(['show', `${ref}:left.txt`])).toBe('not committed');
    await place.until('the word of it', () => daemon.happened().some(({ event, task }) => event === 'cleaned' && task === first));

    expect(await place.tac8('clean', '--apply')).toMatchObject({ code: 0, out: expect.stringContaining('nothing is left to remove') });

    place.configure({ agent, worktrees: { keep_completed: '1h' } });
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    const second = `gh-${place.issue('Twice')}`;
    expect((await place.tac8('start', '--once')).code).toBe(0);
    expect((await place.tac8('clean')).out).toContain('Nothing to remove');
    place.configure({ agent, worktrees: { keep_completed: '0s' } });
    const shown = await json<{ readonly remove: readonly object[] }>(place.tac8('clean', '--json'));
    expect(shown.remove).toMatchObject([{ kind: 'remove-tree', task: second }]);
    expect(existsSync(join(place.root, 'trees', second))).toBe(true);
    const done = await place.tac8('clean', '--apply');
    expect(done, done.err).toMatchObject({ code: 0, out: expect.stringContaining(`worktree trees/${second}`) });
    expect(existsSync(join(place.root, 'trees', second))).toBe(false);
    expect((await place.tac8('clean', '--apply')).out).toContain('Nothing to remove');
    expect(place.repo.git(['show', `${savedOf(place, second)[0]}:left.txt`])).toBe('not committed');
  },
);

test('a stop does not wait for a snapshot that takes long', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  // git itself is slow here: each file that it reads takes seconds.
  place.repo.write('.gitconfig', '[filter "slow"]\n\tclean = sleep 8; cat\n', join(place.home, 'home'));
  place.repo.commit('Slow', { '.gitattributes': 'work.txt filter=slow\n' });
  place.repo.git(['push', '--quiet', place.fake.bare, 'HEAD:main']);
  place.configure({ agent: place.agent(AGENT), worktrees: { save_every: '300ms' }, git: { filters: ['slow'] } });
  const task = `gh-${place.issue('Take long')}`;
  const daemon = place.start();
  await place.until('a snapshot under way', () => place.strays().some((line) => line.includes('sleep 8')));
  const pid = (await place.status()).tasks[0]?.run?.pid ?? 0;
  const asked = Date.now();
  const killed = place.tac8('kill', task);
  await place.until('the end of the agent', () => !existsSync(`/proc/${pid}`), 5_000);
  expect(Date.now() - asked).toBeLessThan(5_000);
  expect(place.strays().some((line) => line.includes('sleep 8'))).toBe(true);
  expect((await killed).code).toBe(0);
  expect(savedOf(place, task).length).toBeGreaterThan(0);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test(
  'after more than ten worktree errors what no live or resumable task owns goes, and the counter starts anew',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 20, retry_delay: '0s', start_gap: '0s' };
    place.configure({ agent: place.agent(AGENT), limits });
    writeFileSync(join(place.notes, 'end'), '');
    const number = place.issue('Done');
    const done = `gh-${number}`;
    const daemon = place.start();
    await place.until('the pull', () => place.board().includes('- PR: #'));
    const tree = join(place.root, 'trees', done);
    expect(existsSync(tree)).toBe(true);
    // A person has the branch of the next task in a worktree of their own; a number went to the pull.
    for (const next of [number + 1, number + 2])
      place.repo.git(['worktree', 'add', '--quiet', '-b', `auto/gh-${next}`, join(place.root, '..', `mine-${next}`)]);
    place.issue('Cannot start');
    await place.until('the cleanup', () => daemon.happened().some(({ event }) => event === 'cleaned-up'), 60_000);
    await place.until('the counter', async () => ((await place.status()).counters.worktree_errors ?? 99) < 11);
    expect(existsSync(tree)).toBe(false);
    expect(place.repo.git(['show', `${savedOf(place, done)[0]}:left.txt`])).toBe('not committed');
    expect(
      daemon
        .happened()
        .filter(({ event }) => event === 'cleaned')
        .map(({ task }) => task),
    ).toEqual([done]);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);
