import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { doingOf } from './doings.ts';
import { createOutlines } from './outlines.ts';

const signal = new AbortController().signal;
const logIn = (lines: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'outline-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'gh-1.w-00000a.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
};
const usage = { input_tokens: 1000, output_tokens: 100 };
const call = (id: string, name: string, input: unknown, at: number) =>
  JSON.stringify({
    type: 'assistant',
    message: { id: `m${id}`, model: 'claude-opus-4-1', content: [{ type: 'tool_use', id, name, input }], usage },
    timestamp: new Date(at).toISOString(),
  });
const end = (id: string, bad: boolean, at: number, output = 'out') =>
  JSON.stringify({
    type: 'user',
    message: { content: [{ tool_use_id: id, type: 'tool_result', content: output, is_error: bad }] },
    timestamp: new Date(at).toISOString(),
  });

test('a run in short: what failed, what was edited, which tests ran, and what it cost', async () => {
  const path = logIn([
    call('a', 'Edit', { file_path: '/w/src/a.ts', old_string: 'x', new_string: 'y' }, 1_000),
    // What a result says is no word of its line's own.
    end('a', false, 2_000, '"is_error":true "tool_use_id":"b"'),
    call('b', 'Bash', { command: 'npm test' }, 3_000),
    end('b', true, 4_000),
    call('c', 'Bash', { command: 'ls' }, 5_000),
    end('c', true, 6_000),
    call('d', 'Bash', { command: 'npm test' }, 7_000),
  ]);
  const { look } = createOutlines(2);
  const first = await look(path, 1e6, signal);
  expect(first.marks.map(({ kind, ok, text, at }) => [kind, ok, text, at])).toEqual([
    ['edit', true, '/w/src/a.ts', 1_000],
    ['test', false, 'npm test', 3_000],
    ['error', null, 'Bash: out', 5_000],
  ]);
  // It is the call that a reader is led to.
  expect(first.marks[0]).toMatchObject({ offset: 0, part: 0 });
  expect(first.costs.length).toBe(4);
  expect(first.costs[3]?.usd).toBeGreaterThan(first.costs[0]?.usd ?? 0);
  expect([first.lines, first.milestones.length, first.after]).toEqual([7, 7, first.size]);
  // What is written next is taken once, whoever looks.
  appendFileSync(path, `${end('d', false, 8_000)}\n`);
  const [one, two] = await Promise.all([look(path, 1e6, signal), look(path, 1e6, signal)]);
  expect([one.marks.length, two.marks.length, two.lines, two.last]).toEqual([4, 4, 8, 8_000]);
  expect(two.marks[3]).toMatchObject({ kind: 'test', ok: true });
});

test('the model of a session prices what has none; lines that are not parsed still move the clock', async () => {
  const said = (model: string, more = {}) =>
    JSON.stringify({ type: 'system', subtype: 'init', cwd: '/w', tools: ['Bash'], model, ...more });
  const reply = JSON.stringify({
    type: 'assistant',
    message: { id: 'm', content: [{ type: 'text', text: 'hi' }], usage },
    timestamp: new Date(1_000).toISOString(),
  });
  const answer = JSON.stringify({ type: 'control_response', response: { model: 'x' }, timestamp: new Date(5_000).toISOString() });
  const { look } = createOutlines(4);
  const [cheap, dear, within] = await Promise.all(
    [
      said('claude-haiku-4-5'),
      said('claude-opus-4-1'),
      said('claude-opus-4-1', { agents: [{ name: 'a', model: 'claude-haiku-4-5' }] }),
    ].map((session) => look(logIn([session, reply, answer]), 1e6, signal)),
  );
  expect(cheap?.costs[0]?.usd).toBeLessThan(dear?.costs[0]?.usd ?? 0);
  expect(within?.costs).toEqual(dear?.costs.map((one) => ({ ...one, offset: expect.any(Number) })));
  expect(cheap?.last).toBe(5_000);
});

test('it is looked at piece by piece; a log that was cut or is another one begins anew; places stay few', async () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ type: 'tac8', event: `number ${n}`, at: n, run: 'w-00000a' }));
  const path = logIn(lines);
  const { look } = createOutlines(2);
  const first = await look(path, 10_000, signal);
  expect(first.after).toBeLessThan(first.size);
  let last = first;
  while (last.after < last.size) last = await look(path, 10_000, signal);
  expect(last.lines).toBe(3_000);
  expect(last.milestones.length).toBeLessThanOrEqual(512);
  expect(last.milestones.length).toBeGreaterThan(256);
  for (const { line, offset } of last.milestones) expect(offset).toBe(lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0));
  writeFileSync(path, `${lines[0]}\n`);
  expect((await look(path, 10_000, signal)).lines).toBe(1);
});

test.each([
  ['npm test', true],
  ['cd web && npx vitest run src/a.test.ts', true],
  ['npm run test:unit -- --watch', true],
  ['cargo test --release', true],
  ['go test ./...', true],
  ['python -m pytest -q', true],
  ['FOO=1 pytest', true],
  ['make check', true],
  ['./gradlew test', true],
  ['node --test test/', true],
  ['./check.sh', true],
  ['sh scripts/run-tests.sh -v', true],
  ['cat ci/test.sh', false],
  ['ls test', false],
  ['cat vitest.config.ts', false],
  ['npm install', false],
  ['git commit -m "test the thing"', false],
])('whether %s runs tests', (command, is) => {
  expect(doingOf({ name: 'Bash', input: { command } })?.kind === 'test').toBe(is);
});

test('what edits a file, by the words of each kind of agent', () => {
  const path = (name: string, input: unknown) => {
    const doing = doingOf({ name, input });
    return doing?.kind === 'edit' ? doing.path : null;
  };
  expect(path('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' })).toBe('a');
  expect(path('MultiEdit', { file_path: 'a', edits: [{}] })).toBe('a');
  expect(path('Write', { file_path: 'a', content: '' })).toBe('a');
  expect(path('edit', { path: 'a', oldText: 'x', newText: 'y' })).toBe('a');
  expect(path('Edit', { file_path: 'a', changes: [{ path: 'a', diff: '+x' }] })).toBe('a');
  expect(path('Read', { file_path: 'a' })).toBeNull();
  expect(path('Grep', { pattern: 'x', path: 'a' })).toBeNull();
  expect(path('Edit', null)).toBeNull();
});
