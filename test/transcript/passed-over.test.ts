import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLine } from '../../src/agents/line.ts';
import { view } from '../../src/cli/view/show-view.ts';
import { errorsOnly, toolCounts } from '../../src/transcript/read/filters.ts';
import { PLAIN } from '../../src/transcript/show/paint.ts';
import { textShow } from '../../src/transcript/show/text.ts';
import { kept } from '../support/world/kept.ts';

/*
 * `--tools` and `--errors` pass over most of a log. What they say is held against the plain way: every line parsed, every event looked at.
 */

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-passed-'));
  mkdirSync(join(root, 'logs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function shown(log: string | Buffer, options: { readonly tools?: true; readonly errors?: true }): Promise<string> {
  writeFileSync(join(root, 'logs/gh-7.w-aaaaaa.jsonl'), log);
  const out = kept();
  await view({ task: 'gh-7', ...options }, { root, out, env: {}, now: Date.now, signal: new AbortController().signal });
  return out.text();
}

const eventsOf = (log: string) => log.split('\n').flatMap((line) => parseLine(line.replace(/\r$/, '')));

function plainTools(log: string): string {
  const sums = toolCounts();
  for (const event of eventsOf(log)) if (event.kind === 'tool_start') sums.add(event.name);
  return sums.sums();
}

const plainErrors = (log: string): string =>
  eventsOf(log)
    .map(errorsOnly(textShow({ detailed: false, paint: PLAIN })))
    .join('');

test('every recorded stream, and all of them in one', { timeout: 120_000 }, async () => {
  const texts = samples.map((sample) => readFileSync(join(fixtures, sample), 'utf8'));
  const used = await Promise.all(texts.map(plainTools));
  expect(used.filter((sums) => sums !== '').length).toBeGreaterThan(30);
  const all = `${texts.join('\n')}\n`;
  for (const text of [...texts, all]) {
    expect(await shown(text, { tools: true })).toBe(plainTools(text));
    expect(await shown(text, { errors: true })).toBe(plainErrors(text));
  }
});

const call = (name: string, input: unknown = {}, id = `t-${name}`): object => ({
  type: 'assistant',
  message: { id: 'm', content: [{ type: 'tool_use', id, name, input }], usage: { server_tool_use: { web_search_requests: 0 } } },
});
const result = (id: string, isError: boolean, content = 'no such file'): object => ({
  type: 'user',
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, is_error: isError, content }] },
});

const NASTY: Readonly<Record<string, string>> = {
  'blanks around every sign': JSON.stringify(call('Spaced'), null, 1).replaceAll('\n', ' ').replaceAll(':', ' \t: '),
  'the type behind the rest': '{"message":{"content":[{"name":"Late","input":{},"id":"l","type":"tool_use"}]},"type":"assistant"}',
  'tools of the server and of others': [
    '{"type":"assistant","message":{"content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}}]}}',
    '{"type":"assistant","message":{"content":[{"type":"mcp_tool_use","id":"p","name":"mcp__x","input":{}}]}}',
  ].join('\n'),
  'only the name of a count': JSON.stringify({ type: 'result', is_error: false, usage: { server_tool_use: { web_search_requests: 3 } } }),
  'the count, then a call': JSON.stringify({ usage: { server_tool_use: {} }, ...call('AfterCount') }),
  'a call that is only quoted': JSON.stringify({
    type: 'assistant',
    message: { content: [{ type: 'text', text: JSON.stringify(call('Quoted')) }] },
  }),
  'a call inside of a call': JSON.stringify(call('Outer', { nested: call('Inner') })),
  'a call in a stream event': JSON.stringify({ type: 'stream_event', event: { content_block: { type: 'tool_use', name: 'Streamed' } } }),
  'a call under an error': JSON.stringify({ ...call('Failed'), error: 'overloaded' }),
  'a call without a name': '{"type":"assistant","message":{"content":[{"type":"tool_use"}, null, 7]}}',
  'NUL bytes before the line': `\0\0\0${JSON.stringify(call('AfterNul'))}`,
  'a NUL behind the word': '{"type":"assistant","message":{"content":[{"type":"tool_use"\0,"id":"n","name":"NulWithin"}]}}',
  'a line end of Windows': `${JSON.stringify(call('Windows'))}\r`,
  'half a line': JSON.stringify(call('Torn')).slice(0, -9),
  'a failed call': `${JSON.stringify(call('Bash', { command: 'ls' }, 'b'))}\n${JSON.stringify(result('b', true))}`,
  'a failure with blanks': JSON.stringify(result('x', true)).replace('"is_error":true', '"is_error" :  true'),
  'a failure of a call behind another in its own input': [
    '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Outer","input":{"type":"tool_use","id":"fake"},"id":"real"}]}}',
    JSON.stringify(result('real', true)),
  ].join('\n'),
  'a failure of a call whose id is written with escapes': [
    '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"\\u0062","name":"Bash","input":{}}]}}',
    JSON.stringify(result('b', true)),
  ].join('\n'),
  'two calls in one line, of which the second failed': [
    '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"a","name":"A","input":{}},{"type":"tool_use","id":"b","name":"B","input":{}}]}}',
    JSON.stringify(result('b', true)),
  ].join('\n'),
  'a failure of a call whose id another had before it': [
    JSON.stringify(call('First', { command: 'first' }, 'b')),
    JSON.stringify(call('Second', { command: 'second' }, 'b')),
    JSON.stringify(result('b', true)),
    JSON.stringify(result('b', true)),
  ].join('\n'),
  'a failure of a call, read as such the first time, that another is told of in passing': [
    JSON.stringify({ ...call('Loud', { command: 'loud' }, 'b'), error: 'overloaded' }),
    JSON.stringify(call('Quiet', { command: 'quiet' }, 'b')),
    JSON.stringify(result('b', true)),
  ].join('\n'),
  'a failure long after its call': [
    JSON.stringify(call('Early', { command: 'early' }, 'early')),
    ...Array.from({ length: 900 }, (_, n) => JSON.stringify(call('Between', { command: 'x'.repeat(400) }, `n${n}`))),
    JSON.stringify(result('early', true)),
  ].join('\n'),
  'a retry, a refusal, and what only names them': [
    '{"type":"system","subtype":"api_retry","attempt":1,"error":"rate_limit"}',
    '{"type":"system","subtype":"permission_denied","tool_name":"Bash","message":"no"}',
    '{"type":"system","subtype":"init","session_id":"s","tools":["error","rejected"]}',
  ].join('\n'),
  'a failure of a call that did not fail': JSON.stringify(result('b', false)),
};

test.each(Object.entries(NASTY))('%s', async (_, line) => {
  const between = JSON.stringify({ type: 'assistant', message: { content: [{ type: 'text', text: 'ü'.repeat(700) }] } });
  for (const log of [line, `${line}\n`, `${between}\n${line}\n${between}\n`, `${`${between}\n`.repeat(140)}${line}\n`.repeat(2)]) {
    expect(await shown(log, { tools: true })).toBe(plainTools(log));
    expect(await shown(log, { errors: true })).toBe(plainErrors(log));
  }
});

test('a line of 20 MB holds a call, and one of it is the next', { timeout: 60_000 }, async () => {
  const log = `${JSON.stringify(call('Write', { text: 'x'.repeat(20_000_000) }))}\n${JSON.stringify(call('Bash'))}\n`;
  expect(await shown(log, { tools: true })).toBe('      1 "Bash"\n      1 "Write"\n');
});
