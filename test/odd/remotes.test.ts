import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalOf } from '../../src/adapters/git/view/layout.ts';
import { createGitHubForge } from '../../src/adapters/github/forge.ts';
import { forgeAddress, headNames } from '../../src/compose/forge-address.ts';
import { meaningNow } from '../../src/compose/remote/meaning.ts';
import { type FakeGitHub, startFakeGitHub } from '../../src/forge-fake/server.ts';
import { remoteName } from '../../src/place/origin.ts';
import { findPlace } from '../../src/place/place.ts';
import { ONE_OF_EACH } from '../support/forge/one-of-each.ts';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { NEVER, pendingTask, RUN, spacesIn } from '../support/git/git-workspaces.ts';
import { type Sshd, startSshd } from '../support/network/sshd.ts';

/*
 * Layout × remote × login, each with real git, a forge over HTTP and a real sshd: from the checkout to a pull, with what the person's own git and ssh
 * make of the addresses.
 */

let fake: FakeGitHub;
let sshd: Sshd;
let dir: string;
const { HOME } = process.env;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-remotes-')));
  const files = { 'README.md': 'A\n', 'src/a.txt': 'a\n', 'docs/b.txt': 'b\n' };
  fake = await startFakeGitHub({ dir: join(dir, 'forge'), repo: { owner: 'acme', name: 'widgets' }, files, users: ONE_OF_EACH });
  fake.addUser({ login: 'tac8-bot', role: 'write' });
  await fake.fork('tac8-bot');
  sshd = await startSshd(join(dir, 'ssh'), fake.bare);
}, 60_000);
afterAll(async () => {
  process.env.HOME = HOME;
  await sshd.close();
  await fake.close();
  rmSync(dir, { recursive: true, force: true });
});

type Make = (repo: GitRepo, clone: (...args: string[]) => string) => string;
const LAYOUTS: Readonly<Record<string, Make>> = {
  'a plain clone': (_, clone) => clone(),
  'a submodule': ({ git, home }) => {
    const above = join(home, 'above');
    git(['init', '--quiet', '-b', 'main', above]);
    git(['submodule', '--quiet', 'add', fake.bare, 'parts/sub'], above);
    return join(above, 'parts/sub');
  },
  'git’s folder elsewhere': ({ home }, clone) => {
    mkdirSync(join(home, 'store'));
    return clone('--separate-git-dir', join(home, 'store', 'git'));
  },
  'a worktree of a bare repository': ({ git, home }) => {
    git(['clone', '--quiet', '--bare', fake.bare, join(home, 'b.git')]);
    git(['worktree', 'add', '--quiet', join(home, 'w'), 'main'], join(home, 'b.git'));
    return join(home, 'w');
  },
  'a sparse checkout': ({ git }, clone) => {
    const at = clone('--sparse');
    git(['sparse-checkout', 'set', 'src'], at);
    return at;
  },
  'a partial clone': (_, clone) => clone('--filter=blob:none', '--no-checkout'),
  'a shallow clone': (_, clone) => clone('--depth', '1'),
};

interface Remote {
  /** The person's own settings of git. */
  readonly personal?: () => string;
  readonly url: () => string;
  readonly push?: () => string;
  /** Pushes go there by `remote.pushDefault`. */
  readonly pushDefault?: () => string;
  /** The daemon has a token. */
  readonly token?: boolean;
  /** Whose branch the pull is from. */
  readonly from?: string;
  /** Through sshd. */
  readonly ssh?: boolean;
}
const withSsh = (): string => `[core]\n\tsshCommand = ${sshd.command}\n`;
const web = (owner: string): string => `${fake.url}/${owner}/widgets.git`;
const REMOTES: Readonly<Record<string, Remote>> = {
  'https, the daemon’s token': { url: () => web('acme'), token: true },
  'https, the person’s credential helper': {
    url: () => web('acme'),
    personal: () => `[credential]\n\thelper = "!f() { echo username=x; echo password=${fake.token('tac8-bot')}; }; f"\n`,
  },
  'an alias of ssh, a token beside': { url: () => 'work:acme/widgets.git', personal: withSsh, token: true, ssh: true },
  'user@host:port': {
    url: () => `ssh://${sshd.user}@127.0.0.1:${sshd.port}/acme/widgets.git`,
    personal: withSsh,
    ssh: true,
  },
  'a shorthand of the person’s for an alias': {
    url: () => 'gh:acme/widgets',
    personal: () => `${withSsh()}[url "work:"]\n\tinsteadOf = gh:\n`,
    ssh: true,
  },
  'a shorthand whose result another rule fits, as git applies one alone': {
    url: () => 'gh:acme/widgets',
    personal: () => `${withSsh()}[url "work:"]\n\tinsteadOf = gh:\n[url "/nowhere/"]\n\tinsteadOf = work:\n\tpushInsteadOf = work:acme\n`,
    ssh: true,
  },
  'https to fetch, ssh to push': { url: () => web('acme'), push: () => 'work:acme/widgets', personal: withSsh, token: true, ssh: true },
  'a fork of its own remote, remote.pushDefault': {
    url: () => web('acme'),
    pushDefault: () => web('tac8-bot'),
    token: true,
    from: 'tac8-bot',
  },
  'a fork to push to': { url: () => web('acme'), push: () => web('tac8-bot'), token: true, from: 'tac8-bot' },
};

