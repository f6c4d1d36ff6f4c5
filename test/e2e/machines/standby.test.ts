import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { AGENT, type Fleet, fleet, held, lives, running } from '../../support/postgres/machines.ts';
import { relay } from '../../support/postgres/relay.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Program, startProgram, until } from '../../support/world/program.ts';

/* Another clone, with a `.tac8` of its own, goes on where the coordinator was. All of them wait for most of their time, so they wait together. */

const LIMIT = { timeout: 280_000 };
const TAKEN = 'goes on with the work of the coordinator';

/** Another clone of the same repository, with the same settings. */
function second(context: Pick<TestContext, 'onTestFinished'>, { place }: Fleet) {
  const { home, repo, fake, root, env } = place;
  const folder = join(home, 'second');
  repo.git(['clone', '--quiet', fake.bare, folder], home);
  repo.git(['remote', 'set-url', 'origin', fake.cloneUrl], folder);
  copyFileSync(join(root, 'tac8.yaml'), join(folder, 'tac8.yaml'));
  const run = (...args: string[]): Program => {
    const program = startProgram([process.execPath, MAIN, ...args], { cwd: folder, env });
    context.onTestFinished(async () => void (await program.end('SIGKILL')));
    return program;
  };
  const board = (): string => (existsSync(join(folder, 'tasks.md')) ? readFileSync(join(folder, 'tasks.md'), 'utf8') : '');
  return { folder, run, board };
}

const pulls = ({ place }: Fleet) => place.fake.state.issues.filter(({ pull }) => pull !== null).length;
/** How often agents said so on that machine. */
const said = (all: Fleet, machine: string, task: string, words: string): number =>
  readFileSync(join(all.folder(machine), 'logs', `${task}.jsonl`), 'utf8').split(`${task} ${words}\n`).length - 1;

test.concurrent(
  'a coordinator whose machine is gone: the standby goes on with its tasks, its board and its live runs, and does nothing twice',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner } = all;
    place.configure({ machines: {}, agent: place.agent(AGENT), base_branch: 'main', github: { api_url: place.fake.url, claim: 'auto' } });
    const other = second(context, all);
    const done = `gh-${place.issue('Done before')}`;
    const first = place.start();
    const one = runner('one', 4);
    await place.until('the first comment', () => place.fake.state.comments.length === 1, 90_000);
    const letGo = held(place);
    const live = `gh-${place.issue('Lives')}`;
    writeFileSync(join(place.root, 'tasks.md'), place.board().replace('## Pending\n', '## Pending\n[] A line of a person\n'));
    const { pid } = await running(all, live);
    const line = (await place.status()).tasks.find(({ title }) => title === 'A line of a person')?.id ?? '';
    await running(all, line);
    const standby = other.run('start', '--standby', '--json');
    const why = (): string => `${standby.out()}${standby.err()}`;
    await until('that it stands by', () => standby.err().includes('standing by: the coordinator of '), { within: 60_000, why });
    expect((await place.tac8('machines')).out).toMatch(
      /^coordinator {2}of .*\/repo on .*, heard .* ago\nstandby {2}of .*\/second on .*, heard .* ago\none {2}/,
    );
    await first.end('SIGKILL');
    const gone = performance.now();
    renameSync(place.root, `${place.root}-gone`);
    await until('that it goes on', () => standby.err().includes(TAKEN), { within: 100_000, why });
    expect(performance.now() - gone).toBeGreaterThan(25_000);
    expect(lives(pid)).toBe(true);
    letGo();
    await until('the second comment', () => place.fake.state.comments.length === 2, { within: 100_000, why });
    await until('the board', () => other.board().split('[✅').length === 4, { within: 60_000, why: () => other.board() + why() });
    expect(other.board()).toContain('A line of a person');
    for (const task of [done, live, line]) expect([said(all, 'one', task, 'begins'), said(all, 'one', task, 'is done')]).toEqual([1, 1]);
    expect(pulls(all)).toBe(2);
    expect(place.repo.git(['log', '-1', '--format=%s', `auto/${line}`], other.folder)).toBe(`work on ${line}`);
    expect(readFileSync(join(other.folder, 'logs', `${live}.jsonl`), 'utf8')).toContain(`${live} is done`);
    await standby.end('SIGTERM');
    renameSync(`${place.root}-gone`, place.root);
    // What was taken over is not forgotten by whoever had it.
    const { code, err } = await place.tac8('start', '--once');
    expect([code, err]).toEqual([1, expect.stringContaining('its state is not here')]);
    await one.end('SIGTERM');
  },
);

