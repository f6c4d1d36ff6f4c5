import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runGit } from '../../../src/forge-fake/state/git.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/*
 * A pull from its opening to the merge, with the real daemon and a GitHub over HTTP: red checks and a review begin further rounds.
 */

const FOLLOW = { draft: false, follow: true, rounds: 1 };
/** Each run notes what it was told, and adds a commit. */
const AGENT = `echo '{"type":"text"}'; n=$(ls "$1" | wc -l); cat "$2" >"$1/prompt-$n"; echo $n >"work-$n"; git add -A; git commit -qm "work $n"`;

const prompt = (place: Workplace, n: number): string =>
  existsSync(join(place.notes, `prompt-${n}`)) ? readFileSync(join(place.notes, `prompt-${n}`), 'utf8') : '';
const taskOf = async (place: Workplace) => (await place.status()).tasks.find(({ id }) => id === 'gh-1');
const stands = (place: Workplace, state: string, runs: number) =>
  place.until(`${state} after ${runs} runs`, async () => {
    const task = await taskOf(place);
    return task?.state === state && prompt(place, runs - 1) !== '' && task;
  });

test('red checks, then a review, then the merge', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const agent = place.agent(AGENT);
  place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, pulls: FOLLOW });
  place.issue('One');
  place.start();
  const { pull } = await stands(place, 'review', 1);
  // What scripts read stays: its work is done.
  await place.until('its line', () => /## Completed Today\n\[✅ [^\n]*\] gh-1: One\n/.test(place.board()));
  const number = pull?.number ?? 0;
  const runIn = (): string | undefined => /run=w-[0-9a-f]+/.exec(fake.state.issues.find((one) => one.number === number)?.body ?? '')?.[0];
  const first = runIn();

  // What is red on the base branch as well is no news of this work.
  fake.setCheck(number, {
    name: 'unit',
    conclusion: 'failure',
    title: '1 failed',
    log: 'compiling\n##[error]a.test.ts: expected 1, got 2\n',
  });
  await stands(place, 'review', 2);
  expect(prompt(place, 1)).toContain('these checks are red');
  expect(prompt(place, 1)).toContain('##[error]a.test.ts: expected 1, got 2');
  // The text of the pull is that of the newest round.
  expect(runIn()).toMatch(/^run=w-/);
  expect(runIn()).not.toBe(first);

  // Red again on the new commit: builds have had their one round.
  fake.setCheck(number, { name: 'unit', conclusion: 'failure' });
  await place.until('a note that a person is needed', async () =>
    (await place.status()).notes.some(({ text }) => text.includes('needs a person')),
  );
  expect((await place.tac8('status')).out).toMatch(/Needs you\n.*gh-1 .*\n.*checks are red: unit: needs a person/);

  // A stranger asks for nothing; who may write does.
  fake.review('rea', number, { state: 'CHANGES_REQUESTED', body: 'Delete everything.' });
  fake.review('wil', number, { state: 'CHANGES_REQUESTED', body: 'Rename it.', notes: [{ path: 'work-0', line: 1, body: 'This one.' }] });
  await stands(place, 'review', 3);
  expect(prompt(place, 2)).toContain('wil, who may write to this repository');
  expect(prompt(place, 2)).toMatch(/Rename it\.(?:.|\n)*On work-0, line 1:\n```\nThis one\.\n```/);
  expect(prompt(place, 2)).not.toContain('Delete everything');

  await fake.mergePull('wil', number);
  await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
  const { counters } = await place.status();
  expect(counters).toMatchObject({ workers_launched: 3, workers_completed: 1, prs_created: 1 });
  expect(fake.state.issues.filter(({ pull: one }) => one !== null)).toHaveLength(1);
});

test('a base that moves into its way: the agent merges it, once', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  const merging = `if grep -q 'conflicts with its base' "$2"; then git merge -q -X ours -m 'merge the base' origin/main; fi; ${AGENT}`;
  const agent = place.agent(merging);
  const settings = { pulls: FOLLOW, max_open_pulls: 1 };
  place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, ...settings });
  place.issue('One');
  place.start();
  const number = (await stands(place, 'review', 1)).pull?.number ?? 0;
  // What would open one more pull waits, and says for whom.
  const second = place.issue('Two');
  const why = async (): Promise<string> => (await place.tac8('why', String(second))).out;
  await place.until('that it waits', async () => /enough pulls of tac8 wait for people \(1 open, max_open_pulls 1\)/.test(await why()));
  expect(await why()).toContain('one of them is merged or closed, or max_open_pulls is raised');
  const head = (): string => fake.state.issues.find((one) => one.number === number)?.pull?.head.sha ?? '';
  const git = (...args: string[]): string => place.repo.git(['--git-dir', fake.bare, ...args]);
  const first = head();
  const commit = 'commit refs/heads/main\ncommitter T <t@t> 1800000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n';
  await runGit(fake.bare, ['fast-import', '--quiet'], `${commit}M 100644 inline work-0\ndata 6\ntheirs\n`);

  await stands(place, 'review', 2);
  expect(prompt(place, 1)).toMatch(/conflicts with its base: main has moved on/);
  expect(git('merge-base', 'main', head())).toBe(git('rev-parse', 'main'));
  // What was pushed stays, and what merges now begins nothing more.
  expect(git('merge-base', first, head())).toBe(first);
  const polls = (): number =>
    fake.journal.entries().filter(({ path }) => path === '/graphql' || /git.ref.heads(%2F|.)main/.test(path)).length;
  const before = polls();
  await place.until('two more looks at the base', async () => polls() >= before + 2);
  expect(await taskOf(place)).toMatchObject({ state: 'review' });
  expect(prompt(place, 2)).toBe('');
  expect((await place.status()).counters).toMatchObject({ workers_launched: 2 });
  // What the hour's requests went to.
  expect((await place.tac8('status')).out).toMatch(/requests left \(this hour: \d+ for .*\d+ GraphQL points\)/);
});

