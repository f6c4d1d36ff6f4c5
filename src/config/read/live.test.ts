import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveConfig } from './live.ts';
import { loadConfig } from './load.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-live-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a changed file is taken up; one with a mistake keeps the last good one, and is told once', () => {
  const loaded = loadConfig(root, {});
  if (!loaded.ok) throw new Error('no file means the defaults');
  const told: (string | null)[] = [];
  const live = createLiveConfig({ root, env: {}, first: loaded.written, onChange: ({ problems }) => told.push(problems) });
  expect(live().maxConcurrentWorkers).toBe(3);
  writeFileSync(join(root, 'tac8.yaml'), 'max_concurrent_workers: 5\n');
  expect(live().maxConcurrentWorkers).toBe(5);
  writeFileSync(join(root, 'tac8.yaml'), 'max_concurrent_workers: many\n');
  expect([live().maxConcurrentWorkers, live().maxConcurrentWorkers]).toEqual([5, 5]);
  expect(told).toEqual([null, expect.stringContaining('max_concurrent_workers')]);
});
