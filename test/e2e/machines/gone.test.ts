import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AGENT, fleet, held, lives, running } from '../../support/postgres/machines.ts';

const LIMIT = { timeout: 180_000 };

/* Both wait for most of their time, so they wait together. */
test.concurrent(
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
    expect(one.out()).toContain('from here on this machine ends runs by itself');
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

/** On the machine called one it works for ever. */
const HALF = `echo "$TAC8_TASK begins"
if [ -e half.txt ]; then echo "found: $(cat half.txt)"; else echo "half of it" >half.txt; fi
case $PWD in */one/*) until [ -e "$1/enough" ]; do sleep 0.1; done ;; esac
git add -A && git commit -qm "work on $TAC8_TASK"
echo "$TAC8_TASK is done"
`;

test.concurrent(
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
