import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moveAside, readPlain } from './files.ts';

/** Another file system than that of temporary files, on most machines. */
const OTHER = '/dev/shm';
const isOther = existsSync(OTHER) && statSync(OTHER).dev !== statSync(tmpdir()).dev;
let here: string;

beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'tac8-files-'));
});

afterEach(() => rmSync(here, { recursive: true, force: true }));

test.skipIf(!isOther)('a sign is moved to another file system, too', async () => {
  const there = mkdtempSync(join(OTHER, 'tac8-files-'));
  try {
    writeFileSync(join(here, 'STOP'), 'enough');
    const to = await moveAside(join(here, 'STOP'), join(there, 'run'), 'STOP');
    expect(to).toBe(join(there, 'run', 'STOP'));
    expect(readFileSync(to, 'utf8')).toBe('enough');
    expect(existsSync(join(here, 'STOP'))).toBe(false);
  } finally {
    rmSync(there, { recursive: true, force: true });
  }
});

test.each([
  0,
  1,
  64 * 1024 - 1,
  64 * 1024,
  64 * 1024 + 1,
])('a file of %d bytes is read to its end, no further than is allowed', async (size) => {
  const path = join(here, 'config');
  writeFileSync(path, Buffer.alloc(size, 'ß'));
  expect((await readPlain(path)).equals(readFileSync(path))).toBe(true);
  expect((await readPlain(path, size)).length).toBe(size);
  if (size > 0) await expect(readPlain(path, size - 1)).rejects.toThrow('larger than');
});

test.skipIf(!existsSync('/proc/self/stat'))('one whose size says nothing is read to its end', async () => {
  expect((await readPlain('/proc/self/stat')).toString()).toMatch(/^\d+ \(.*\n$/s);
});
