import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { MAIN } from '../../support/world/built.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { type Ended, startProgram } from '../../support/world/program.ts';

/** What a person gets wrong on their own machine. Every answer is one message that says what to do: never a stack, never a shell. */

const LIMIT = { timeout: 120_000 };
const STACK = /^\s+at .+:\d+|node:internal|^\s*throw /m;

function expectClear(ended: Ended, code: number, ...words: (string | RegExp)[]): void {
  expect(ended.err).not.toMatch(STACK);
  expect({ ...ended }).toMatchObject({ code, signal: null });
  for (const word of words) expect(ended.err).toMatch(word);
}

describe('tac8.yaml', () => {
  test('three mistakes: every command that reads it names all three with their places, and ends with 2', LIMIT, async (context) => {
    const place = await workplace(context);
    writeFileSync(
      join(place.root, 'tac8.yaml'),
      'poll_intervall: 3s\nlabel: rpi-auto\nlimits:\n  silence: 3\nroutes:\n  - when: { priority: 7 }\n    model: opus\n',
    );
    for (const command of [['start'], ['start', '--dry-run'], ['plan']]) {
      const ended = await place.tac8(...command);
      expectClear(
        ended,
        2,
        'has 3 problems',
        /line 1:1 +poll_intervall: .*poll_interval\?/,
        /line 4:3 +limits\.silence: 3 /,
        /line 6:13 +routes\[0\]\.when\.priority: 7 /,
      );
      expect(ended.out).toBe('');
    }
    expect(existsSync(join(place.root, '.tac8'))).toBe(false);
  });
});

test(
  'a mistake in tac8.yaml while a daemon runs: status says that the last good one counts, until it is mended',
  LIMIT,
  async (context) => {
    const place = await workplace(context);
    place.start();
    await place.until('the first tick', async () => (await place.status()).issues?.known === true);
    const good = place.read('tac8.yaml');
    writeFileSync(join(place.root, 'tac8.yaml'), `${good}max_concurrent_workers: many\n`);
    const told = /tac8\.yaml was changed and has a mistake; the last good settings stay in force: .*max_concurrent_workers/;
    await place.until('the word of it', async () => told.test((await place.tac8('status')).out));
    writeFileSync(join(place.root, 'tac8.yaml'), good);
    await place.until('no word of it', async () => !(await place.status()).notes.some(({ text }) => told.test(text)));
  },
);

