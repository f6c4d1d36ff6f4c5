import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logLine } from '../../src/agents/client/log-line.ts';
import { parseLine } from '../../src/agents/line.ts';
import type { AgentEvent } from '../../src/agents/words/events.ts';
import { OUTCOMES } from '../fixtures/agents/outcomes.ts';

/*
 * The three lines of jq that people type, over every log that was recorded of a real agent, as the run's log has it: Claude Code's own stream as
 * it is, the words of all others by the client's translation.
 */

const recorded = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(recorded).filter((name) => name.endsWith('.jsonl'));
let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-jq-'));
  for (const sample of samples) writeFileSync(join(root, sample), `${logOf(sample).join('\n')}\n`);
});
afterAll(() => rmSync(root, { recursive: true }));

const linesOf = (sample: string): readonly string[] =>
  readFileSync(join(recorded, sample), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const eventsOf = (sample: string): readonly AgentEvent[] => linesOf(sample).flatMap((line) => parseLine(line));

/** With the line that tac8 adds where a run has failed. */
function logOf(sample: string): readonly string[] {
  const lines = sample.startsWith('claude') ? linesOf(sample) : translated(sample);
  const type = OUTCOMES.find((one) => one.sample === sample.replace('.jsonl', ''))?.outcome ?? 'done';
  const error = { type, message: `it ended as ${type}`, hint: '' };
  return type === 'done' ? lines : [...lines, JSON.stringify({ type: 'error', run: 'w-000001', error })];
}

const translated = (sample: string): readonly string[] =>
  eventsOf(sample).flatMap((event) => logLine(event, { session: 's', model: null }, '2026-11-29T12:00:00.000Z') ?? []);

/** What the filter gives, by the file. */
function jq(filter: string): Readonly<Record<string, readonly string[]>> {
  const files = samples.map((sample) => join(root, sample));
  const out = execFileSync('jq', ['-c', `${filter} | [input_filename, .]`, ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  const found: Record<string, string[]> = {};
  for (const line of out.split('\n').slice(0, -1)) {
    const [file, said] = JSON.parse(line) as [string, string];
    const name = basename(file);
    found[name] = [...(found[name] ?? []), said];
  }
  return found;
}

const SAID = '.message.content[] | select(.type=="text") | .text';
const CALLED = '.message.content[] | select(.type=="tool_use") | .name';

/** What its provider refused is said in a text as well. */
const wordsOf = (event: AgentEvent): readonly string[] =>
  event.kind === 'text' ? [event.text] : event.kind === 'provider_error' ? [event.message] : [];

test('what the agent says', () => {
  const found = jq(`select(.type=="assistant") | ${SAID}`);
  const told = samples.map((sample) => [sample, eventsOf(sample).flatMap(wordsOf)] as const);
  for (const [sample, texts] of told) expect(found[sample] ?? [], sample).toEqual(texts);
  expect(told.filter(([, texts]) => texts.length > 0).length).toBeGreaterThan(100);
});

test('how often it used each tool', () => {
  const found = jq(`select(.type=="assistant") | ${CALLED}`);
  const told = samples.map(
    (sample) => [sample, eventsOf(sample).flatMap((event) => (event.kind === 'tool_start' ? [event.name] : []))] as const,
  );
  for (const [sample, names] of told) expect(found[sample] ?? [], sample).toEqual(names);
  expect(new Set(told.filter(([, names]) => names.length > 0).map(([sample]) => sample.split('-')[0])).size).toBeGreaterThanOrEqual(5);
});

test('why it failed', () => {
  const found = jq('select(.type=="error") | .error.type');
  const told = Object.fromEntries(
    OUTCOMES.filter(({ outcome }) => outcome !== 'done').map(({ sample, outcome }) => [`${sample}.jsonl`, [outcome]]),
  );
  expect(found).toEqual(told);
});
