import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canMount, MOUNTS, mounter, nest } from '../../test/support/machine/mounts.ts';
import { BorderError, removeFolder } from './remove-folder.ts';

let place: string;
let folder: string;
let outside: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'tac8 remove-'));
  folder = join(place, 'folder');
  outside = join(place, 'outside');
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(folder, 'a/b/file'), 'f');
  writeFileSync(join(outside, 'precious'), 'p');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test('a folder with all that is in it; what is not there is no trouble; a file as well', async () => {
  await removeFolder(folder);
  await removeFolder(folder);
  expect(readdirSync(place)).toEqual(['outside']);
  await removeFolder(join(outside, 'precious'));
  expect(readdirSync(outside)).toEqual([]);
});

test('links go, what they lead to stays', async () => {
  symlinkSync(outside, join(folder, 'a/link'));
  symlinkSync(outside, join(place, 'itself'));
  await removeFolder(folder);
  await removeFolder(join(place, 'itself'));
  expect(readdirSync(place)).toEqual(['outside']);
  expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('p');
});

test.each([
  [300, 'short'],
  [60, 'n'.repeat(200)],
])('%i folders within each other', { timeout: 60_000 }, async (levels, name) => {
  nest(folder, levels, name);
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

test('folders that nobody may read or write', async () => {
  chmodSync(join(folder, 'a/b'), 0o500);
  chmodSync(join(folder, 'a'), 0o000);
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

test('names that are no text', async () => {
  const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]);
  mkdirSync(name);
  writeFileSync(Buffer.concat([name, Buffer.from('/'), Buffer.from([0x80])]), 'x');
  await removeFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

const made = (path: string): string => {
  mkdirSync(path);
  return path;
};

describe.runIf(canMount())(`with something mounted in it (${MOUNTS})`, () => {
  const { mount, end } = mounter();
  afterEach(end);

  test.each([
    ['a folder of the same file system', () => mount('--bind', outside, join(folder, 'a/b'))],
    ['a folder whose name has a blank', () => mount('--bind', outside, made(join(folder, 'x y')))],
    ['the folder itself', () => mount('--bind', outside, folder)],
    ['another file system', () => mount('-t', 'tmpfs', 'none', join(folder, 'a/b'))],
    ['a file', () => mount('--bind', join(outside, 'precious'), join(folder, 'a/b/file'))],
  ])('nothing is removed: %s', async (_what, put) => {
    put();
    await expect(removeFolder(folder)).rejects.toThrow(BorderError);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('p');
    expect(existsSync(join(folder, 'precious')) || existsSync(join(folder, 'a/b'))).toBe(true);
    expect(readdirSync(outside)).toEqual(['precious']);
  });
});
