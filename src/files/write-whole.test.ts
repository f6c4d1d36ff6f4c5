import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdWhole, type WholeOptions, writeWhole, writeWholeSync } from './write-whole.ts';

const WAYS: Readonly<Record<string, (path: string, text: string, options?: WholeOptions) => Promise<void>>> = {
  waiting: writeWhole,
  'at once': async (path, text, options) => writeWholeSync(path, text, options),
};

describe.each(Object.entries(WAYS))('a file written whole, %s', (_, write) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tac8-whole-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is the new text, its owner’s alone unless said otherwise, and nothing lies beside it', async () => {
    const path = join(folder, 'a');
    await write(path, 'one');
    await write(path, 'two');
    await write(join(folder, 'b'), 'three', { mode: 0o640, aside: join(folder, 'b.tmp') });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, statSync(join(folder, 'b')).mode & 0o777]).toEqual([
      'two',
      0o600,
      0o640,
    ]);
    expect(readdirSync(folder)).toEqual(['a', 'b']);
  });

  test('that cannot be put in its place leaves nothing beside it', async () => {
    await expect(write(join(folder, 'nowhere', 'a'), 'text')).rejects.toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes its place where a folder or a pipe is in the way of it or of the file beside it; a folder is kept', async () => {
    for (const name of ['taken', 'b.tmp']) mkdirSync(join(folder, name, 'inner'), { recursive: true });
    await write(join(folder, 'taken'), 'text');
    await write(join(folder, 'b'), 'text', { aside: join(folder, 'b.tmp') });
    for (const name of ['c', 'c.tmp']) execFileSync('mkfifo', [join(folder, name)]);
    await write(join(folder, 'c'), 'text', { aside: join(folder, 'c.tmp') });
    expect(['taken', 'b', 'c'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['text', 'text', 'text']);
    const kept = readdirSync(folder).filter((name) => name.endsWith('.in-the-way'));
    expect(kept.map((name) => readdirSync(join(folder, name)))).toEqual([['inner'], ['inner']]);
    expect(readdirSync(folder)).toHaveLength(5);
  });

  test('by ten at once is one of them', async () => {
    const path = join(folder, 'a');
    const texts = Array.from({ length: 10 }, (_, n) => String(n).repeat(100_000));
    await Promise.all(texts.map((text) => write(path, text)));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['a']);
  });
});

describe('a file that is to hold a text', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tac8-whole-'));
    path = join(folder, 'a');
    await holdWhole(path, 'größe\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const inode = (): number => statSync(path).ino;

  test('is left alone where it does', async () => {
    const before = inode();
    await holdWhole(path, 'größe\n');
    expect(inode()).toBe(before);
  });

  test.each<[what: string, spoil: () => void]>([
    ['it is another one of that length', () => writeFileSync(path, 'GRÖSSE\n')],
    ['others may read it', () => chmodSync(path, 0o644)],
    [
      'it is a link to one that does',
      () => {
        rmSync(path);
        writeFileSync(join(folder, 'b'), 'größe\n', { mode: 0o600 });
        symlinkSync('b', path);
      },
    ],
    ['it is gone', () => rmSync(path)],
  ])('is written where %s', async (_, spoil) => {
    spoil();
    await holdWhole(path, 'größe\n');
    expect(readFileSync(path, 'utf8')).toBe('größe\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    rmSync(join(folder, 'b'), { force: true });
    expect(readFileSync(path, 'utf8')).toBe('größe\n');
  });
});
