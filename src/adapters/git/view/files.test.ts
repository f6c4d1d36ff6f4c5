import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moveAside } from './files.ts';

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
