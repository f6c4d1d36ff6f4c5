import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
