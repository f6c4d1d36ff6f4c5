import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { besideIt, openPlain, openPlainSync, readPlainSync } from './open-plain.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'tac8-plain-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function linkTo(path: string, text: string): void {
  writeFileSync(join(place, 'secret'), text);
  symlinkSync(join(place, 'secret'), path);
}

const PLACED: readonly [string, (path: string) => unknown][] = [
  ['a link to a person’s file', (path) => linkTo(path, 'mine')],
  ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
  ['a link to nothing', (path) => symlinkSync(join(place, 'nothing'), path)],
  ['a named pipe', (path) => execFileSync('mkfifo', [path])],
  ['a folder', (path) => mkdirSync(path)],
  [
    'a socket',
    (path) =>
      new Promise((resolve) =>
        createServer()
          .unref()
          .listen(path, () => resolve(null)),
      ),
  ],
];

describe.each(PLACED)('%s in the place of a file', (_what, put) => {
  test.each([
    ['read', constants.O_RDONLY],
    ['appended to', constants.O_RDWR | constants.O_APPEND | constants.O_CREAT],
    ['written', constants.O_WRONLY | constants.O_CREAT],
  ])('is not %s', async (_how, flags) => {
    const path = join(place, 'file');
    await put(path);
    expect(() => openPlainSync(path, flags)).toThrow(/no plain file|EISDIR/);
    await expect(openPlain(path, flags)).rejects.toThrow(/no plain file|EISDIR/);
  });
});

test.each([
  ['a named pipe', (path: string) => execFileSync('mkfifo', [path]), /no plain file/],
  ['a device', (path: string) => symlinkSync('/dev/zero', path), /no plain file/],
  ['a file of 300 GB', (path: string) => execFileSync('truncate', ['-s', '300G', path]), /at most 100 are read/],
  ['a folder', (path: string) => mkdirSync(path), /no plain file/],
])('%s in the place of a person’s file is not read', (_what, put, words) => {
  put(join(place, 'file'));
  expect(() => readPlainSync(join(place, 'file'), 100)).toThrow(words);
});

test('a link that a person made is read', () => {
  linkTo(join(place, 'file'), 'label: x');
  expect(readPlainSync(join(place, 'file'), 100)).toBe('label: x');
});

test('a plain file is opened, one that is not there is the system’s to tell of', async () => {
  const path = join(place, 'file');
  expect(() => openPlainSync(path)).toThrow(/ENOENT/);
  closeSync(openPlainSync(path, constants.O_WRONLY | constants.O_CREAT));
  closeSync(openPlainSync(path));
  await (await openPlain(path)).close();
});

test.each([
  ['gh-1.w-1.jsonl', 'gh-1.w-1.jsonl'],
  ['../other', 'link'],
  ['/etc/passwd', 'link'],
  ['..', 'link'],
])('a link to %j leads to %j', (target, to) => {
  symlinkSync(target, join(place, 'link'));
  expect(besideIt(join(place, 'link'))).toBe(join(place, to));
});
