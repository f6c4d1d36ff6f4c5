import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logLine } from '../client/log-line.ts';
import { parseLine, toolsIn, toolsParsed } from '../line.ts';
import { toolCalled } from './tool-called.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/agents');

test('every recorded line, in the words of its agent and in those of the log, is said to call what parsing it finds', () => {
  let [told, calls] = [0, 0];
  for (const sample of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    const recorded = readFileSync(join(folder, sample), 'utf8').split('\n');
    const events = recorded.flatMap((line) => parseLine(line));
    const lines = events.flatMap((event) => logLine(event, { session: 's', model: 'm' }, '2026-11-29T12:00:00.000Z') ?? []);
    for (const line of [...recorded, ...lines]) {
      const [bytes, names] = [Buffer.from(line), toolsParsed(line)];
      expect(toolsIn(bytes)).toEqual(names);
      const name = toolCalled(bytes);
      if (name !== null) expect([name]).toEqual(names);
      if (line.startsWith('{"type":"assistant"')) calls += names.length;
      told += name === null ? 0 : 1;
    }
  }
  expect(told / calls).toBeGreaterThan(0.9);
});

const head = '{"type":"assistant","message":{"id":"m","model":"a","role":"assistant","content":[';
const call = '{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls"}}';
const tail = ']},"parent_tool_use_id":null,"session_id":"s","timestamp":"2026-11-29T12:00:00.000Z"}';

test.each([
  ['a call', head + call + tail, ['Bash']],
  ['two calls', `${head}${call},${call}${tail}`, ['Bash', 'Bash']],
  ['a text before it', `${head}{"type":"text","text":"x"},${call}${tail}`, ['Bash']],
  ['a call whose input has a type', head + call.replace('"command"', '"type":"tool_use","command"') + tail, ['Bash']],
  ['words of a call in its input', head + call.replace('ls', `${JSON.stringify(call).slice(1, -1)}`) + tail, ['Bash']],
  ['a name that is not plain', head + call.replace('Bash', '\\u0042ash') + tail, ['Bash']],
  ['a name with letters of others', head + call.replace('Bash', 'Bäsh') + tail, ['Bäsh']],
  ['an error of the provider', `${head}${call}],"error":"no"},"error":"rate_limit"}`, []],
  ['a torn call', head + call.slice(0, -2), []],
  ['a torn call and a whole line behind it', `${head}${call.slice(0, 60)}{"type":"user","message":{"content":"x"}}`, []],
  ['a text', `${head}{"type":"text","text":"x"}${tail}`, []],
  ['words that name one', 'tool_use"}', []],
])('%s', (_, line, names) => {
  expect(toolsIn(Buffer.from(line))).toEqual(names);
});
