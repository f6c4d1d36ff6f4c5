import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGit } from '../../../src/adapters/git/call/git.ts';
import { type GitWorld, makeGitWorld, RUN } from '../../support/git/git-workspaces.ts';
import { inner, set } from '../../support/git/intruder.ts';

/*
 * Not a program but a lie: the daemon goes on to see what is so. Each is taken back again after its test; the twin is what plain git says of it.
 */
describe('what git is told falsely', () => {
  let world: GitWorld;
  let canary: string;
  let evil: string;
  let tip: string;
  beforeAll(async () => {
    world = makeGitWorld();
    await world.ensure();
    world.commit('First work', { 'one.txt': '1' }, world.tree);
    tip = world.commit('Second work', { 'two.txt': '2' }, world.tree);
    world.write('new.txt', 'n', world.tree);
    canary = join(world.home, 'canary.sh');
    writeFileSync(canary, `#!/bin/sh\n: > '${world.home}/sounded'\n`);
    chmodSync(canary, 0o755);
    evil = join(world.home, 'evil');
    world.git(['init', '--quiet', evil]);
    world.commit('Evil', { 'one.txt': '1' }, evil);
    world.git(['config', 'core.fsmonitor', canary], evil);
  }, 60_000);
  afterAll(() => world.remove());

  const file = (path: string): string => join(world.root, path);
  const setting = (key: string, value: string) => ({
    lie: () => void set(world, key, value),
    undo: () => void world.git(['config', '--file', file('.git/config'), '--unset', key]),
  });
  const written = (path: string, text: () => string) => {
    const before = existsSync(file(path)) ? readFileSync(file(path)) : null;
    return {
      lie: () => writeFileSync(file(path), text()),
      undo: () => (before === null ? rmSync(file(path)) : writeFileSync(file(path), before)),
    };
  };
  const plain = (...args: string[]): string => world.tryGit(args, world.tree).out;
  const heard = (): string => {
    plain('status');
    return existsSync(join(world.home, 'sounded')) ? 'the canary' : 'nothing';
  };
  const root = (): string => world.git(['rev-list', '--max-parents=0', 'HEAD'], world.tree);

  const LIES = [
    {
      what: 'a replaced commit',
      tell: () => ({ lie: () => void world.git(['replace', tip, root()]), undo: () => void world.git(['replace', '-d', tip]) }),
      twin: () => expect(plain('diff', '--name-only', 'main', 'auto/gh-1')).toBe(''),
    },
    {
      what: 'a graft',
      tell: () => written('.git/info/grafts', () => `${tip}\n`),
      twin: () => expect(plain('rev-list', '--count', 'HEAD')).toBe('1'),
    },
    {
      what: 'core.excludesFile',
      tell: () => {
        writeFileSync(join(world.home, 'all'), '*\n');
        return setting('core.excludesFile', join(world.home, 'all'));
      },
      twin: () => expect(plain('status', '--porcelain')).toBe(''),
    },
    {
      what: 'status.showUntrackedFiles',
      tell: () => setting('status.showUntrackedFiles', 'no'),
      twin: () => expect(plain('status', '--porcelain')).toBe(''),
    },
    {
      what: 'core.bare',
      tell: () => setting('core.bare', 'true'),
      twin: () => expect(world.tryGit(['status'], world.root).code).toBe(128),
    },
    {
      what: 'core.worktree',
      tell: () => setting('core.worktree', evil),
      twin: () => expect(world.git(['rev-parse', '--show-toplevel'], world.root)).toBe(evil),
    },
    {
      what: 'a .git file that leads to another repository',
      tell: () => written('trees/gh-1/.git', () => `gitdir: ${evil}/.git\n`),
      twin: () => expect(heard()).toBe('the canary'),
    },
  ] as const;

  test.each(LIES)('$what: is not believed; twin: plain git does', async ({ tell, twin }) => {
    const base = world.git(['rev-parse', 'main']);
    const spaces = world.again();
    const look = async () => {
      const { commits, head, dirty } = await spaces.inspect(world.task, base);
      const shown = await spaces.difference(world.task, { form: 'files', startedFrom: base });
      const { commit } = await spaces.save(world.task, RUN, 'a test');
      const paths = commit === null ? '' : world.git(['--no-replace-objects', 'ls-tree', '-r', '--name-only', commit]);
      return { commits, head, dirty, files: shown?.files.map(({ path }) => path), paths, main: await spaces.mainChanges() };
    };
    const truth = {
      commits: 2,
      head: tip,
      dirty: true,
      files: ['new.txt', 'one.txt', 'two.txt'],
      paths: expect.stringContaining('new.txt'),
      main: [],
    };
    const { lie, undo } = tell();
    await spaces.list();
    lie();
    try {
      // Where its own `.git` leads elsewhere, the files that it has are no worktree's of ours.
      const isAstray = readFileSync(join(world.tree, '.git'), 'utf8').includes(evil);
      if (isAstray) expect((await spaces.inspect(world.task, base)).dirty).toBe(true);
      else expect(await look()).toEqual(truth);
      expect(existsSync(join(world.home, 'sounded'))).toBe(false);
      twin();
    } finally {
      undo();
      rmSync(join(world.home, 'sounded'), { force: true });
    }
  }, 60_000);

  test('a commondir that leads to another repository: refused in words; twin: plain git runs its program', async () => {
    const { lie, undo } = written('.git/worktrees/gh-1/commondir', () => `${evil}/.git\n`);
    lie();
    await expect(world.again().inspect(world.task, tip)).rejects.toThrow('leads out of the repository');
    expect(existsSync(join(world.home, 'sounded'))).toBe(false);
    expect(heard()).toBe('the canary');
    undo();
  }, 60_000);

  test('git that git starts goes on in the view alone; twin: without the guard it does what the settings inside say', async () => {
    inner(world, 'sub', canary, 'filter.z.clean');
    world.git(['add', 'sub'], world.tree);
    const git = createGit({ cwd: world.root, stateDir: join(world.home, 'state'), timeoutMs: () => 15_000 });
    const env = { GIT_DIR: file('.git/worktrees/gh-1'), GIT_WORK_TREE: world.tree };
    const heardOf = () => existsSync(join(world.home, 'sounded'));
    rmSync(join(world.home, 'sounded'), { force: true });
    await expect(git(['status', '--porcelain'], { cwd: world.tree, env })).rejects.toThrow('in submodule');
    expect(heardOf()).toBe(false);
    await git(['status', '--porcelain'], { cwd: world.tree, env, settings: 'lazy' });
    expect(heardOf()).toBe(true);
    rmSync(join(world.home, 'sounded'));
    world.git(['rm', '--quiet', '--cached', '-f', 'sub'], world.tree);
    rmSync(join(world.tree, 'sub'), { recursive: true });
  }, 60_000);

  test('a view that somebody wrote into is put right before the next call', async () => {
    const spaces = world.again();
    await spaces.inspect(world.task, tip);
    const views = join(world.root, '.tac8/git/views');
    const [name = ''] = readdirSync(views);
    writeFileSync(join(views, name, 'config'), `[core]\n\tfsmonitor = ${canary}\n`);
    writeFileSync(join(views, name, 'info/attributes'), '* filter=x\n');
    mkdirSync(join(views, name, 'hooks'));
    await spaces.inspect(world.task, tip);
    expect(readFileSync(join(views, name, 'config'), 'utf8')).not.toContain('fsmonitor');
    expect([...readdirSync(join(views, name)), ...readdirSync(join(views, name, 'info'))]).not.toEqual(expect.arrayContaining(['hooks']));
    expect(readdirSync(join(views, name, 'info'))).toEqual(['exclude']);
  }, 60_000);
});
