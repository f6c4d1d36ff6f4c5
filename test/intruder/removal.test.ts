import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHousekeeping } from '../../src/adapters/household/household.ts';
import { type GitWorld, makeGitWorld, RUN } from '../support/git/git-workspaces.ts';
import { canMount, MOUNTS, mounter, nest } from '../support/machine/mounts.ts';

/*
 * A worker puts something into its worktree or its home that leads out of it, or that cannot be saved. tac8 saves and removes what it made.
 * The canary is a file outside, or the worker's own work. Each twin does what git or Node does by itself.
 */

let world: GitWorld;
let outside: string;
let canary: string;
let home: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n' } });
  await world.ensure();
  outside = join(world.home, 'outside');
  canary = join(outside, 'precious');
  home = join(world.root, '.tac8/homes/gh-1');
  for (const folder of [outside, home, join(world.tree, 'data'), join(home, 'data')]) mkdirSync(folder, { recursive: true });
  writeFileSync(canary, 'precious');
});
afterEach(() => world.remove());

const household = () =>
  createHousekeeping({
    git: world.spaces,
    state: join(world.root, '.tac8'),
    logs: join(world.root, 'logs'),
    trees: join(world.root, 'trees'),
    ours: [],
  });
const saveAndRemove = async (): Promise<void> => {
  await world.spaces.save(world.task, RUN, 'test');
  await world.spaces.remove(world.task, RUN);
};
const isWell = (): boolean => existsSync(canary) && readFileSync(canary, 'utf8') === 'precious';

describe.runIf(canMount())(`a folder of a person is mounted (${MOUNTS})`, () => {
  const { mount, end } = mounter();
  afterEach(end);

  const PLACES: readonly [string, () => string][] = [
    ['a new folder of the worktree', () => join(world.tree, 'data')],
    ['an ignored folder, which no snapshot looks into', () => join(world.tree, 'ignored')],
    ['the worktree itself', () => world.tree],
  ];
  test.each(PLACES)('%s: nothing is removed, and why is told', async (_what, place) => {
    mkdirSync(place(), { recursive: true });
    await world.spaces.save(world.task, RUN, 'test');
    mount('--bind', outside, place());
    await expect(saveAndRemove()).rejects.toThrow(/mounted|not saved|is in the way/);
    expect([isWell(), existsSync(world.tree)]).toEqual([true, true]);
  });

  test('twin: git empties it', () => {
    mount('--bind', outside, join(world.tree, 'data'));
    expect(world.tryGit(['worktree', 'remove', '--force', world.tree]).code).not.toBe(0);
    expect(isWell()).toBe(false);
  });

  test('the home of the task: nothing is removed', async () => {
    mount('--bind', outside, join(home, 'data'));
    await expect(household().removeHome('gh-1')).rejects.toThrow('mounted');
    expect(isWell()).toBe(true);
  });

  test('twin: Node empties it', () => {
    mount('--bind', outside, join(home, 'data'));
    expect(() => rmSync(home, { recursive: true, force: true })).toThrow('busy');
    expect(isWell()).toBe(false);
  });
});

describe('a link leads out', () => {
  test.each([
    ['from the worktree', () => symlinkSync(outside, join(world.tree, 'data/link')), saveAndRemove],
    ['from an ignored folder', () => symlinkSync(outside, join(world.tree, 'ignored')), saveAndRemove],
    ['from the home', () => symlinkSync(outside, join(home, 'link')), () => household().removeHome('gh-1')],
    [
      'in the place of the home',
      () => {
        rmSync(home, { recursive: true });
        symlinkSync(outside, home);
      },
      () => household().removeHome('gh-1'),
    ],
    [
      'in the place of the worktree',
      () => {
        rmSync(world.tree, { recursive: true });
        symlinkSync(outside, world.tree);
      },
      saveAndRemove,
    ],
  ])('%s: the link alone goes', async (_what, put, remove) => {
    put();
    await remove();
    expect(isWell()).toBe(true);
  });

  test('twin: whoever follows it empties the folder', () => {
    symlinkSync(outside, join(home, 'link'));
    rmSync(`${join(home, 'link')}/precious`);
    expect(isWell()).toBe(false);
  });
});

describe('what cannot be saved', () => {
  /** Longer than a path may be. */
  const hide = (): void => nest(join(world.tree, 'data'), 24, 'n'.repeat(200));

  test('a path longer than the system takes: the snapshot says what it lacks, and the worktree stays', async () => {
    hide();
    const { incomplete } = await world.spaces.save(world.task, RUN, 'test');
    expect(incomplete).toContain('too long');
    await expect(world.spaces.remove(world.task, RUN)).rejects.toMatchObject({
      sort: 'terminal',
      message: expect.stringContaining('not all of it can be read'),
    });
    expect(existsSync(join(world.tree, 'data', 'n'.repeat(200)))).toBe(true);
  });

  test('a file of 300 GB that is all holes is not read: the snapshot says what it lacks and has the rest, and the worktree stays', async () => {
    world.write('beside.txt', 'b', world.tree);
    spawnSync('truncate', ['-s', '300G', join(world.tree, 'huge'), join(world.tree, 'data/huge')]);
    const { incomplete, commit } = await world.spaces.save(world.task, RUN, 'test');
    expect(incomplete).toMatch(/huge: a file of 300 GiB, and of one file a snapshot takes 2 GiB at most/);
    expect(world.git(['ls-tree', '-r', '--name-only', commit ?? '']).split('\n')).toContain('beside.txt');
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not all of it can be read');
    // In a repository inside, and where files are committed for the agent.
    world.git(['init', '--quiet', join(world.tree, 'data')]);
    expect((await world.spaces.save(world.task, RUN, 'test')).incomplete).toContain('300 GiB');
    expect(await world.spaces.commitWip(world.task, 'Work')).not.toBeNull();
    expect(world.git(['ls-tree', '-r', '--name-only', 'auto/gh-1'])).not.toContain('huge');
  });

  test('the same in a repository of its own', async () => {
    world.git(['init', '--quiet', join(world.tree, 'data')]);
    hide();
    expect((await world.spaces.save(world.task, RUN, 'test')).incomplete).toContain('too long');
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not all of it can be read');
  });

  test('twin: git calls that an end without fault', () => {
    hide();
    expect(world.tryGit(['add', '-A'], world.tree).code).toBe(0);
    expect(world.git(['diff', '--cached', '--name-only'], world.tree)).not.toContain('leaf');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that nobody may read (root may read all): the same', async () => {
    writeFileSync(join(world.tree, 'data/file'), 'precious');
    chmodSync(join(world.tree, 'data'), 0o000);
    expect((await world.spaces.save(world.task, RUN, 'test')).incomplete).toContain('Permission denied');
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not all of it can be read');
    chmodSync(join(world.tree, 'data'), 0o700);
    await saveAndRemove();
    expect(existsSync(world.tree)).toBe(false);
  });

  test('a home of many folders within each other, and folders nobody may write: it goes', async () => {
    nest(join(home, 'data'), 24, 'n'.repeat(200));
    mkdirSync(join(home, 'modules/inner'), { recursive: true });
    chmodSync(join(home, 'modules'), 0o500);
    await household().removeHome('gh-1');
    expect(existsSync(home)).toBe(false);
  });
});
