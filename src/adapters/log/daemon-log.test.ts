import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDaemonLog } from './daemon-log.ts';

test('a disk that is full ends no daemon: it is told, and the daemon goes on', () => {
  const told: string[] = [];
  const log = createDaemonLog('/dev/full', (level, message) => told.push(`${level} ${message}`));
  log.info('one');
  log.error('two');
  expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^error \/dev\/full: .*ENOSPC/), 'info one', 'error two']));
});

test('a log that is full is put aside under a number, and no line between is lost', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-log-'));
  try {
    const log = createDaemonLog(join(dir, 'tac8.log'), undefined, 2_000);
    for (let n = 1; n <= 100; n += 1) log.info(`line ${n}`);
    // Another process begins with what is there.
    createDaemonLog(join(dir, 'tac8.log'), undefined, 2_000).info('line 101');
    expect(readdirSync(dir).sort()).toEqual(['tac8.1.log', 'tac8.2.log', 'tac8.3.log', 'tac8.log']);
    const files = ['tac8.3.log', 'tac8.2.log', 'tac8.1.log', 'tac8.log'];
    const numbers = files.flatMap((name) => [...readFileSync(join(dir, name), 'utf8').matchAll(/line (\d+)/g)].map(([, n]) => Number(n)));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => 101 - numbers.length + 1 + n));
    expect(numbers.length).toBeGreaterThan(60);
    for (const name of files) expect(readFileSync(join(dir, name), 'utf8').length).toBeLessThan(2_200);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('a named pipe or a folder in its place is moved beside, and not waited for', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-log-'));
  try {
    const path = join(dir, 'tac8.log');
    for (const put of [() => execFileSync('mkfifo', [path]), () => mkdirSync(path)]) {
      put();
      createDaemonLog(path).info('a line');
      expect(readFileSync(path, 'utf8')).toContain('a line');
      rmSync(path);
    }
    expect(readdirSync(dir).filter((name) => name.endsWith('.in-the-way'))).toHaveLength(2);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
