import { spawnSync } from 'node:child_process';
import { existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { canBeRunBy, NOBODY } from '../support/machine/other-user.ts';
import { MAIN } from '../support/world/built.ts';
import { type Workplace, workplace } from '../support/world/daemon.ts';

/*
 * A worker without a sandbox puts something else in the place of whatever tac8 keeps beside its database: a named pipe, which holds whoever opens it, the
 * loop's only thread or one of the four that read files; a folder, in whose place no file can be put; settings of its own for the git that holds the login.
 * The canaries: the task of somebody else, the commands of a person, `/healthz`, and a program that the daemon's git must not run.
 */

const WAYS: readonly (readonly [string, (path: string) => void])[] = [
  ['a named pipe', (path) => expect(spawnSync('mkfifo', [path]).status).toBe(0)],
  ['a folder', (path) => writeFileSync(join(mkdir(path), 'x'), 'x')],
];

/** Under a daemon of root, and of a user who may do nothing but what is theirs. */
const CASES = [
  ...WAYS.map(([what, put]) => ({ what, put, user: undefined, whose: 'of these tests’ user' })),
  ...(canBeRunBy(NOBODY, process.execPath, MAIN)
    ? WAYS.slice(0, 1).map(([what, put]) => ({ what, put, user: NOBODY, whose: 'of an ordinary user' }))
    : []),
];

const mkdir = (path: string): string => {
  mkdirSync(path, { recursive: true });
  return path;
};

/** Not made in every repository, and read where they are there. */
const MAY_BE = [
  ...['egress/refused.jsonl', 'egress/lists.json', 'egress/traffic.json', 'git/filters'].map((name) => `.tac8/${name}`),
  ...['learnt/gh-1.jsonl.tools.json', 'learnt/gh-1.jsonl.trouble.json'].map((name) => `.tac8/${name}`),
  'adws/metrics.json.tmp',
  // In the main checkout.
  ...['.worktreeinclude', 'left-there'],
];
/** The database, its locks and the doors are what the daemon is; logs and git's own folder have attacks of their own. */
const OTHERS = /\.db|door|page-token|\.tac8\/(?:runs|homes|cache)\/|views\/[^/]+\/(?!config$)|^logs\//;

/** Everything of tac8's own that stands there, and could. */
function filesOf(root: string): readonly string[] {
  const there = ['.tac8', 'logs', 'adws'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
  return [...new Set([...there, ...MAY_BE])].filter((name) => !OTHERS.test(name));
}

const COMMANDS = [['status'], ['why', 'gh-1'], ['pause'], ['resume'], ['report'], ['view', 'gh-1'], ['lint']] as const;

test.each(CASES)(
  '$what in the place of all that tac8 keeps, under a daemon $whose: the next task is done, and a person is answered',
  { timeout: 400_000 },
  async ({ put, user }) => {
    const hooks: (() => unknown)[] = [];
    const place = await workplace(
      { onTestFinished: (hook) => void hooks.push(() => hook({} as never)) },
      user === undefined ? {} : { user },
    );
    try {
      place.configure({ agent: place.agent(`echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work; exit 0`) });
      let daemon = place.start();
      await done(place, 'Before', 1);
      const breakAll = (): void => {
        for (const name of filesOf(place.root)) {
          rmSync(join(place.root, name), { recursive: true, force: true });
          mkdir(dirname(join(place.root, name)));
          put(join(place.root, name));
          if (user !== undefined) own(user, place.root, name);
        }
      };
      breakAll();
      await done(place, 'While it runs', 2);
      for (const words of COMMANDS) expect([words, (await place.tac8(...words)).code]).toEqual([words, 0]);
      expect((await daemon.end('SIGTERM')).code).toBe(0);
      breakAll();
      daemon = place.start();
      await done(place, 'After a restart', 3);
      for (const words of COMMANDS) expect([words, (await place.tac8(...words)).code]).toEqual([words, 0]);
      expect((await daemon.end('SIGTERM')).code).toBe(0);
    } finally {
      for (const hook of hooks.reverse()) await hook();
    }
  },
);

/** What stands there, what it holds, and the folders that it is in: the worker that put it there is this user. */
function own(user: number, root: string, name: string): void {
  const inside = existsSync(join(root, name, 'x')) ? [join(name, 'x')] : [];
  const above = name.split('/').map((_, n, parts) => parts.slice(0, n + 1).join('/'));
  for (const path of [...above, ...inside]) lchownSync(join(root, path), user, user);
}

async function done(place: Workplace, title: string, count: number): Promise<void> {
  place.issue(title);
  await place.until(title, async () => (await place.status()).counts.completed === count, 100_000);
}

test('twin: a reader that does not look what it is waits for the pipe', async (context) => {
  const place = await workplace(context);
  const pipe = join(place.home, 'pipe');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const read = readFile(pipe, 'utf8');
  const first = await Promise.race([read.then(() => 'read'), place.tac8('--version').then(() => 'the clock')]);
  expect(first).toBe('the clock');
  writeFileSync(pipe, 'at last');
  expect(await read).toBe('at last');
});

test(
  'settings and programs that are laid beside the git of the daemon are put right before it runs; twin: a git that is given them runs them',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const canary = join(place.home, 'canary');
    const program = join(place.home, 'program');
    writeFileSync(program, `#!/bin/sh\n[ -n "$TAC8_RUN" ] || touch ${canary}\nexit 1\n`, { mode: 0o755 });
    const own = join(place.root, '.tac8/git');
    const settings = `[core]\n\tfsmonitor = ${program}\n\tsshCommand = ${program}\n[http]\n\tproxy = http://127.0.0.1:1\n[credential]\n\thelper = !${program}\n[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${place.fake.url}\n`;
    place.configure({
      agent: place.agent(`echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work; . ${join(place.home, 'attack.sh')}; exit 0`),
    });
    writeFileSync(join(place.home, 'settings'), settings);
    writeFileSync(
      join(place.home, 'attack.sh'),
      [
        `cat ${join(place.home, 'settings')} >>${own}/gitconfig`,
        `cp ${program} ${own}/exec/git`,
        // What all tasks would leave out of what is saved.
        `mkdir -p ${own}/home/.config/git; echo '*' >${own}/home/.config/git/ignore`,
        // A repository inside of the worktree is looked at by git that git starts.
        `git init -q inner && (cd inner && echo x >x && git add x && git -c user.name=x -c user.email=x@x commit -qm x && echo y >x)`,
      ].join('\n'),
    );
    const daemon = place.start();
    await done(place, 'The intruder', 1);
    await done(place, 'Of somebody else', 2);
    expect((await place.tac8('diff', 'gh-1')).code).toBe(0);
    expect(existsSync(canary)).toBe(false);
    expect(readFileSync(join(own, 'gitconfig'), 'utf8')).not.toContain('fsmonitor');
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    spawnSync('git', ['status'], {
      cwd: place.root,
      env: { PATH: process.env.PATH, HOME: place.home, GIT_CONFIG_GLOBAL: join(place.home, 'settings') },
    });
    expect(existsSync(canary)).toBe(true);
  },
);
