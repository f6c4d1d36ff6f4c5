import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPlaces, readRegistry } from './registry.ts';
import type { Repository } from './repository.ts';

let commonDir: string;
let repository: Repository;
beforeEach(() => {
  commonDir = mkdtempSync(join(tmpdir(), 'tac8-registry-'));
  repository = { root: commonDir, gitDir: commonDir, commonDir } as Repository;
  write('gitdir', '/x/trees/gh-1/.git\n');
  write('HEAD', 'ref: refs/heads/auto/gh-1\n');
});
afterEach(() => rmSync(commonDir, { recursive: true }));

const at = (name: string): string => join(commonDir, 'worktrees/gh-1', name);
function write(name: string, text: string): void {
  mkdirSync(join(commonDir, 'worktrees/gh-1'), { recursive: true });
  writeFileSync(at(name), text);
}
/** The kernel's clock has gone on by then: what is read now is kept. */
async function aged(read: (of: Repository) => Promise<readonly unknown[]> = readRegistry): Promise<void> {
  for (;;) {
    const [one] = await read(repository);
    if (one === (await read(repository))[0]) return;
  }
}

test('a record that stands as it stood is not read again', async () => {
  await aged();
  const [first] = await readRegistry(repository);
  expect(first).toMatchObject({ path: '/x/trees/gh-1', branch: 'refs/heads/auto/gh-1', locked: null });
  expect((await readRegistry(repository))[0]).toBe(first);
});

test.each<[string, () => void, object]>([
  ['git checks another branch out', () => replace('HEAD', 'ref: refs/heads/auto/gh-2\n'), { branch: 'refs/heads/auto/gh-2' }],
  ['its times are set back', () => forged('HEAD', 'ref: refs/heads/auto/gh-3\n'), { branch: 'refs/heads/auto/gh-3' }],
  ['the worktree is moved', () => write('gitdir', '/y/trees/gh-1/.git\n'), { path: '/y/trees/gh-1' }],
  ['it is locked', () => write('locked', 'by hand\n'), { locked: 'by hand' }],
  ['a link stands in the place of a file', () => linked('HEAD'), { branch: null }],
  ['a file is gone', () => rmSync(at('HEAD')), { branch: null, detached: null }],
])('it is read again when %s', async (_, change, expected) => {
  await aged();
  change();
  expect((await readRegistry(repository))[0]).toMatchObject(expected);
});

test('one that is gone is forgotten, and one that comes under its name is read', async () => {
  await aged();
  renameSync(join(commonDir, 'worktrees/gh-1'), join(commonDir, 'worktrees/gh-2'));
  expect((await readRegistry(repository)).map(({ adminDir }) => adminDir)).toEqual([join(commonDir, 'worktrees/gh-2')]);
  write('gitdir', '/z/.git\n');
  expect((await readRegistry(repository)).map(({ path }) => path).sort()).toEqual(['/x/trees/gh-1', '/z']);
});

test('where worktrees are is told as it stands, too, also when it is written anew in its place', async () => {
  const [first] = await readPlaces(repository);
  expect(first).toEqual({ adminDir: join(commonDir, 'worktrees/gh-1'), path: '/x/trees/gh-1' });
  await aged(readPlaces);
  const [kept] = await readPlaces(repository);
  expect((await readPlaces(repository))[0]).toBe(kept);
  // What says nothing of the place is not looked at.
  write('HEAD', 'ref: refs/heads/auto/gh-2\n');
  expect((await readPlaces(repository))[0]).toBe(kept);
  forged('gitdir', '/y/trees/gh-1/.git\n');
  expect((await readPlaces(repository))[0]).toMatchObject({ path: '/y/trees/gh-1' });
  rmSync(at('gitdir'));
  expect((await readPlaces(repository))[0]).toMatchObject({ path: null });
  rmSync(join(commonDir, 'worktrees'), { recursive: true });
  expect(await readPlaces(repository)).toEqual([]);
});

function replace(name: string, text: string): void {
  writeFileSync(`${at(name)}.lock`, text);
  renameSync(`${at(name)}.lock`, at(name));
}

function forged(name: string, text: string): void {
  const { atime, mtime } = statSync(at(name));
  writeFileSync(at(name), text);
  utimesSync(at(name), atime, mtime);
}

function linked(name: string): void {
  rmSync(at(name));
  symlinkSync(at(name), at(name));
}
