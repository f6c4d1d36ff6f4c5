import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOTE, readNotes } from '../../support/agents/agents-seen.ts';
import { type Daemon, type TaskStatus, type Workplace, workplace } from '../../support/world/daemon.ts';

/** Works until its gate is opened, then commits. */
const AGENT = `${NOTE}
note begin
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
until [ -e "$NOTES/$TAC8_TASK" ]; do sleep 0.05; done
git add -A && git commit -qm "work on $TAC8_TASK"
note end
`;

const LIMIT = { timeout: 180_000 };
const LIMITS = { min_free_memory: '16MiB', min_free_disk: '16MiB', retry_delay: '200ms' };

const taskOf = async (place: Workplace, task: string): Promise<TaskStatus | undefined> =>
  (await place.status()).tasks.find(({ id }) => id === task);

/** One worker at work, one task waiting, and the daemon killed outright. */
async function killed(context: Parameters<typeof workplace>[0]) {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), max_concurrent_workers: 1, branch_name: '{task}-{title}', limits: LIMITS });
  const [task, waiting] = [`gh-${place.issue('Write words')}`, `gh-${place.issue('Write more')}`];
  const daemon = place.start();
  const before = await place.until('a worker at work', async () => {
    const found = await taskOf(place, task);
    return found?.run?.state === 'running' && existsSync(join(place.root, `trees/${task}/${task}.txt`)) ? found : null;
  });
  await place.until('the other one waits', () => place.board().includes(`[] ${waiting}`));
  await daemon.end('SIGKILL');
  return { place, task, waiting, before };
}

/** It is supervised again as the run that it is, and nobody else works on its task. */
async function isAdopted(place: Workplace, daemon: Daemon, task: string, before: TaskStatus): Promise<void> {
  const after = await place.until('the worker is taken up', async () => {
    const found = (await place.status()).daemon?.pid === daemon.pid ? await taskOf(place, task) : undefined;
    return found?.run?.pid == null ? null : found;
  });
  expect(after).toMatchObject({
    title: 'Write words',
    state: 'active',
    run: { id: before.run?.id, pid: before.run?.pid, state: 'running' },
  });
  expect(readNotes(place.notes).filter((note) => note.task === task)).toHaveLength(1);
}

const pulls = (place: Workplace, task: string): number =>
  place.fake.state.issues.filter(({ pull, body }) => pull !== null && body?.startsWith(`Closes #${task.slice(3)}\n`)).length;

test('garbage over the database while a worker lives: it is kept aside, and the worker taken up to its end', LIMIT, async (context) => {
  const { place, task, waiting, before } = await killed(context);
  // Another title by now: its branch stays the one on which it works.
  const board = join(place.root, 'tasks.md');
  writeFileSync(board, place.board().replace('Write words', 'Write better words'));
  const database = join(place.root, '.tac8/tac8.db');
  const garbage = 'no database at all\n'.repeat(5000);
  for (const file of [database, `${database}-wal`]) writeFileSync(file, garbage);
  const looked = await place.tac8('status');
  expect([looked.code, looked.err]).toEqual([1, expect.stringMatching(/the database is damaged(.|\n)*`tac8 start`/)]);
  const daemon = place.start();
  await place.until('the database is put aside', () => existsSync(`${database}.damaged-1`) && existsSync(database));
  await isAdopted(place, daemon, task, before);
  expect(readFileSync(`${database}.damaged-1`, 'utf8')).toBe(garbage);
  expect(place.read('logs/tac8.log')).toMatch(/the database is damaged.*it is kept as .*tac8\.db\.damaged-1/);
  expect((await place.tac8('status')).out).toMatch(/the database is damaged.*kept as .*damaged-1; tac8 began a new one/);
  for (const open of [task, waiting]) writeFileSync(join(place.notes, open), '');
  await place.until('both pulls', () => pulls(place, task) === 1 && pulls(place, waiting) === 1);
  // Its exit code stood in its folder: one run each, and no more.
  expect(readNotes(place.notes).map((note) => `${note.task} ${note.what}`)).toEqual([
    ...[`${task} begin`, `${task} end`],
    ...[`${waiting} begin`, `${waiting} end`],
  ]);
  expect(place.repo.git(['for-each-ref', '--format=%(refname)', `refs/heads/auto/${task}*`]).trim()).toBe(
    `refs/heads/auto/${task}-write-words`,
  );
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  expect(place.strays()).toEqual([]);
});

test('.tac8 deleted while a worker lives: nothing is started in its place, it can be stopped, its work is kept', LIMIT, async (context) => {
  const { place, task, waiting, before } = await killed(context);
  rmSync(join(place.root, '.tac8'), { recursive: true, maxRetries: 10 });
  const daemon = place.start();
  await isAdopted(place, daemon, task, before);
  expect(place.read('logs/tac8.log')).toContain(
    `${before.run?.id} (${task}) lives as pid ${before.run?.pid}, though the database does not know it`,
  );
  writeFileSync(join(place.notes, waiting), '');
  const stopped = await place.tac8('stop', task);
  expect(stopped, stopped.err).toMatchObject({ code: 0 });
  expect(existsSync(`/proc/${before.run?.pid}`)).toBe(false);
  const saved = place.repo.git(['for-each-ref', '--format=%(refname)', `refs/tac8/saved/${task}`, `refs/heads/auto/${task}`]);
  expect(place.repo.git(['show', `${saved.trim().split('\n').at(-1)}:${task}.txt`])).toBe(task);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('.tac8 deleted under a living daemon: it starts nothing new; killed, the next one takes its worker up', LIMIT, async (context) => {
  const { place, task, waiting, before } = await killed(context);
  const second = place.start();
  await isAdopted(place, second, task, before);
  rmSync(join(place.root, '.tac8'), { recursive: true, maxRetries: 10 });
  await place.until('that something is wrong', () => /lock\.db is gone.*nothing new is started/.test(place.read('logs/tac8.log')));
  await second.end('SIGKILL');
  const third = place.start();
  await isAdopted(place, third, task, before);
  for (const open of [task, waiting]) writeFileSync(join(place.notes, open), '');
  // Nobody can tell any more how it ended: it is tried again, on top of what it left.
  await place.until('both pulls', () => pulls(place, task) === 1 && pulls(place, waiting) === 1);
  const notes = readNotes(place.notes).filter((note) => note.task === task);
  expect(notes.map(({ what }) => what)).toEqual(notes.map((_, n) => (n % 2 === 0 ? 'begin' : 'end')));
  expect(readdirSync(join(place.root, '.tac8')).filter((name) => name.includes('damaged'))).toEqual([]);
  expect((await third.end('SIGTERM')).code).toBe(0);
});
