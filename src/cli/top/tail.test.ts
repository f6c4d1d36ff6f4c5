import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/world/program.ts';
import { tailTranscript } from './tail.ts';

let logs: string;
let over: AbortController;
let shown: readonly string[];
let tailing: Promise<void>;
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'tac8-tail-'));
  over = new AbortController();
  shown = [];
});
afterEach(async () => {
  over.abort();
  await tailing;
  rmSync(logs, { recursive: true });
});
const begin = (): void => {
  tailing = tailTranscript(logs, 'gh-1', { colours: false, redact: (text) => text }, over.signal, (lines) => {
    shown = lines;
  });
};
const log = (run: string): string => join(logs, `gh-1.${run}.jsonl`);
const shows = (words: string): Promise<unknown> =>
  until(words, () => shown.some((line) => line.includes(words)), { why: () => shown.join('\n') });

test('waits for the first log, follows it, and goes on into the next attempt', async () => {
  begin();
  await shows('has no log');
  writeFileSync(log('w-00000a'), 'first words\n');
  await shows('first words');
  appendFileSync(log('w-00000a'), 'more \u001b[2J words\n');
  await shows('more ␛[2J words');
  writeFileSync(log('w-00000b'), 'second attempt\n');
  await shows('second attempt');
  expect(shown.findIndex((line) => line.includes('first words'))).toBeLessThan(shown.findIndex((line) => line.includes('second attempt')));
});

test('of a long log the end, from a whole line on; never more than it can hold', async () => {
  writeFileSync(log('w-00000a'), Array.from({ length: 200_000 }, (_, n) => `line ${n} of many\n`).join(''));
  begin();
  await shows('line 199999 of many');
  expect(shown[0]).toMatch(/line \d+ of many|only the end is shown/);
  expect(shown.filter((line) => !/line \d+ of many|only the end/.test(line))).toEqual([]);
  expect(shown.length).toBeLessThanOrEqual(5_000);
});
