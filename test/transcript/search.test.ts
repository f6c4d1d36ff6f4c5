import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLine } from '../../src/agents/line.ts';
import { type SearchOptions, search } from '../../src/cli/view/show-search.ts';
import type { ViewIo } from '../../src/cli/view/show-view.ts';
import { readLog, textOfLine } from '../../src/transcript/read/read.ts';
import { searchOf } from '../../src/transcript/read/search.ts';
import { kept } from '../support/world/kept.ts';

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-search-'));
  mkdirSync(join(root, 'logs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function found(words: string, options: Omit<SearchOptions, 'words'> = {}): Promise<string> {
  const out = kept();
  const io: ViewIo = { root, out, env: {}, now: Date.now, signal: new AbortController().signal };
  await search({ words, ...options }, io);
  return out.text();
}
const write = (name: string, ...lines: readonly (object | string)[]): void =>
  writeFileSync(join(root, 'logs', name), lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
const at = (hour: number): string => `2026-11-22T${hour}:00:00.000Z`;
const begun = (run: string, hour: number) => ({ type: 'tac8', event: 'run_started', run, time: at(hour) });
const says = (text: string, hour = 12) => ({ type: 'assistant', message: { content: [{ type: 'text', text }] }, timestamp: at(hour) });
const calls = (id: string, name: string, input: object) => ({
  type: 'assistant',
  message: { content: [{ type: 'tool_use', id, name, input }] },
  timestamp: at(12),
});
const results = (id: string, content: string) => ({
  type: 'user',
  message: { content: [{ type: 'tool_result', tool_use_id: id, content }] },
  timestamp: at(12),
});
const untimed = (text: string): string => text.replace(/2026-11-2\d \d\d:\d\d:\d\d/g, 'T');

test('task, attempt, time, who and line; upper and lower case alike; half lines and other agents’ lines as well', async () => {
  write('gh-10.w-bbbbbb.jsonl', begun('w-bbbbbb', 11), says('One.\nThe Parser is slow.'));
  write('gh-10.w-aaaaaa.jsonl', begun('w-aaaaaa', 12), says('no match'), 'PARSER: half of a li');
  write('gh-9.w-cccccc.jsonl', begun('w-cccccc', 10), calls('t', 'Bash', { command: 'npm test parser' }), results('t', 'a\nparser: ok'));
  write('tac8.log', 'parser');
  expect(untimed(await found('parser'))).toBe(
    [
      'gh-9 1 T Bash: npm test parser',
      'gh-9 1 T Bash ✓: parser: ok',
      'gh-10 1 T says: The Parser is slow.',
      'gh-10 2 raw: PARSER: half of a li',
      '',
    ].join('\n'),
  );
  expect(untimed(await found('parser', { task: 'gh-10' }))).not.toContain('gh-9');
  expect(untimed(await found('P[aeiou]r', { regex: true, tool: 'bash' }))).toBe(
    'gh-9 1 T Bash: npm test parser\ngh-9 1 T Bash ✓: parser: ok\n',
  );
  expect(JSON.parse(await found('slow', { json: true }))).toEqual({
    ...{ task: 'gh-10', run: 'w-bbbbbb', attempt: 1, at: at(12), kind: 'text', who: 'says', line: 'The Parser is slow.' },
  });
});

test('words that JSON writes in another way, and text that controls a terminal', async () => {
  write('gh-1.w-aaaaaa.jsonl', says('say "hi" to C:\\new and Größe\n\u001b[2J evil'), '{"type":"x","t":"Gr\\u00f6\\u00dfe"}');
  expect(await found('"HI" to c:\\N')).toContain('says: say "hi" to C:\\new');
  expect(await found('größe')).toContain('and Größe');
  expect(await found('evil')).toContain('␛[2J evil');
});

test('nothing found, no log, a task without one, no regular expression', async () => {
  await expect(found('x')).rejects.toMatchObject({ code: 1, message: expect.stringMatching(/^there is no log of a task in .*logs$/) });
  write('gh-1.w-aaaaaa.jsonl', says('hello'));
  await expect(found('x')).rejects.toThrow('"x" is in no log of 1 task');
  await expect(found('x', { task: 'gh-2' })).rejects.toThrow(/gh-2 has no log/);
  await expect(found('(', { regex: true })).rejects.toMatchObject({
    code: 2,
    message: expect.stringContaining('is not a regular expression'),
  });
  await expect(found('')).rejects.toMatchObject({ code: 2 });
  expect(await found('(', { task: 'gh-1' }).catch(() => 'as words, it is in none')).toBe('as words, it is in none');
});

test('a reader that has seen enough is no error', async () => {
  write('gh-1.w-aaaaaa.jsonl', ...Array.from({ length: 20_000 }, (_, n) => says(`hello ${n}`)));
  const out = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  await search({ words: 'hello' }, { root, out, env: {}, now: Date.now, signal: new AbortController().signal });
});

describe('what is passed over unread', () => {
  const hitsIn = async (path: string, text: string, every: boolean, tool: string | null): Promise<string[]> => {
    const { only, take } = searchOf({ text, regex: false, tool });
    const hits: string[] = [];
    const look = (line: Parameters<typeof textOfLine>[0]): void => {
      for (const event of parseLine(textOfLine(line))) hits.push(...take(event).map(({ who, line }) => `${who}: ${line}`));
    };
    await readLog(path, 0, look, { last: true, ...(every || only === null ? {} : { only }) });
    return tool === null ? hits.map((hit) => hit.replace(/^.*?: /, '')) : hits;
  };

  test.each([
    'hello',
    'EXIT CODE',
    'git add . &&',
    'no such "file"',
    '/srv/widgets',
    '…',
    'overloaded',
    'é',
  ])('%s: holds no hit', async (words) => {
    for (const sample of samples) copyFileSync(join(fixtures, sample), join(root, 'logs', sample));
    for (const sample of samples) {
      const path = join(root, 'logs', sample);
      for (const tool of [null, 'bash']) expect(await hitsIn(path, words, false, tool)).toEqual(await hitsIn(path, words, true, tool));
    }
  });
});