test.concurrent(
  'a coordinator that is cut off from Postgres while another takes over: it writes nothing more at the forge, and leaves when it hears of it',
  LIMIT,
  async (context) => {
    const all = await fleet(context);
    const { place, runner, postgres } = all;
    const other = second(context, all);
    const line = await relay(context, postgres.port);
    const letGo = held(place);
    const task = `gh-${place.issue('Say hello')}`;
    place.env.TAC8_POSTGRES = postgres.url.replace(`:${postgres.port}/`, `:${line.port}/`);
    const first = place.start();
    place.env.TAC8_POSTGRES = postgres.url;
    const one = runner('one');
    await running(all, task);
    const standby = other.run('start', '--standby', '--json');
    const why = (): string => `${standby.out()}${standby.err()}`;
    await until('that it stands by', () => standby.err().includes('standing by'), { within: 60_000, why });
    line.cut();
    await until('that it goes on', () => standby.err().includes(TAKEN), { within: 100_000, why });
    letGo();
    await until('the comment', () => place.fake.state.comments.length === 1, { within: 100_000, why });
    expect(first.isRunning()).toBe(true);
    line.mend();
    await first.ended;
    expect(place.read('logs/tac8.log')).toContain('another coordinator has taken over: of ');
    expect(place.fake.state.comments).toHaveLength(1);
    expect(pulls(all)).toBe(1);
    expect(said(all, 'one', task, 'begins')).toBe(1);
    await Promise.all([standby.end('SIGTERM'), one.end('SIGTERM')]);
  },
);

test.concurrent('a frozen coordinator: the standby takes over, and the thawed one stands by in its turn', LIMIT, async (context) => {
  const all = await fleet(context);
  const { place, runner } = all;
  const other = second(context, all);
  const letGo = held(place);
  const task = `gh-${place.issue('Say hello')}`;
  const first = startProgram([process.execPath, MAIN, 'start', '--standby', '--json'], { cwd: place.root, env: place.env });
  context.onTestFinished(async () => void (await first.end('SIGKILL')));
  const one = runner('one');
  await running(all, task);
  const standby = other.run('start', '--standby', '--json');
  const why = (): string => `${first.out()}${first.err()}\n${place.read('logs/tac8.log')}\n---\n${standby.out()}${standby.err()}`;
  await until('that it stands by', () => standby.err().includes('standing by'), { within: 60_000, why });
  first.child.kill('SIGSTOP');
  await until('that it goes on', () => standby.err().includes(TAKEN), { within: 100_000, why });
  letGo();
  await until('the comment', () => place.fake.state.comments.length === 1, { within: 100_000, why });
  first.child.kill('SIGCONT');
  await until('that it stands by in its turn', () => first.err().includes(`standing by: the coordinator of ${other.folder}`), {
    within: 100_000,
    why,
  });
  const next = `gh-${place.issue('Once more')}`;
  await until('the next comment', () => place.fake.state.comments.length === 2, { within: 100_000, why });
  for (const each of [task, next]) expect(said(all, 'one', each, 'begins')).toBe(1);
  expect(pulls(all)).toBe(2);
  expect(place.fake.state.comments).toHaveLength(2);
  await Promise.all([standby.end('SIGTERM'), first.end('SIGTERM'), one.end('SIGTERM')]);
});

test.concurrent('a repository moves to another clone while its worker runs: it goes on there at once', LIMIT, async (context) => {
  const all = await fleet(context);
  const { place, runner } = all;
  const other = second(context, all);
  const letGo = held(place);
  const task = `gh-${place.issue('Say hello')}`;
  const first = place.start();
  const one = runner('one');
  const { pid } = await running(all, task);
  const refused = await other.run('store', 'copy').ended;
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('`tac8 stop --now` there first')]);
  await place.tac8('stop', '--now');
  await first.ended;
  expect((await other.run('store', 'copy').ended).out).toContain('copied the state of the coordinator of ');
  expect((await other.run('store', 'copy').ended).out).toContain('nothing to copy');
  const next = other.run('start', '--json');
  const why = (): string => `${next.out()}${next.err()}`;
  expect(lives(pid)).toBe(true);
  letGo();
  await until('the comment', () => place.fake.state.comments.length === 1, { within: 100_000, why });
  expect(other.board()).toContain('Say hello');
  expect(said(all, 'one', task, 'begins')).toBe(1);
  await Promise.all([next.end('SIGTERM'), one.end('SIGTERM')]);
  // Here nobody goes on with what is old.
  expect(await place.tac8('start', '--once')).toMatchObject({ code: 1, err: expect.stringContaining('its state is not here') });
});
