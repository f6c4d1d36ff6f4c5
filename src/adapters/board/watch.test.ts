import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchBoard } from './watch.ts';

let dir = '';
let stop: () => void = () => undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-watch-'));
});
afterEach(() => {
  stop();
  rmSync(dir, { recursive: true, force: true });
});

it('tells of a save in place, a rename over and a removal, soon and once', async () => {
  const path = join(dir, 'tasks.md');
  writeFileSync(path, 'a');
  const seen = vi.fn();
  stop = watchBoard(path, seen, { pollMs: 60_000 });
  const told = (times: number) => vi.waitFor(() => expect(seen).toHaveBeenCalledTimes(times), { timeout: 2000, interval: 5 });
  for (let i = 0; i < 20; i += 1) appendFileSync(path, 'b');
  await told(1);
  writeFileSync(join(dir, 'new'), 'c');
  renameSync(join(dir, 'new'), path);
  await told(2);
  rmSync(path);
  await told(3);
});

it('sees a change by looking where nothing tells', async () => {
  const path = join(dir, 'folder', 'tasks.md');
  const seen = vi.fn();
  stop = watchBoard(path, seen, { pollMs: 20 });
  mkdirSync(join(dir, 'folder'));
  writeFileSync(path, 'a');
  await vi.waitFor(() => expect(seen).toHaveBeenCalled(), { timeout: 2000, interval: 5 });
});
