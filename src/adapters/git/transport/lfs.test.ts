import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER } from '../../../../test/support/git/git-workspaces.ts';

/** With the real git-lfs, and a folder for a server. */

const FILTERS =
  '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n';
const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
const pointer = (text: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${sum(text)}\nsize ${text.length}\n`;
const below = (text: string): string => join('lfs/objects', sum(text).slice(0, 2), sum(text).slice(2, 4), sum(text));

let world: GitWorld;
const { HOME } = process.env;
beforeEach(() => {
  world = makeGitWorld({ remote: true, files: { '.gitattributes': '*.bin filter=lfs\n', 'old.bin': pointer('old') } });
  process.env.HOME = join(world.home, 'person');
  mkdirSync(process.env.HOME);
  writeFileSync(join(process.env.HOME, '.gitconfig'), FILTERS);
  put(atServer('old'), 'old');
});
afterEach(() => {
  process.env.HOME = HOME;
  world.remove();
});

const atServer = (text: string): string => join(world.remote ?? '', below(text));
const here = (text: string): string => join(world.root, '.git', below(text));
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const lfs = () => world.again({ filters: ['lfs'] });
/** Commits a pointer as a program does that writes one by hand. */
const commitPointer = (text: string): void => void world.commit('A pointer', { 'made.bin': pointer(text) }, world.tree);

test('contents are brought before a worktree is made, and taken along before a push', async () => {
  await lfs().ensure(world.task, NEVER);
  expect(readFileSync(join(world.tree, 'old.bin'), 'utf8')).toBe('old');
  world.write('new.bin', 'new', world.tree);
  await lfs().commitWip(world.task, 'Work');
  await lfs().push(world.task, NEVER);
  expect(world.git(['--git-dir', world.remote ?? '', 'cat-file', '-p', 'auto/gh-1:new.bin'])).toBe(pointer('new').trim());
  expect(readFileSync(atServer('new'), 'utf8')).toBe('new');
});

test('a file that lies in the folder of git that a box has is taken from there', async () => {
  await world.ensure();
  commitPointer('boxed');
  put(join(world.root, '.tac8/git/boxes/gh-1', below('boxed')), 'boxed');
  await lfs().push(world.task, NEVER);
  expect(readFileSync(atServer('boxed'), 'utf8')).toBe('boxed');
});

test('a base that moved on at the remote, with another file', async () => {
  put(atServer('newer'), 'newer');
  const other = join(world.home, 'other');
  world.git(['clone', '--quiet', world.remote ?? '', other]);
  world.commit('Newer', { 'newer.bin': pointer('newer') }, other);
  world.git(['push', '--quiet', 'origin', 'main'], other);
  await lfs().ensure(world.task, NEVER);
  expect(readFileSync(join(world.tree, 'newer.bin'), 'utf8')).toBe('newer');
});

test('a file that neither side has: no worktree, and git-lfs says why', async () => {
  rmSync(atServer('old'));
  await expect(lfs().ensure(world.task, NEVER)).rejects.toThrow(/lfs/i);
  expect(existsSync(world.tree)).toBe(false);
});

test.each([
  [
    'a link to something of the person’s',
    () => symlinkSync(join(world.home, 'secret'), here('secret')),
    /is not the file that its name says/,
  ],
  ['other content', () => put(here('secret'), 'decoys'), /is not the file that its name says/],
  ['nothing', () => undefined, /names a file of git-lfs that is not here/],
])('%s in the place of a file is not uploaded, and nothing is pushed', async (_, make, words) => {
  put(join(world.home, 'secret'), 'secret');
  await world.ensure();
  mkdirSync(dirname(here('secret')), { recursive: true });
  commitPointer('secret');
  make();
  await expect(lfs().push(world.task, NEVER)).rejects.toThrow(words);
  expect(existsSync(atServer('secret'))).toBe(false);
  expect(world.tryGit(['--git-dir', world.remote ?? '', 'rev-parse', '--verify', 'auto/gh-1']).code).not.toBe(0);
});

test('a link in the place of a file is not written into a worktree', async () => {
  put(join(world.home, 'secret'), 'old');
  mkdirSync(dirname(here('old')), { recursive: true });
  symlinkSync(join(world.home, 'secret'), here('old'));
  await expect(lfs().ensure(world.task, NEVER)).rejects.toThrow('is not the file that its name says');
  expect(existsSync(world.tree)).toBe(false);
});

test('a server that a worker names is not asked', async () => {
  const evil = join(world.home, 'evil.git');
  world.git(['init', '--quiet', '--bare', evil]);
  await lfs().ensure(world.task, NEVER);
  world.git(['config', 'lfs.url', `file://${evil}`]);
  world.write('.lfsconfig', `[lfs]\n\turl = file://${evil}\n`, world.tree);
  world.write('new.bin', 'new', world.tree);
  await lfs().commitWip(world.task, 'Work');
  await lfs().push(world.task, NEVER);
  expect([existsSync(atServer('new')), existsSync(join(evil, 'lfs'))]).toEqual([true, false]);
});

test('without the filter a pointer that is new is not pushed; one that the base has is', async () => {
  await world.ensure();
  world.commit('No file of git-lfs', { 'moved/old.bin': pointer('old') }, world.tree);
  await world.spaces.push(world.task, NEVER);
  commitPointer('new');
  await expect(world.spaces.push(world.task, NEVER)).rejects.toThrow(
    'the work has a file of git-lfs, and nobody would upload what is in it: tac8.yaml does not allow the filter lfs',
  );
});
