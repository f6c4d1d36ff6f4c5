import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { AGENT, begins, fleet, held, isUnknown, lives, running } from '../../support/postgres/machines.ts';
import { workplace } from '../../support/world/daemon.ts';

const LIMIT = { timeout: 180_000 };

test('an issue is worked on by another machine: commit, log, pull and comment are as from this one', LIMIT, async (context) => {
  const { place, postgres, runner, folder } = await fleet(context);
  const number = place.issue('Say hello');
  const task = `gh-${number}`;
  place.start();
  // By a role of its own, which sees no other machine's rows.
  const owner = new Client({ connectionString: postgres.url });
  await owner.connect();
  await owner.query('create role worker login');
  await owner.end();
  await place.until('its rights', async () => (await place.tac8('machines', 'grant', 'worker')).code === 0, 90_000);
  const one = runner('one', 2, 0, postgres.url.replace('tac8@', 'worker@'));
  await place
    .until('the comment', () => place.fake.state.comments.length > 0, 90_000)
    .catch((error: unknown) => {
      throw new Error(`${String(error)}\nrunner: ${one.out()}${one.err()}`);
    });
  expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe(`work on ${task}`);
  expect(existsSync(join(folder('one'), 'trees', task, `${task}.txt`))).toBe(true);
  expect(existsSync(join(place.root, 'trees', task))).toBe(false);
  expect(place.fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(1);
  const here = readFileSync(join(place.root, 'logs', `${task}.jsonl`));
  expect(here.toString()).toContain(`${task} is done`);
  expect(here.equals(readFileSync(join(folder('one'), 'logs', `${task}.jsonl`)))).toBe(true);
  const { machines } = JSON.parse((await place.tac8('machines', '--json')).out) as { machines: { name: string; runs: string[] }[] };
  expect(machines).toMatchObject([{ name: 'one', slots: 2, runs: [] }]);
  await one.end('SIGTERM');
});

test(
  'diff and restore see a run elsewhere as it is now; where its machine cannot be heard, they say what they show',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner, folder } = all;
    const letGo = held(place);
    const task = `gh-${place.issue('Say hello')}`;
    place.start();
    const one = runner('one');
    await running(all, task);
    writeFileSync(join(folder('one'), 'trees', task, 'half.txt'), 'half of it\n');
    const shown = await place.tac8('diff', task);
    expect(shown.out).toContain('+half of it');
    expect(shown.err).toMatch(/snapshot .*, \d+ s old against/);
    writeFileSync(join(folder('one'), 'trees', task, 'half.txt'), 'all of it\n');
    const to = join(place.home, 'restored');
    expect((await place.tac8('restore', task, '--to', to)).code).toBe(0);
    expect(readFileSync(join(to, 'half.txt'), 'utf8')).toBe('all of it\n');
    await one.end('SIGKILL');
    const late = await place.tac8('diff', task);
    expect(late.out).toContain('+all of it');
    expect(late.err).toMatch(new RegExp(`^${task} is on one, and this is what had come from there before: `));
    letGo();
    await runner('one').end('SIGTERM');
  },
);

test('kill -9 of the runner and of the coordinator: both take up what lives, and nothing is run twice', LIMIT, async (context) => {
  const all = await fleet(context);
  const { place, runner } = all;
  const letGo = held(place);
  const task = `gh-${place.issue('Say hello')}`;
  const first = place.start();
  const one = runner('one');
  const before = await running(all, task);
  expect(before).toMatchObject({ machine: 'one' });
  await one.end('SIGKILL');
  const again = runner('one');
  await first.end('SIGKILL');
  place.start();
  const after = await running(all, task);
  expect([after.id, after.pid]).toEqual([before.id, before.pid]);
  letGo();
  await place.until('the comment', () => place.fake.state.comments.length > 0, 90_000);
  expect(begins(all, task)).toBe(1);
  expect(place.board()).toMatch(/## Completed Today\n\[✅ /);
  await again.end('SIGTERM');
});

test(
  'what is ordered reaches the other machine, STOP files there as well; its process tree is gone when it is said so',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner, folder } = all;
    held(place);
    const [killed, stopped] = ['Kill me', 'Stop me'].map((title) => `gh-${place.issue(title)}`) as [string, string];
    place.start();
    const one = runner('one');
    const [first, second] = [await running(all, killed), await running(all, stopped)];
    expect(place.board()).toMatch(/- Machine: one\n- PID: \d+\n/);
    expect((await place.tac8('status')).out).toMatch(/running · on one · pid \d+/);
    expect((await place.tac8('why', killed)).out).toContain('only the daemon asks the machine one');
    expect((await place.tac8('kill', killed)).out).toMatch(new RegExp(`^${killed} killed after `));
    expect(lives(first.pid)).toBe(false);
    expect(lives(second.pid)).toBe(true);
    writeFileSync(join(folder('one'), 'trees', stopped, 'STOP'), 'enough\n');
    await place.until('the failure', () => place.board().includes(`${stopped}: Stop me\n- Reason: enough\n`), 60_000);
    expect(lives(second.pid)).toBe(false);
    // A folder stands here for it.
    const third = `gh-${place.issue('Stop me here')}`;
    const last = await running(all, third);
    writeFileSync(join(place.root, 'trees', third, 'STOP'), 'from here\n');
    await place.until('the failure', () => place.board().includes(`${third}: Stop me here\n- Reason: from here\n`), 60_000);
    expect(lives(last.pid)).toBe(false);
    await place.until('that nothing is left here', () => !existsSync(join(place.root, 'trees', third)), 60_000);
    await one.end('SIGTERM');
  },
);