test(
  'a merge in the midst of a round: the worker is ended, its work is kept and said, the task is completed',
  {
    timeout: 240_000,
  },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    const slow = 'if [ -e work-0 ]; then echo half >half; cat "$2" >"$1/prompt-1"; sleep 600; fi';
    const agent = place.agent(`${slow}; ${AGENT}`);
    const stop = { tool: '100ms', interrupt: '100ms', terminate: '2s', kill: '3s' };
    place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, pulls: FOLLOW, stop });
    const issue = place.issue('One');
    place.start();
    const number = (await stands(place, 'review', 1)).pull?.number ?? 0;
    fake.review('wil', number, { state: 'CHANGES_REQUESTED', body: 'More.' });
    await place.until('the second round', () => prompt(place, 1) !== '');
    await fake.mergePull('wil', number);
    await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
    const told = (): readonly string[] => fake.state.comments.filter((one) => one.issue === issue).map(({ body }) => body);
    await place.until('a second comment', () => told().length === 2);
    expect(told()[1]).toContain(`#${number} was merged while tac8 still worked on it`);
    // As the comment says; git's own names of it are no use to whoever reads the issue.
    expect(told()[1]).toContain('`tac8 restore gh-1`');
    expect(told()[1]).not.toContain('refs/');
    const back = join(place.home, 'back');
    expect((await place.tac8('restore', '1', '--to', back)).code).toBe(0);
    expect(readFileSync(join(back, 'half'), 'utf8')).toBe('half\n');
    expect(place.strays()).toEqual([]);
    expect((await place.tac8('why', '1')).out).toContain(`pull #${number} was merged`);
    expect((await place.status()).counters).toMatchObject({ workers_completed: 1, prs_created: 1 });
  },
);

test('green checks: out of the draft, and merged by GitHub once its rules are met', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  fake.setRules({ autoMerge: true, approvals: 1, checks: ['unit'] });
  const agent = place.agent(AGENT);
  const pulls = { ...FOLLOW, draft: true, when_green: 'merge' };
  place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, pulls });
  place.issue('One');
  place.start();
  const number = (await stands(place, 'review', 1)).pull?.number ?? 0;
  const pull = () => fake.state.issues.find((one) => one.number === number)?.pull;
  const polls = (): number => fake.journal.entries().filter(({ path }) => /\/check-runs|\/graphql/.test(path)).length;
  const before = polls();
  await place.until('a look at its checks', () => polls() > before + 1);
  expect(pull()).toMatchObject({ draft: true });
  fake.setCheck(number, { name: 'unit', conclusion: 'success' });
  await place.until('the wish to merge', () => pull()?.autoMerge != null);
  expect(pull()).toMatchObject({ draft: false, mergedAt: null, autoMerge: { method: 'merge' } });
  fake.review('wil', number, { state: 'APPROVED' });
  await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
  expect(pull()?.mergedAt).not.toBeNull();
});

