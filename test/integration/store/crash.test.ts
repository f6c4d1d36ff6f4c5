import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/sqlite.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-store-crash-'));
  path = join(folder, 'tac8.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (name: string, ...args: string[]) =>
  spawn(process.execPath, [join(import.meta.dirname, 'programs', name), path, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });

/** Lets a writer run for a random while after its first answer, kills it, and answers the last number that it said. */
async function writeUntilKilled(first: number): Promise<number> {
  const child = program('writer.ts', String(first));
  let said = first - 1;
  const lines = createInterface({ input: child.stdout });
  const begun = once(lines, 'line');
  lines.on('line', (line) => {
    said = Number(line);
  });
  await begun;
  // The length of life is what is random here, not a wait for something.
  await delay(Math.random() * 60);
  child.kill('SIGKILL');
  await once(child, 'close');
  return said;
}

test('every row that a killed writer was told is stored, is stored, and no commit is there by half', { timeout: 60_000 }, async () => {
  let stored = 0;
  for (let round = 0; round < 12; round++) {
    const said = await writeUntilKilled(stored + 1);
    const store = openSqliteStore({ path });
    const last = Number(store.fact('last') ?? 0);
    expect(last).toBeGreaterThanOrEqual(said);
    expect(store.openTasks().map(({ id }) => id)).toEqual(Array.from({ length: last }, (_, n) => `gh-${n + 1}`));
    expect(store.history({ limit: 1_000_000 })).toHaveLength(last);
    expect(store.counters().workers_launched).toBe(last);
    expect(store.countTasks().pending).toBe(last);
    store.close();
    stored = last;
  }
  expect(stored).toBeGreaterThan(50);
});

test('several first starts at one instant make one database', { timeout: 30_000 }, async () => {
  const at = String(Date.now() + 700);
  const openers = Array.from({ length: 6 }, () => program('opener.ts', at));
  const ends = await Promise.all(openers.map((child) => once(child, 'close')));
  expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  const store = openSqliteStore({ path, readOnly: true });
  expect(store.history({ limit: 10 })).toHaveLength(6);
  store.close();
});