test(
  'while Postgres is away nothing is ended and nothing begun again; what happened meanwhile is told afterwards',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner, folder, postgres } = all;
    const letGo = held(place);
    const task = `gh-${place.issue('Say hello')}`;
    place.start();
    const one = runner('one');
    const { id } = await running(all, task);
    await postgres.kill();
    letGo();
    const there = join(folder('one'), 'logs', `${task}.jsonl`);
    await place.until('the end of its work', () => readFileSync(there, 'utf8').includes(`${task} is done`));
    await place.until('that it is unknown', () => isUnknown(place, task), 60_000);
    expect((await place.status()).tasks.find((one) => one.id === task)).toMatchObject({ state: 'active', run: { id } });
    await postgres.start();
    await place.until('the comment', () => place.fake.state.comments.length > 0, 90_000);
    expect(begins(all, task)).toBe(1);
    expect(place.fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(1);
    expect(readFileSync(join(place.root, 'logs', `${task}.jsonl`)).equals(readFileSync(there))).toBe(true);
    await one.end('SIGTERM');
  },
);

test(
  'each machine takes as many as it has slots; one that is drained or frozen takes none, and a frozen one’s run is neither lost nor begun elsewhere',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner } = all;
    const letGo = held(place);
    const tasks = ['One', 'Two'].map((title) => `gh-${place.issue(title)}`) as [string, string];
    place.start();
    const [one, two] = [runner('one', 1), runner('two', 1)];
    const runs = [await running(all, tasks[0]), await running(all, tasks[1])] as const;
    expect(runs.map(({ machine }) => machine).sort()).toEqual(['one', 'two']);
    expect((await place.tac8('drain', 'two')).out).toMatch(/two is given nothing more/);
    const third = `gh-${place.issue('Three')}`;
    const onOne = runs[0].machine === 'one' ? tasks[0] : tasks[1];
    one.child.kill('SIGSTOP');
    await place.until('that it is unknown', () => isUnknown(place, onOne), 60_000);
    // What every look shows of the two, from what the daemon heard.
    const [said, of] = await place.until(
      'that it is silent',
      async () => {
        const { out } = await place.tac8('status');
        return out.includes('the machine one has been silent for') && ([out, (await place.tac8('why', onOne)).out] as const);
      },
      90_000,
    );
    expect(said).toMatch(
      /\nMachines\n {2}one +silent for .*: what runs there is unknown · 1 of 1 slots in use · load .*\n {2}two +answers · is given nothing more/,
    );
    expect(of).toMatch(/its machine, one: silent for /);
    expect((await place.status()).machines.map(({ name, answers }) => [name, answers])).toEqual([
      ['one', false],
      ['two', true],
    ]);
    letGo();
    // The other machine is drained: the third task waits, though a slot is free there.
    await place.until('the other task', () => place.board().includes('## Completed Today\n[✅ '), 60_000);
    expect((await place.status()).tasks.find(({ id }) => id === onOne)).toMatchObject({ state: 'active', run: { machine: 'one' } });
    expect((await place.tac8('why', third)).out).toContain('a machine with a free slot takes it');
    one.child.kill('SIGCONT');
    await place.until('all three', () => place.fake.state.comments.length === 3, 90_000);
    for (const task of [...tasks, third]) expect(begins(all, task)).toBe(1);
    await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')]);
  },
);

test('without Postgres, or without its address, the daemon does not start and says why', LIMIT, async (context) => {
  const place = await workplace(context);
  place.configure({ machines: {}, agent: place.agent(AGENT) });
  expect(await place.tac8('start', '--once')).toMatchObject({ code: 1, err: expect.stringContaining('TAC8_POSTGRES is not set') });
  place.env.TAC8_POSTGRES = 'postgres://tac8:hunter2@127.0.0.1:9/nothing';
  const { code, err } = await place.tac8('start', '--once');
  expect([code, err]).toEqual([1, expect.stringContaining('Postgres: ')]);
  expect(err).not.toContain('hunter2');
});