describe('the command line', () => {
  test.each([
    [['strat'], "unknown command 'strat'", 'Did you mean start'],
    [['status', '--jsno'], "unknown option '--jsno'", 'Did you mean --json'],
    [['view', 'nope'], '"nope" is not a task', '450'],
    [['stop', '0'], '"0" is not a task', '450'],
    [['priority', '1', '9'], 'priority is 0', '--help'],
    [['start', 'now'], 'too many arguments', 'tac8 start --help'],
    [['board', 'accpt'], "unknown command 'accpt'", 'tac8 board --help'],
    [['stop', '1', '--now'], '--now is for the daemon', 'tac8 stop --now'],
    [['stop', '--now', '--stop-workers'], "'--now' cannot be used with option '--stop-workers'", 'tac8 stop --help'],
    [['stop', '--reason', 'enough'], '--reason needs a task', 'tac8 stop 450'],
    [['add', ' '], 'It is empty', 'tac8 add --help'],
    [['status', '--json', '--watch'], "'--watch' cannot be used with option '--json'", 'tac8 status --help'],
    [['view', '1', '--tools', '--since', '1h'], "'--tools' cannot be used with option '--since <time>'", 'tac8 view --help'],
    [['restore', '1', '--list', '--to', 'x'], "'-l, --list' cannot be used with option '--to <dir>'", 'tac8 restore --help'],
    [['-C', '/nowhere', 'view', '1'], 'no folder "/nowhere"', '-C'],
  ])('%j: exit code 2, and what was meant', LIMIT, async (argv, what, hint) => {
    const ended = await startProgram([process.execPath, MAIN, ...argv], { cwd: '/', env: { PATH: process.env.PATH ?? '' } }).ended;
    expectClear(ended, 2, what, hint);
  });

  test('in a folder that was removed: said in a sentence', LIMIT, async (context) => {
    const place = await workplace(context);
    const script = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"';
    const argv = ['/bin/sh', '-c', script, 'sh', process.execPath, MAIN, 'status'] as const;
    const ended = await startProgram(argv, { cwd: place.root, env: place.env }).ended;
    expectClear(ended, 2, 'the current folder was removed', 'cd');
  });

  test('words for which there is no room on the disk: said once, and in the exit code', LIMIT, async (context) => {
    const place = await workplace(context);
    for (const command of [['--help'], ['status'], ['completion', 'bash']]) {
      const argv = ['/bin/sh', '-c', 'exec "$@" >/dev/full', 'sh', process.execPath, MAIN, ...command] as const;
      const ended = await startProgram(argv, { cwd: place.root, env: place.env }).ended;
      expectClear(ended, 1, /^tac8: cannot write its output: ENOSPC: .*\n$/);
    }
  });

  test('a daemon whose words find no room works on', LIMIT, async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent('echo hi >hi.txt; git add -A; git commit -qm hi') });
    writeFileSync(join(place.root, 'tasks.md'), '# Work Queue\n\n## Pending\n[] Say hi\n');
    const argv = ['/bin/sh', '-c', 'exec "$@" >/dev/full', 'sh', process.execPath, MAIN, 'start', '--once'] as const;
    expectClear(await startProgram(argv, { cwd: place.root, env: place.env }).ended, 1, 'cannot write its output: ENOSPC');
    expect(place.board()).toMatch(/\[✅ \w{7}, w-\w{6}\] local-1: Say hi/);
  });

  test('a reader that goes away is no error', LIMIT, async (context) => {
    const place = await workplace(context);
    for (const command of [['--help'], ['status'], ['plan'], ['status', '--watch']]) {
      const pipe = '"$@" | head -c 1 | wc -c';
      const ended = await startProgram(['/bin/sh', '-c', pipe, 'sh', process.execPath, MAIN, ...command], {
        cwd: place.root,
        env: place.env,
      }).ended;
      expectClear(ended, 0);
      expect(ended).toMatchObject({ err: '', out: expect.stringMatching(/^\s*1\n$/) });
    }
  });
});

describe('the repository', () => {
  /** A folder beside the checkout. */
  const beside = (place: Workplace, name: string): string => {
    const folder = join(place.home, name);
    mkdirSync(folder);
    return folder;
  };
  const COMMANDS = ['start', 'status', 'plan', 'init', 'stop'] as const;

  test('no git repository, or none with a checkout: one sentence that says so', LIMIT, async (context) => {
    const place = await workplace(context);
    const plain = beside(place, 'plain');
    const bare = beside(place, 'bare.git');
    place.repo.git(['init', '--quiet', '--bare', bare]);
    const nowhere = join(place.home, 'nowhere');
    for (const command of COMMANDS)
      expectClear(await place.tac8('-C', plain, command), 1, `${plain} is not in a git repository`, 'git init');
    for (const command of ['start', 'status']) {
      expectClear(await place.tac8('-C', bare, command), 1, 'bare repository', 'checkout');
      expectClear(await place.tac8('-C', nowhere, command), 2, `there is no folder "${nowhere}"`);
    }
    expect(readdirSync(plain)).toEqual([]);
  });

  test('before the first start there is nothing to show, and showing it makes nothing', LIMIT, async (context) => {
    const place = await workplace(context);
    // Folders aside.
    const files = (): string[] => filesHolding(place.root, '').toSorted();
    const before = files();
    const status = await place.tac8('status');
    expectClear(status, 0);
    expect(status.out).toMatch(/^no daemon runs .*\n\nThe queue is empty\.\n$/);
    expect(await place.status()).toMatchObject({ daemon: null, tasks: [] });
    expectClear(await place.tac8('plan'), 0);
    expectClear(await place.tac8('view', '1'), 5, 'gh-1');
    expectClear(await place.tac8('logs', '1'), 5, 'gh-1');
    expectClear(await place.tac8('sandbox', 'show', '1'), 5, 'there is no task gh-1');
    expectClear(await place.tac8('stop'), 3, 'no daemon runs');
    expect(files()).toEqual(before);
  });

  test('no commits yet, and no remote: init and start refuse, and nothing is written', LIMIT, async (context) => {
    const place = await workplace(context);
    const empty = beside(place, 'empty');
    place.repo.git(['init', '--quiet', empty]);
    writeFileSync(join(empty, 'tasks.md'), '# Work Queue\n\n## Pending\n[] Begin\n');
    for (const command of [['init'], ['start', '--once']])
      expectClear(await place.tac8('-C', empty, ...command), 1, 'has no commits yet and no remote');
    expect(readdirSync(empty).sort()).toEqual(['.git', 'tasks.md']);
    expect(readFileSync(join(empty, 'tasks.md'), 'utf8')).toBe('# Work Queue\n\n## Pending\n[] Begin\n');
  });

  test('no remote: lines of tasks.md become branches, and an issue number is refused with a reason', LIMIT, async (context) => {
    const place = await workplace(context);
    place.repo.git(['remote', 'remove', 'origin']);
    place.configure({ agent: place.agent('echo hi >hi.txt; git add -A; git commit -qm hi') });
    writeFileSync(join(place.root, 'tasks.md'), '# Work Queue\n\n## Pending\n[] Say hi\n[] gh-7: Not here\n');
    const started = await place.tac8('start', '--once');
    expectClear(started, 0);
    expect(started.out).toContain('no GitHub repository: tasks of tasks.md only');
    expect(place.repo.git(['log', '--format=%s', 'main..auto/local-1'])).toBe('hi');
    expect(place.board()).toMatch(/\[✅ \w{7}, w-\w{6}\] local-1: Say hi\n- Completed: .*\n- Branch: auto\/local-1/);
    const reason = 'gh-7 names an issue, but there is no GitHub repository: write the line without a number';
    expect(place.board()).toContain(`## Failed\n[❌] gh-7: Not here\n- Reason: ${reason}\n`);
    const { out } = await place.tac8('status');
    expect(out).toContain(reason);
    expect(out).toContain('name it in tac8.yaml (`repo: owner/name`), or write the line without a number');
  });
});

