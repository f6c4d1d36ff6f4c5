import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EMPTY_STREAM, type StreamFacts } from '../../core/model/run.ts';
import { createFollow } from './follow-facts.ts';

const NOW = Date.UTC(2026, 10, 22);
const said = (n: number, more = ''): string => `${JSON.stringify({ type: 'tac8', event: `step ${n}` })}${more}\n${talk(n)}\n`;
const talk = (n: number): string =>
  JSON.stringify({ type: 'assistant', message: { id: `m${n}`, content: [{ type: 'text', text: `step ${n}` }] }, session_id: 's' });

let dir: string;
let log: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-follow-'));
  log = join(dir, 'log.jsonl');
  writeFileSync(log, '');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a log that has not grown says what it said, and is the same object', async () => {
  const follow = createFollow();
  appendFileSync(log, said(1));
  const first = await follow(log, EMPTY_STREAM, NOW);
  expect(first).toMatchObject({ events: 1, turns: 1 });
  expect(await follow(log, first, NOW)).toBe(first);
});

test('whoever kept less of it is told all the same, in any pieces and across a new start', async () => {
  const follow = createFollow();
  let kept: StreamFacts = EMPTY_STREAM;
  const text = Array.from({ length: 40 }, (_, n) => said(n)).join('');
  for (let at = 0; at < text.length; at += 37) {
    appendFileSync(log, text.slice(at, at + 37));
    const facts = await follow(log, kept, NOW);
    // Every third is stored.
    if (at % 3 === 0) kept = facts;
  }
  const { firstEventAt: _, lastEventAt: __, ...all } = await follow(log, kept, NOW);
  const { firstEventAt: ___, lastEventAt: ____, ...anew } = await createFollow()(log, kept, NOW);
  expect(all).toMatchObject({ events: 40, turns: 40, offset: text.length });
  expect(anew).toEqual(all);
});

test('more than is read at one go is read all the same', async () => {
  writeFileSync(log, Array.from({ length: 12_000 }, (_, n) => said(n, ' '.repeat(100))).join(''));
  expect(await createFollow()(log, EMPTY_STREAM, NOW)).toMatchObject({ events: 12_000 });
});

test.each([
  ['removed', () => rmSync(log), 'vanished'],
  ['cut', () => truncateSync(log, 3), 'shrunk'],
  ['replaced by a shorter one', () => replace((path) => writeFileSync(path, 'x\n')), 'shrunk'],
  ['replaced by a link', () => replace((path) => symlinkSync('/proc/self/environ', path)), 'unreadable'],
  ['replaced by a named pipe that nobody writes into', () => replace((path) => execFileSync('mkfifo', [path])), 'unreadable'],
  ['replaced by a folder', () => replace((path) => execFileSync('mkdir', [path])), 'unreadable'],
])('a log that was %s is an error, and holds nobody up', async (_, spoil, kind) => {
  const follow = createFollow();
  appendFileSync(log, said(1));
  const facts = await follow(log, EMPTY_STREAM, NOW);
  spoil();
  await expect(follow(log, facts, NOW)).rejects.toMatchObject({ kind });
});

function replace(make: (path: string) => void): void {
  make(`${log}.new`);
  rmSync(log);
  renameSync(`${log}.new`, log);
}
