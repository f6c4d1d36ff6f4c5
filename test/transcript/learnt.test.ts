import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ViewOptions, view } from '../../src/cli/view/show-view.ts';
import { kept } from '../support/world/kept.ts';

/** What was learnt of long logs is a cache: whatever becomes of it or of the log, the answers are those of a whole reading. */

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures)
  .filter((name) => name.startsWith('claude') && name.endsWith('.jsonl'))
  .map((name) => readFileSync(join(fixtures, name), 'utf8'))
  .join('\n');
/** Long enough to be worth keeping; trouble at both ends, none in between. */
const filler = `${JSON.stringify({ type: 'assistant', message: { content: [{ type: 'text', text: 'x'.repeat(2000) }] } })}\n`.repeat(
  17_000,
);

let root = '';
let log = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-learnt-'));
  mkdirSync(join(root, 'logs'));
  mkdirSync(join(root, '.tac8'));
  log = join(root, 'logs/gh-7.w-aaaaaa.jsonl');
  writeFileSync(log, `${samples}\n${filler}${samples}\n`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const learnt = (): string[] => (existsSync(join(root, '.tac8/learnt')) ? readdirSync(join(root, '.tac8/learnt')).sort() : []);
async function shown(options: Partial<ViewOptions>): Promise<string> {
  const out = kept();
  await view({ task: 'gh-7', ...options }, { root, out, env: {}, now: Date.now, signal: new AbortController().signal });
  return out.text();
}
/** The same of a folder in which nothing is known or kept. */
async function fresh(options: Partial<ViewOptions>): Promise<string> {
  rmSync(join(root, '.tac8'), { recursive: true, force: true });
  try {
    return await shown(options);
  } finally {
    mkdirSync(join(root, '.tac8'));
  }
}

const QUESTIONS = [{ tools: true }, { errors: true }] as const;
const TRUE_CALL = (id: string, more: object) =>
  `${JSON.stringify({ type: 'assistant', message: { content: [{ type: 'tool_use', id, name: 'Late', input: {} }] }, ...more })}\n`;
const failure = (id: string) =>
  `${JSON.stringify({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: id, is_error: true, content: 'too late' }] } })}\n`;

test.each(QUESTIONS)('%o: the same answer the first time, the second time, and as the log grows', { timeout: 60_000 }, async (question) => {
  const all = await fresh(question);
  expect(all).not.toBe('');
  expect(await shown(question)).toBe(all);
  expect(learnt()).toHaveLength(1);
  expect(await shown(question)).toBe(all);
  appendFileSync(log, `${TRUE_CALL('late', {})}${TRUE_CALL('half', {}).slice(0, -20)}`);
  const half = await shown(question);
  expect(half).toBe(await fresh(question));
  await shown(question);
  appendFileSync(log, `${TRUE_CALL('half', {}).slice(-20)}${filler}`);
  // The call is known, and its end comes long after it.
  await shown(question);
  appendFileSync(log, failure('late'));
  const grown = await shown(question);
  expect(await shown(question)).toBe(grown);
  expect(grown).toContain('Late');
  expect(grown).toBe(await fresh(question));
});

const HARM: Readonly<Record<string, (file: string) => void>> = {
  'the log is another one under the same name': () => {
    rmSync(log);
    writeFileSync(log, `${filler}${samples}\n${TRUE_CALL('other', {})}`);
  },
  'the log was cut': () => truncateSync(log, 20_000_000),
  'the log was written over in place': () => {
    const bytes = readFileSync(log);
    bytes.write('"New"', bytes.lastIndexOf('"Bash"'));
    writeFileSync(log, bytes);
  },
  'what was learnt is torn': (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  'what was learnt is empty': (file) => truncateSync(file, 0),
  'what was learnt is nonsense': (file) => writeFileSync(file, '{"version":1,"to":"x","tools":[1],"trouble":{}}'),
  'what was learnt is of another version': (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"version":1', '"version":2')),
  'its place is a folder': (file) => {
    rmSync(file);
    mkdirSync(file);
  },
};

test.each(Object.entries(HARM))('%s: the answer is that of the log as it is', { timeout: 60_000 }, async (_what, harm) => {
  for (const question of QUESTIONS) {
    await shown(question);
    const [file = ''] = learnt();
    harm(join(root, '.tac8/learnt', file));
    const answer = await shown(question);
    expect(answer).toBe(await fresh(question));
    rmSync(log);
    writeFileSync(log, `${samples}\n${filler}${samples}\n`);
  }
});

test(
  'nothing is kept of short logs, nor where no daemon ever was; what belongs to logs that are gone goes',
  { timeout: 60_000 },
  async () => {
    await fresh({ tools: true });
    rmSync(join(root, '.tac8'), { recursive: true });
    await shown({ tools: true });
    expect(existsSync(join(root, '.tac8'))).toBe(false);
    mkdirSync(join(root, '.tac8/learnt'), { recursive: true });
    writeFileSync(join(root, '.tac8/learnt/gh-9.w-bbbbbb.jsonl.tools.json'), '{}');
    writeFileSync(join(root, '.tac8/learnt/gh-9.w-bbbbbb.jsonl.tools.json.4711'), '{');
    await shown({ tools: true });
    expect(learnt()).toEqual(['gh-7.w-aaaaaa.jsonl.tools.json']);
    rmSync(join(root, '.tac8/learnt'), { recursive: true });
    writeFileSync(log, samples);
    utimesSync(log, 1, 1);
    await shown({ tools: true });
    expect(learnt()).toEqual([]);
  },
);
