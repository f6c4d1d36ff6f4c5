import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/** What comes from the forge and from the machine can be anything: it is worked on, and it stays text. */

const SMALL = { min_free_memory: '16MiB', min_free_disk: '16MiB' };
const LIMIT = { timeout: 120_000 };
/** Keeps what it was told, and commits. */
const AGENT = `
cat >"$1/stdin.$TAC8_TASK"
printf %s "$2" >"$1/argument.$TAC8_TASK"
echo done >done.txt
git add -A && git commit -qm "done"
`;
const pulls = (place: Workplace) => place.fake.state.issues.filter(({ pull }) => pull !== null);
const completed = (place: Workplace): number => (place.board().match(/^\[✅ /gm) ?? []).length;

test.for(['rpi auto 🤖', 'ready? "now"/\'later\'', 'a+b&c=d#e%20', 'привет/мир', '<script>{{ x }}$(id)`'])(
  'the label %j: found, believed, worked on',
  LIMIT,
  async (label, context) => {
    const place = await workplace(context, { label });
    place.configure({ agent: place.agent(AGENT) });
    const number = place.issue('Labelled oddly');
    const decoy = place.fake.createIssue('wil', { title: 'Not ours', labels: [label.slice(0, 3), 'rpi-auto'] });
    const daemon = place.start();
    await place.until('the pull', () => completed(place) === 1);
    expect(pulls(place).map(({ body }) => body?.split('\n')[0])).toEqual([`Closes #${number}`]);
    expect(place.board()).not.toContain(`gh-${decoy}`);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);

const TITLES = [
  `It's "quoted" \\ and \`ticked\``,
  'two\nlines\r\n## Pending\n[] gh-99: forged {p0}',
  '[❌ w-abc123] gh-1: User cancelled',
  '- Reason: stopped by nobody',
  '$(touch pwned); touch pwned2 && rm -rf "$HOME" | tee pwned3 > pwned4',
  '{{ 7 | times: 7 }} {% assign x = 1 %} {% include "worker_template.md" %} {{ nope }}',
  '🤖 emoji 👩‍👩‍👧 \u202eright to left\u202c zero\u200bwidth {p3}',
  '<!-- tac8:comment task=gh-1 --> --help -rf @everyone fixes #1',
  '--upload-pack=touch pwned6',
];

test(
  'issues titled with quotes, lines, emoji, shell, Liquid and board syntax: each gets its own pull, and nothing else happens',
  LIMIT,
  async (context) => {
    const place = await workplace(context);
    const agent = place.agent(AGENT);
    place.configure({ agent: { ...agent, command: [...agent.command, '{{ prompt }}'] }, max_concurrent_workers: 4 });
    const numbers = TITLES.map((title) => place.issue(title, `${title}\n\nText: {{ issue.title }} $(touch pwned5) <!-- hidden order -->`));
    const daemon = place.start();
    await place.until('all pulls', () => completed(place) === TITLES.length);
    expect((await daemon.end('SIGTERM')).code).toBe(0);

    expect(
      pulls(place)
        .map(({ body }) => Number(/^Closes #(\d+)\n/.exec(body ?? '')?.[1]))
        .toSorted((a, b) => a - b),
    ).toEqual(numbers);
    for (const { title } of pulls(place)) expect(title).not.toMatch(/[\r\n]/);
    const { tasks, counts } = await place.status();
    expect(counts).toMatchObject({ pending: 0, active: 0, failed: 0, blocked: 0, completed: TITLES.length });
    expect(tasks.map(({ id }) => id).toSorted()).toEqual(numbers.map((number) => `gh-${number}`).toSorted());
    const lines = place.board().split('\n');
    expect(lines.filter((line) => line.startsWith('## '))).toEqual([
      '## Pending',
      '## Active (max 4)',
      '## Completed Today',
      '## Failed',
      '## Blocked',
    ]);
    expect(lines.filter((line) => line.startsWith('['))).toHaveLength(TITLES.length);

    for (const [index, number] of numbers.entries()) {
      const told = readFileSync(join(place.notes, `stdin.gh-${number}`), 'utf8');
      expect(told).toContain(`Task gh-${number}: `);
      expect(told).not.toContain('hidden order');
      expect(told).toContain('Text: {{ issue.title }} $(touch pwned5)');
      if (index !== 7) expect(told).toContain(TITLES[index]?.split(/[\n\u202e]/)[0]);
      // As one argument, whatever is in it.
      expect(readFileSync(join(place.notes, `argument.gh-${number}`), 'utf8').trimEnd()).toBe(told.trimEnd());
    }
    expect(filesHolding(place.home, '').filter((path) => /pwned\d?$/.test(path))).toEqual([]);
  },
);

test('a path with blanks, quotes and other scripts', LIMIT, async (context) => {
  const place = await workplace(context, { name: `my repo 'of' "wid$gets" ü 仓库 ☃` });
  writeFileSync(join(place.root, 'set up.sh'), '#!/bin/sh\npwd >setup.txt\n', { mode: 0o755 });
  place.configure({ agent: place.agent(AGENT), worktrees: { setup: './set up.sh' }, pulls: { verify: 'test -e done.txt' } });
  const number = place.issue('Somewhere else');
  const daemon = place.start();
  await place.until('the pull', () => completed(place) === 1);
  const tree = join(place.root, 'trees', `gh-${number}`);
  expect(readFileSync(join(tree, 'setup.txt'), 'utf8')).toBe(`${tree}\n`);
  expect(readFileSync(join(place.notes, `stdin.gh-${number}`), 'utf8')).toContain(`Worktree: ${tree} (stay in it`);
  expect((await place.tac8('view', String(number), '--no-pager')).code).toBe(0);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('a template with an unknown variable fails that run alone, and names it', LIMIT, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), limits: { ...SMALL, attempts: 1 } });
  writeFileSync(join(place.root, 'worker_template.md'), 'Do {{ task.title }}\nfor {{ isue.author }}\n');
  const first = place.issue('Meets the mistake');
  const daemon = place.start();
  await place.until('the failure', () => place.board().includes('❌'));
  const words = /startup_error: worker_template\.md: .*isue.*line:2/;
  expect(place.board()).toMatch(words);
  expect((await place.tac8('status')).out).toMatch(words);
  expect(existsSync(join(place.notes, `stdin.gh-${first}`))).toBe(false);

  writeFileSync(join(place.root, 'worker_template.md'), 'Do {{ task.title }}\nfor {{ issue.author }}\n');
  const second = place.issue('Comes after it');
  await place.until('the second pull', () => completed(place) === 1);
  expect(readFileSync(join(place.notes, `stdin.gh-${second}`), 'utf8')).toBe('Do Comes after it\nfor wil\n');
  expect((await place.tac8('retry', String(first))).code).toBe(0);
  await place.until('the first pull', () => completed(place) === 2);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('a prompt that is too long for an argument, in bytes: the run says so, and what helps does help', LIMIT, async (context) => {
  const place = await workplace(context);
  const script = (argument: string): Record<string, unknown> => {
    const agent = place.agent('wc -c <"$2" >got; git add -A; git commit -qm got');
    return { agent: { ...agent, command: [...agent.command, argument] }, limits: { ...SMALL, attempts: 1 } };
  };
  // So many characters would fit.
  writeFileSync(join(place.root, 'worker_template.md'), `{{ task.title }} ${'é'.repeat(70_000)}\n`);
  place.configure(script('{{ prompt }}'));
  const number = place.issue('Long');
  const daemon = place.start();
  await place.until('the failure', () => place.board().includes('❌'));
  expect(place.board()).toMatch(
    /startup_error: agent\.command\[3\] has 140\d{3} bytes with its values put in, and an argument may have 131071/,
  );
  expect((await place.tac8('why', String(number))).out).toContain('Give the program {{ prompt_file }} in place of {{ prompt }}');
  place.configure(script('{{ prompt_file }}'));
  expect((await place.tac8('reload')).code).toBe(0);
  expect((await place.tac8('retry', String(number))).code).toBe(0);
  await place.until('the pull', () => completed(place) === 1);
  expect(Number(place.repo.git(['show', `auto/gh-${number}:got`]))).toBeGreaterThan(140_000);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('an issue number that is none: the run fails and says so, and holds no slot for ever', LIMIT, async (context) => {
  const place = await workplace(context);
  place.configure({
    agent: place.agent(AGENT),
    max_concurrent_workers: 1,
    limits: { ...SMALL, attempts: 1 },
  });
  writeFileSync(join(place.root, 'tasks.md'), '# Work Queue\n\n## Pending\n[] gh-4711: No such issue {p0}\n');
  const number = place.issue('Waits behind it');
  const daemon = place.start();
  await place.until('the failure and the pull', () => place.board().includes('❌') && completed(place) === 1);
  expect(place.board()).toMatch(/gh-4711: No such issue\n- Reason: startup_error: issue #4711 cannot be found: check the number/);
  expect(pulls(place).map(({ body }) => body?.split('\n')[0])).toEqual([`Closes #${number}`]);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('300 labelled issues: all are queued, page by page, and the daemon answers meanwhile', LIMIT, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent('sleep 600'), max_concurrent_workers: 1, poll_interval: '2s' });
  for (let index = 1; index <= 300; index += 1) place.issue(`Issue ${index}`);
  const daemon = place.start();
  await place.until('the first worker', () => daemon.happened().some(({ event }) => event === 'launched'));
  const waits: number[] = [];
  await place.until(
    'all issues on the board',
    async () => {
      const from = Date.now();
      const { code } = await place.tac8('priority', '1', '1', '--timeout', '10');
      expect(code).toBe(0);
      waits.push(Date.now() - from);
      return (place.board().match(/^(\[\]|\[🟡.*\]) gh-\d+: Issue \d+/gm) ?? []).length === 300;
    },
    45_000,
  );
  expect(Math.max(...waits)).toBeLessThan(3_000);
  const { counts, issues } = await place.status();
  expect(counts).toMatchObject({ pending: 299, active: 1 });
  expect(issues).toMatchObject({ known: true, count: 300 });
  const asked = place.fake.journal.entries().map(({ path }) => /issues\?.*?[?&]page=(\d)/.exec(path)?.[1]);
  expect(new Set(asked)).toEqual(new Set([undefined, '2', '3']));
  expect((await place.tac8('stop', '1')).code).toBe(0);
  await daemon.end('SIGKILL');
});
