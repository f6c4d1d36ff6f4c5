import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Desk, desk, tick } from '../../../../test/board/desk.ts';
import { line, viewOf } from '../../../../test/board/lines.ts';
import { readNow } from './file.ts';
import { watchStillness } from './stillness.ts';

const READING = { intents: [], problems: [], notes: [], base: { text: 'text' }, held: null };
const HOUR_AGO = Date.now() / 1000 - 3_600;
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-still-'));
  path = join(dir, 'tasks.md');
  writeFileSync(path, 'text');
  utimesSync(path, HOUR_AGO, HOUR_AGO);
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a file that nobody has written to for a while is not read again, against the same base', async () => {
  const still = watchStillness(path);
  const seen = await readNow(path);
  expect(still.snapshot()).toBeNull();
  still.keep(seen, READING.base, READING);
  expect(still.snapshot()).toBe(seen);
  expect(still.reading(READING.base, 'text')).toBe(READING);
  expect(still.reading({ text: 'text' }, 'text'), 'another base').toBeNull();
  expect(still.reading(READING.base, 'newer'), 'a newer text is known').toBeNull();
});

test.each<[string, () => void]>([
  ['written to', () => appendFileSync(path, '!')],
  [
    'written to, its length and time the same',
    () => {
      writeFileSync(path, 'TEXT');
      utimesSync(path, HOUR_AGO, HOUR_AGO);
    },
  ],
  [
    'replaced by one that looks alike',
    () => {
      writeFileSync(`${path}~`, 'TEXT');
      utimesSync(`${path}~`, HOUR_AGO, HOUR_AGO);
      renameSync(`${path}~`, path);
    },
  ],
  ['gone', () => rmSync(path)],
])('one that is %s is read', async (_, change) => {
  const still = watchStillness(path);
  still.keep(await readNow(path), READING.base, READING);
  change();
  expect(still.snapshot()).toBeNull();
  expect(still.reading(READING.base, 'text')).toBeNull();
});

test('one that was just written to is read again: two writes of one moment look alike', async () => {
  const still = watchStillness(path);
  appendFileSync(path, '!');
  still.keep(await readNow(path), READING.base, READING);
  expect(still.snapshot()).toBeNull();
});

test.each([
  ['asks for something', { ...READING, intents: [{ kind: 'remove', task: 'gh-1' } as const] }],
  ['is held', { ...READING, held: { kind: 'empty', message: '', hint: '', token: '' } }],
])('a reading that %s is not answered twice', async (_, reading) => {
  const still = watchStillness(path);
  still.keep(await readNow(path), READING.base, reading);
  expect(still.reading(READING.base, 'text')).toBeNull();
});

test('a board that was at rest takes in the edit that comes then', async () => {
  const at: Desk = desk();
  try {
    const board = at.open();
    const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    let { stored } = await tick(board, view, { text: null });
    utimesSync(at.path, HOUR_AGO, HOUR_AGO);
    for (let idle = 0; idle < 3; idle += 1) {
      const quiet = await tick(board, view, stored);
      stored = quiet.stored;
    }
    at.change((text) => text.replace('gh-2: Title 2 {p2}', 'gh-2: Title 2 {p0}'));
    utimesSync(at.path, HOUR_AGO, HOUR_AGO);
    expect((await tick(board, view, stored)).intents).toMatchObject([{ kind: 'priority', task: 'gh-2', priority: 0 }]);
  } finally {
    await at.clear();
  }
});