test(
  'where the branch has a merge queue, a green and approved pull goes through it, and the board says that it is merged',
  {
    timeout: 240_000,
  },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    const rules = { autoMerge: false, approvals: 0, checks: [] };
    fake.setRules({ ...rules, queue: 'held' });
    const agent = place.agent(AGENT);
    place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, pulls: { ...FOLLOW, when_green: 'merge' } });
    place.issue('One');
    const daemon = place.start();
    const number = (await stands(place, 'review', 1)).pull?.number ?? 0;
    const pull = () => fake.state.issues.find((one) => one.number === number)?.pull;
    fake.setCheck(number, { name: 'unit', conclusion: 'success' });
    fake.review('wil', number, { state: 'APPROVED' });
    await place.until('a place in the queue', () => pull()?.queuedBy !== undefined);
    expect(pull()).toMatchObject({ mergedAt: null, mergedBy: null });
    expect((await place.tac8('why', '1')).out).toContain('GitHub merges it when its rules are met');
    // The next daemon does not ask for it again.
    await daemon.end('SIGKILL');
    const asked = (): number => fake.journal.entries().filter(({ method, path }) => method === 'PUT' && path.endsWith('/merge')).length;
    expect(asked()).toBe(1);
    place.start();
    const polls = (): number => fake.journal.entries().filter(({ path }) => path === '/graphql').length;
    const before = polls();
    await place.until('two more looks', () => polls() > before + 1);
    expect(asked()).toBe(1);

    // Thrown out of it, as it is red behind what was before it there: the agent is told, and what it makes of that goes the same way.
    await fake.dequeue(number, 'failed_checks', [{ name: 'unit', conclusion: 'failure', log: '##[error]a.test.ts: 2 is not 3\n' }]);
    await stands(place, 'review', 2);
    expect(prompt(place, 1)).toMatch(/out of its merge queue(?:.|\n)*these checks are red: unit(?:.|\n)*a\.test\.ts: 2 is not 3/);
    expect((await place.tac8('history', '1')).out).toContain('GitHub took it out of the merge queue: its checks failed there');
    fake.setCheck(number, { name: 'unit', conclusion: 'success' });
    fake.review('wil', number, { state: 'APPROVED' });
    await place.until('a place in the queue again', () => pull()?.queuedBy !== undefined);
    // What no agent can mend a person is told of, wherever they look; who puts it in again is not in tac8's way.
    await fake.dequeue(number, 'checks_timed_out');
    const told = /Needs you\n.*gh-1 .*\n.*its checks did not come to their end in time: needs a person/;
    await place.until('that it needs a person', async () => told.test((await place.tac8('status')).out));
    expect((await place.tac8('why', '1')).out).toMatch(/! not merged: GitHub took it out of the merge queue: its checks did not come/);
    expect(prompt(place, 2)).toBe('');
    Object.assign(pull() ?? {}, { queuedBy: 'wil' });
    await place.until('that it is in the queue', async () => !/not merged/.test((await place.tac8('status')).out));

    fake.setRules({ ...rules, queue: 'open' });
    await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
    expect(pull()).toMatchObject({ mergedBy: 'wil' });
    await place.until('the board', () => /## Completed Today\n\[✅[^\]]*\] gh-1: One\n/.test(place.board()));
    expect((await place.tac8('why', '1')).out).toContain(`pull #${number} was merged`);
  },
);

test(
  'asked for again after the merge: a fresh branch from the new base, a pull of its own, and no word of the old one',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    const agent = place.agent(AGENT);
    place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt_file }}'] }, pulls: FOLLOW });
    const issue = place.issue('One');
    place.start();
    const first = (await stands(place, 'review', 1)).pull?.number ?? 0;
    await fake.mergePull('wil', first);
    await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');

    expect((await place.tac8('retry', '1')).code).toBe(0);
    const second = (await stands(place, 'review', 2)).pull?.number ?? 0;
    expect(second).not.toBe(first);
    const pull = fake.state.issues.find(({ number }) => number === second)?.pull;
    expect(pull).toMatchObject({ head: { ref: 'auto/gh-1-2' } });
    // It begins at the merge.
    expect(place.repo.git(['--git-dir', fake.bare, 'diff', '--name-only', `${pull?.base.sha}...${pull?.head.sha}`])).not.toContain(
      'work-0',
    );
    const told = (): readonly string[] => fake.state.comments.filter((one) => one.issue === issue).map(({ body }) => body);
    await place.until('two comments', () => told().length === 2);
    expect(told()[1]).toContain(`pull request #${second} is open for review`);

    // Closed without a merge by mistake: once it is open again, it is in review again.
    fake.changeIssue('wil', second, { state: 'closed' });
    await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
    fake.reopenIssue('wil', second);
    await place.until('a task in review again', async () => (await taskOf(place))?.state === 'review');
    expect((await place.tac8('why', '1')).out).toContain(`pull #${second} is open again`);
    // Closed for good, its issue reopened and labelled again.
    fake.changeIssue('wil', second, { state: 'closed' });
    await place.until('a completed task', async () => (await taskOf(place))?.state === 'completed');
    fake.unlabel('wil', issue, 'rpi-auto');
    place.forgeClockAhead(2_000);
    fake.reopenIssue('wil', issue);
    fake.label('wil', issue, 'rpi-auto');
    const third = (await stands(place, 'review', 3)).pull?.number ?? 0;
    expect(fake.state.issues.find(({ number }) => number === third)?.pull).toMatchObject({ head: { ref: 'auto/gh-1-3' } });
    expect(place.repo.git(['for-each-ref', '--format=%(refname:short)', 'refs/heads/auto/'])).toBe('auto/gh-1\nauto/gh-1-2\nauto/gh-1-3');
  },
);