const rows = Object.keys(LAYOUTS).flatMap((layout) => Object.keys(REMOTES).map((remote) => [layout, remote] as const));

test('there are at least 40', () => expect(rows.length).toBeGreaterThanOrEqual(40));

let number = 0;
test.each(rows)('%s, %s: a pull', { timeout: 60_000 }, async (layout, name) => {
  const { url, push, pushDefault, personal, token = false, from = 'acme', ssh = false } = REMOTES[name] as Remote;
  number += 1;
  const task = pendingTask(`gh-${number}`);
  const repo = makeGitRepo();
  process.env.HOME = join(repo.home, 'person');
  mkdirSync(process.env.HOME);
  try {
    const clone = (...args: string[]): string => {
      repo.git(['clone', '--quiet', ...args, `file://${fake.bare}`, join(repo.home, 'clone')]);
      return join(repo.home, 'clone');
    };
    const root = (LAYOUTS[layout] as Make)(repo, clone);
    repo.git(['remote', 'set-url', 'origin', url()], root);
    if (push !== undefined) repo.git(['remote', 'set-url', '--push', 'origin', push()], root);
    if (pushDefault !== undefined) {
      repo.git(['remote', 'add', 'mine', pushDefault()], root);
      repo.git(['config', 'remote.pushDefault', 'mine'], root);
    }
    writeFileSync(join(process.env.HOME, '.gitconfig'), personal?.() ?? '');

    const place = await findPlace(root, {});
    expect(await refusalOf({ ...place, isNew: true, branchPrefix: 'auto/', refusesOwner: async () => false })).toBeNull();
    const { origin, head } = await meaningNow(place, { PATH: process.env.PATH, HOME: process.env.HOME });
    const address = forgeAddress({ repo: undefined, github: { apiUrl: fake.url, tokenEnv: 'GITHUB_TOKEN' } } as never, origin);
    // Not `work`, nor `gh`: what ssh takes the alias for.
    expect(address).toMatchObject({
      owner: 'acme',
      name: 'widgets',
      host: url().startsWith('http') ? new URL(fake.url).host : '127.0.0.1',
    });
    expect(headNames(head, fake.url)).toEqual({ owner: from, name: 'widgets' });
    const asked = sshd.asked().length;
    const password = async (): Promise<string> => fake.token('tac8-bot');
    const spaces = spacesIn(
      { root, home: repo.home, remote: remoteName(place.gitDir) },
      { useUserGitConfig: true, ...(token ? { login: { host: new URL(fake.url).host, user: 'x-access-token', password } } : {}) },
    );
    await spaces.ensure(task, NEVER);
    writeFileSync(join(spaces.pathOf(task.id), 'work.txt'), 'w');
    await spaces.commitWip(task, 'The work');
    const { commit } = await spaces.push(task, NEVER);
    const forge = createGitHubForge({
      apiUrl: fake.url,
      repo: { owner: 'acme', name: 'widgets' },
      pushedTo: () => headNames(head, fake.url),
      token: password,
      log: quiet,
      timeoutMs: 30_000,
      writeGapMs: 0,
    });
    const pull = await forge.openPull({ branch: task.branch, base: 'main', title: name, body: '', draft: true, commit }, NEVER);
    expect(fake.state.issues.find((issue) => issue.number === pull.number)?.pull?.head).toEqual({
      owner: from,
      ref: task.branch,
      sha: commit,
    });
    expect(
      sshd
        .asked()
        .slice(asked)
        .some((line) => line.startsWith('git-receive-pack')),
      'pushed by ssh',
    ).toBe(ssh);
    await spaces.save(task, RUN, 'the end');
    await spaces.remove(task, RUN);
  } finally {
    repo.remove();
  }
});