describe.concurrent('GitHub refuses', () => {
  test.for<[string, Record<string, string>, Record<string, string>, RegExp]>([
    ['no token', { GITHUB_TOKEN: '' }, {}, /no GitHub token: \$GITHUB_TOKEN is not set/],
    ['a wrong token', { GITHUB_TOKEN: 'ghp_wrong' }, {}, /GitHub answered 401 /],
    ['an unknown repository', {}, { repo: 'acme/nothing' }, /GitHub has no repository acme\/nothing/],
  ])('%s: status and plan say so; nothing is lost, and local tasks go on', LIMIT, async ([_name, env, settings, words], context) => {
    const place = await workplace(context);
    Object.assign(place.env, env);
    place.configure({ agent: place.agent('echo hi >hi.txt; git add -A; git commit -qm hi'), ...settings });
    const number = place.issue('Waits for GitHub');
    const planned = await place.tac8('plan');
    expectClear(planned, 0);
    expect(planned.out).toMatch(words);
    const daemon = place.start();
    const status = await place.until('GitHub unknown in status', async () => {
      const { out } = await place.tac8('status');
      return words.test(out) ? out : null;
    });
    expect(status).toMatch(/GitHub unknown for \d+ s: /);
    expect(await place.tac8('add', 'A task of my own')).toMatchObject({ code: 0, out: expect.stringContaining('local-1 added') });
    await place.until('the local run', () => daemon.happened().some(({ task, event }) => task === 'local-1' && event === 'started'));
    expect(place.board()).not.toContain(`gh-${number}`);
    // What it cannot push now is left to the next start: leaving does not wait for it.
    const left = await daemon.end('SIGINT', 20_000);
    expectClear(left, 0, ...(Object.hasOwn(env, 'GITHUB_TOKEN') ? [/left for the next `tac8 start`:\n {2}local-1: the push: /] : []));
    expect(place.repo.git(['log', '--format=%s', 'main..auto/local-1'])).toBe('hi');
  });

  test('--once says what it could not do, and fails', LIMIT, async (context) => {
    const place = await workplace(context);
    place.env.GITHUB_TOKEN = 'ghp_wrong';
    expectClear(await place.tac8('start', '--once'), 1, /not everything could be done:\n {2}GitHub: .*GitHub answered 401/);
  });
});
