import { linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNow } from './file.ts';
import { putText, type Swap } from './swap.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-swap-'));
  path = join(dir, 'tasks.md');
  writeFileSync(path, 'old\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Puts a text by which nothing that came out is forgotten. */
const swap = (more: Partial<Swap>): Swap => ({
  target: path,
  exchange: async () => 'pinned',
  patience: { settleMs: 5, isBeingWritten: async () => false },
  reconcile: (cameOut, _expected, written) => (written.includes(cameOut) ? written : cameOut + written),
  keep: async () => undefined,
  copy: async () => undefined,
  setAside: async () => undefined,
  announce: () => undefined,
  way: { now: 'exchange' },
  ...more,
});

test('what is renamed over the board in the moment before it is written in place is not written over', async () => {
  const seen = await readNow(path);
  let saves = 0;
  const copy = async (): Promise<void> => {
    saves += 1;
    if (saves > 1) return;
    writeFileSync(`${path}.new`, 'theirs\n');
    renameSync(`${path}.new`, path);
  };
  await putText(swap({ copy }), 'ours\n', seen);
  expect(readFileSync(path, 'utf8')).toBe('theirs\nours\n');
});

test('a second name that an editor gives the board while it saves is waited for, and it is not written in place', async () => {
  const seen = await readNow(path);
  linkSync(path, `${path}~`);
  let exchanged = 0;
  const exchange = async (one: string, two: string) => {
    exchanged += 1;
    renameSync(two, `${two}.out`);
    renameSync(one, two);
    renameSync(`${two}.out`, one);
    return 'done' as const;
  };
  const way = { now: 'exchange' as const };
  const put = putText(swap({ exchange, way }), 'ours\n', seen);
  rmSync(`${path}~`);
  expect(await put).toBe('ours\n');
  expect([exchanged, way.now]).toEqual([1, 'exchange']);
});
