import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { type Postgres, startPostgres } from '../../support/postgres/postgres.ts';
import { MAIN } from '../../support/world/built.ts';
import { environment, type Workplace, workplace } from '../../support/world/daemon.ts';
import { type Program, startProgram } from '../../support/world/program.ts';

const LIMIT = { timeout: 180_000 };

/** Says what it does, commits, and ends; waits for a file where its task is called so. */
const AGENT = `echo "$TAC8_TASK begins"
until [ ! -e "$1/wait" ]; do sleep 0.1; done
echo "$TAC8_TASK" >"$TAC8_TASK.txt"
git add -A && git commit -qm "work on $TAC8_TASK"
echo "$TAC8_TASK is done"
`;

interface Fleet {
  readonly place: Workplace;
  readonly postgres: Postgres;
  /** `ahead`: of its clock, in ms. */
  runner(name: string, slots?: number, ahead?: number): Program;
  /** The folder of a runner. */
  folder(name: string): string;
}

async function fleet(context: TestContext): Promise<Fleet> {
  const [postgres, place] = await Promise.all([startPostgres(context), workplace(context)]);
  place.env.TAC8_POSTGRES = postgres.url;
  place.configure({ machines: {}, agent: place.agent(AGENT), base_branch: 'main' });
  const folder = (name: string): string => join(place.home, 'runners', name);
  return {
    place,
    postgres,
    folder,
    runner: (name, slots = 2, ahead = 0) => {
      const argv = [
        process.execPath,
        ...(ahead === 0 ? [] : ['--import', anotherTime(place.home, ahead)]),
        MAIN,
        'runner',
        '--join',
        postgres.url,
        '--dir',
        folder(name),
        '--name',
        name,
        '--slots',
        String(slots),
      ] as const;
      const { GITHUB_TOKEN: _, ...env } = environment(place.home);
      return startProgram([...argv], { cwd: place.home, env });
    },
  };
}

/** A file that sets the clock of a program that reads it first. */
function anotherTime(folder: string, ahead: number): string {
  const file = join(folder, `clock-${ahead}.mjs`);
  writeFileSync(file, `const now = Date.now; Date.now = () => now() + ${ahead};\n`);
  return file;
}

test('an issue is worked on by another machine: commit, log, pull and comment are as from this one', LIMIT, async (context) => {
  const { place, runner, folder } = await fleet(context);
  const number = place.issue('Say hello');
  const task = `gh-${number}`;
  place.start();
  const one = runner('one');
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

/** The run of a task once its agent lives on a machine. */
async function running({ place }: Fleet, task: string) {
  const found = await place.until(
    'the agent',
    async () => (await place.status()).tasks.find(({ id, run }) => id === task && run?.pid != null),
    90_000,
  );
  if (found.run?.pid == null) throw new Error('it has no process');
  return { ...found.run, pid: found.run.pid };
}

const begins = (fleet: Fleet, task: string): number => fleet.place.read(`logs/${task}.jsonl`).split(`${task} begins\n`).length - 1;
const lives = (pid: number): boolean => existsSync(`/proc/${pid}/cwd`);
const isUnknown = async (place: Workplace, task: string): Promise<boolean> =>
  (await place.status()).notes.some(
    (note) => note.task === task && /does not know whether w-\w+ is alive: (?:the machine one |Postgres: )/.test(note.text),
  );
const held = (place: Workplace): (() => void) => {
  writeFileSync(join(place.notes, 'wait'), '');
  return () => rmSync(join(place.notes, 'wait'));
};

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
  'a machine that is cut off ends by itself what its limits and a STOP file say, by its own clock, and tells why afterwards',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner, folder, postgres } = all;
    held(place);
    place.configure({ machines: {}, agent: place.agent(AGENT), base_branch: 'main', limits: { run_time: '40s', attempts: 1 } });
    const tasks = ['Long', 'Stopped'].map((title) => `gh-${place.issue(title)}`) as [string, string];
    place.start();
    // An hour ahead: by the coordinator's clock, or with its times as they are, it would end both at once.
    const one = runner('one', 2, 3_600_000);
    const [long, stopped] = [await running(all, tasks[0]), await running(all, tasks[1])];
    await postgres.kill();
    writeFileSync(join(folder('one'), 'trees', tasks[1], 'STOP'), 'enough\n');
    await place.until('that both are ended', () => !lives(long.pid) && !lives(stopped.pid), 100_000);
    expect(one.out()).toContain('what ends a run goes on here');
    expect((await place.status()).tasks.find(({ id }) => id === tasks[0])).toMatchObject({ state: 'active', run: { id: long.id } });
    await postgres.start();
    await place
      .until(
        'both failures',
        () => /Long\n- Reason: timeout/.test(place.board()) && /Stopped\n- Reason: enough/.test(place.board()),
        90_000,
      )
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${place.board()}\n${one.out()}`);
      });
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

/** On the machine called one it works for ever. */
const HALF = `echo "$TAC8_TASK begins"
if [ -e half.txt ]; then echo "found: $(cat half.txt)"; else echo "half of it" >half.txt; fi
case $PWD in */one/*) until [ -e "$1/enough" ]; do sleep 0.1; done ;; esac
git add -A && git commit -qm "work on $TAC8_TASK"
echo "$TAC8_TASK is done"
`;

test(
  'a machine that is given up: its task goes on elsewhere from the last snapshot; back again, it ends and saves what it had',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner } = all;
    const agent = place.agent(HALF);
    place.configure({ machines: {}, agent, base_branch: 'main', worktrees: { save_every: '5s' } });
    const task = `gh-${place.issue('Say hello')}`;
    place.start();
    const one = runner('one');
    const first = await running(all, task);
    const saved = (): string => place.repo.git(['for-each-ref', '--format=%(refname)', `refs/tac8/saved/${task}/${first.id}/`]);
    await place.until('a snapshot of it here', () => saved() !== '', 60_000);
    expect(await place.tac8('machines', 'forget', 'one')).toMatchObject({ code: 1, err: expect.stringContaining('it is not gone') });
    await one.end('SIGKILL');
    const two = runner('two');
    await place.until('that it is silent', async () => (await place.tac8('machines')).out.includes('silent for'), 90_000);
    expect((await place.status()).tasks.find(({ id }) => id === task)).toMatchObject({ run: { id: first.id, machine: 'one' } });
    const given = await place.tac8('machines', 'forget', 'one');
    expect(given.out).toContain(`one is given up; ${first.id}: the work goes on elsewhere`);
    await place.until('the comment', () => place.fake.state.comments.length > 0, 90_000);
    expect(place.repo.git(['show', `auto/${task}:half.txt`])).toBe('half of it');
    expect(place.read(`logs/${task}.jsonl`)).toContain('found: half of it');
    expect(place.fake.state.issues.filter(({ pull }) => pull !== null)).toHaveLength(1);
    const before = saved();
    expect(lives(first.pid)).toBe(true);
    const again = runner('one');
    await place.until('the end of what it had', () => !lives(first.pid), 60_000);
    await place.until('that it works again', async () => !(await place.tac8('machines')).out.includes('was given up'), 60_000);
    expect(saved().startsWith(before)).toBe(true);
    expect(place.repo.git(['show', '-s', '--format=%s', `auto/${task}`])).toBe(`work on ${task}`);
    await Promise.all([again.end('SIGTERM'), two.end('SIGTERM')]);
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
