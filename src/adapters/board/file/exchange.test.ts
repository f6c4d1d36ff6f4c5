import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Exchanger, openExchanger } from './exchange.ts';

let dir: string;
let exchanger: Exchanger;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-exchange-'));
  exchanger = openExchanger();
});
afterEach(async () => {
  await exchanger.close();
  rmSync(dir, { recursive: true, force: true });
});

const put = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

test.runIf(process.platform === 'linux')('two names change places, again and again, whatever is in them', async () => {
  const [one, two] = [put("a ' b\n$x", '1'), put('zwei ü', '2')];
  expect(await exchanger.exchange(one, two)).toBe('done');
  expect([readFileSync(one, 'utf8'), readFileSync(two, 'utf8')]).toEqual(['2', '1']);
  expect(await exchanger.exchange(one, join(dir, 'none'))).toBe('missing');
  expect(await exchanger.exchange(two, one)).toBe('done');
  expect([readFileSync(one, 'utf8'), readFileSync(two, 'utf8')]).toEqual(['1', '2']);
});

test.runIf(process.platform === 'linux')('after the program was let go another one is started', async () => {
  const [one, two] = [put('one', '1'), put('two', '2')];
  expect(await exchanger.exchange(one, two)).toBe('done');
  await exchanger.close();
  expect(await exchanger.exchange(one, two)).toBe('done');
  expect(readFileSync(one, 'utf8')).toBe('1');
});

test.runIf(process.platform === 'linux')('tells whether somebody has a file open to write in it, and lets them', async () => {
  const path = put("a ' file", 'text');
  const [reader, writer] = [openSync(path, 'r'), openSync(path, 'a')];
  // Asked at once: each gets its own answer.
  expect(await Promise.all([exchanger.isBeingWritten(path), exchanger.exchange(path, join(dir, 'none'))])).toEqual([true, 'missing']);
  closeSync(writer);
  expect(await exchanger.isBeingWritten(path)).toBe(false);
  closeSync(openSync(path, 'a'));
  expect(await exchanger.isBeingWritten(join(dir, 'none'))).toBe(false);
  closeSync(reader);
});
