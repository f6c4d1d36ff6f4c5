import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNow } from './file.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'tac8-board-file-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test.each([
  ['a named pipe that nobody writes to', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
])('%s in the place of tasks.md is refused at once', async (_, make) => {
  const path = join(place, 'tasks.md');
  make(path);
  await expect(readNow(path)).rejects.toMatchObject({ sort: 'terminal', message: `${path} is not a file` });
});
