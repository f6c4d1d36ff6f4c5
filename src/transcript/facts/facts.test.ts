import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLine } from '../../agents/line.ts';
import { moneyWords } from '../../core/limits/spend.ts';
import { EMPTY_STREAM, type StreamFacts } from '../../core/model/run.ts';
import { advance } from './facts.ts';

const folder = join(import.meta.dirname, '../../../test/fixtures/agents');
const linesOf = (sample: string): string[] =>
  readFileSync(join(folder, `${sample}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, -1);
const fold = (lines: readonly string[], from: StreamFacts = EMPTY_STREAM, now = 0): StreamFacts =>
  lines.reduce((facts, line) => advance(facts, parseLine(line), Buffer.byteLength(line) + 1, now), from);
const facts = (sample: string): StreamFacts => fold(linesOf(sample));

describe('facts of a stream', () => {
  test.each([
    ['claude-success', 3, 37_725, 94, 0.15278],
    // Two turn ends: each adds its own part.
    ['claude-interrupt', 3, 38_075, 47, 0.15324],
    // After --resume the agent's own sum goes on from the earlier process: only this one counts.
    ['claude-resume-SIGINT-go', 1, 12_765, 3, 0.05112],
    // Sub-agents' tokens count, their messages are no turns.
    ['claude-subagent-fwd', 2, 42_627, 77, 0.172048],
    ['claude-budget', 1, 100_000, 1000, 0.42],
    // An older version that says no part of its own.
    ['claude197-success', 2, 38_239, 20, 0.191695],
    ['claude-err-401', 0, 0, 0, 0],
  ])('%s: %i turns, %i tokens in, %i out, $%f', (sample, turns, inputTokens, outputTokens, usd) => {
    const { spend, ...rest } = facts(sample);
    expect(rest.turns).toBe(turns);
    expect(spend).toMatchObject({ inputTokens, outputTokens });
    expect(spend.usd).toBeCloseTo(usd, 9);
  });

  test('before the turn ends, the messages tell what was spent', () => {
    const lines = linesOf('claude-success');
    const running = fold(lines.slice(0, -1));
    expect(running.result).toBeNull();
    expect(running.spend.inputTokens).toBe(37_725);
    // By the prices of its model, as near as what it says itself at the end: $0.15278.
    expect(running.spend.usd).toBeGreaterThan(0.15);
    expect(running.spend.usd).toBeLessThan(0.16);
    expect(running.spend.usdEstimated).toBeCloseTo(running.spend.usd, 9);
    expect(facts('claude-success').spend).not.toHaveProperty('usdEstimated');
    expect(fold(lines.slice(-1), running).spend).toEqual(facts('claude-success').spend);
  });

  test.each([
    ['claude-success', 'turn ended'],
    ['claude-killed-midrun', 'Bash: '],
    ['claude-err-429', 'turn ended with an error'],
    ['codex-success', 'turn ended'],
  ])('%s was last seen at: %s', (sample, words) => expect(facts(sample).activity).toContain(words));

  test('a tool is in hand from its call to its result; a turn from its first word to its last', () => {
    const seen = linesOf('claude-steer-midrun').map((_, n, all) => fold(all.slice(0, n + 1)));
    expect(seen.map(({ tools = [] }) => tools.length)).toEqual(expect.arrayContaining([0, 1]));
    expect(Math.max(...seen.map(({ tools = [] }) => tools.length))).toBe(1);
    expect(seen[0]?.inTurn).toBe(true);
    expect(seen.at(-1)).toMatchObject({ tools: [], inTurn: false });
    expect(facts('claude-killed-midrun')).toMatchObject({ inTurn: true, tools: [expect.stringMatching(/^toolu_/)] });
  });

  test('what a sub-agent works on is in hand, the call that waits for it is not', () => {
    const names = linesOf('claude-subagent-fwd').map((_, n, all) => fold(all.slice(0, n + 1)).tools ?? []);
    expect(Math.max(...names.map((tools) => tools.length))).toBe(1);
    const task = linesOf('claude-subagent-fwd').findIndex((line) => /"name":"(?:Task|Agent)"/.test(line));
    expect(names[task]).toEqual([]);
  });

  test('a message with a name is acknowledged when the agent begins with it', () => {
    const lines = linesOf('claude-steer-midrun');
    const name = '11111111-1111-4111-8111-111111111111';
    const queued = lines.findIndex((line) => line.includes('"state":"queued"'));
    const started = lines.findIndex((line) => line.includes('"state":"started"'));
    expect(fold(lines.slice(0, queued + 1), EMPTY_STREAM, 7).heard).toEqual({ [name]: null });
    expect(fold(lines.slice(started), fold(lines.slice(0, started), EMPTY_STREAM, 7), 9).heard).toEqual({ [name]: 9 });
    // Said after the last result, it is no sign of life.
    const done = fold(lines, EMPTY_STREAM, 7);
    const late = JSON.stringify({ type: 'command_lifecycle', command_uuid: 'other', state: 'cancelled' });
    expect(fold([late], done, 99)).toMatchObject({ lastEventAt: done.lastEventAt, heard: { other: null } });
  });

  test('a provider error is known while it tries again, and forgotten when a reply comes', () => {
    const lines = linesOf('claude-err-429-recover');
    const retry = lines.findIndex((line) => line.includes('"api_retry"'));
    expect(fold(lines.slice(0, retry + 1)).providerError).toMatchObject({ status: 429, cause: 'rate_limit' });
    expect(facts('claude-err-429-recover').providerError).toBeNull();
    expect(facts('claude-err-403').providerError).toMatchObject({ cause: 'authentication_failed' });
  });

  test('a refused limit stands until the provider allows again', () => {
    const event = (status: string): string => JSON.stringify({ type: 'rate_limit_event', rate_limit_info: { status, resetsAt: 1000 } });
    expect(fold([event('rejected')]).limitedUntil).toBe(1_000_000);
    expect(fold([event('rejected'), event('allowed')]).limitedUntil).toBeNull();
    expect(facts('claude-ratelimit-oauth-429').limitedUntil).toBe(1_795_400_000_000);
  });

  test('lines without a time count as written when the log was; tac8’s own lines are no sign of life', () => {
    const seen = fold(['{"type":"tac8","event":"run_started","run":"w-000001"}', 'some words'], EMPTY_STREAM, 42);
    expect(seen).toMatchObject({ events: 1, firstEventAt: 42, lastEventAt: 42 });
    expect(fold(['{"type":"tac8","event":"run_ended","time":"2026-11-22T12:00:00Z"}'], seen, 99).lastEventAt).toBe(42);
  });

  test('the same facts however the reading was cut', () => {
    const samples = readdirSync(folder).filter((name) => name.startsWith('claude') && name.endsWith('.jsonl'));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(fc.nat(60), { maxLength: 4 }), (name, cuts) => {
        const lines = linesOf(name.replace('.jsonl', ''));
        const parts = [...cuts, lines.length].sort((a, b) => a - b);
        // As it is stored between two readings.
        const stored = parts.reduce(
          ({ seen, from }, to) => ({
            seen: JSON.parse(JSON.stringify(fold(lines.slice(from, to), seen))) as StreamFacts,
            from: Math.max(from, to),
          }),
          { seen: EMPTY_STREAM, from: 0 },
        ).seen;
        expect(stored).toEqual(JSON.parse(JSON.stringify(fold(lines))));
        expect(stored.offset).toBe(readFileSync(join(folder, name)).length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('calls that repeat', () => {
  const call = (n: number, command: string): string =>
    JSON.stringify({
      type: 'assistant',
      message: { id: `m${n}`, content: [{ type: 'tool_use', id: `t${n}`, name: 'Bash', input: { command } }] },
    });

  test('are counted from the twelfth on, and forgotten with the first that differ', () => {
    const same = Array.from({ length: 14 }, (_, n) => call(n, n % 2 === 0 ? 'npm test' : 'cat log'));
    expect(fold(same.slice(0, 11), EMPTY_STREAM, 5).circling ?? null).toBeNull();
    expect(fold(same, EMPTY_STREAM, 5).circling).toEqual({ since: 5, calls: 14 });
    const others = ['a', 'b', 'c'].map((name, n) => call(20 + n, name));
    expect(fold([...same, ...others], EMPTY_STREAM, 5).circling).toBeNull();
  });
});

describe('what is spent is counted while it is said', () => {
  const line = (fields: object): string => JSON.stringify({ session_id: 's', parent_tool_use_id: null, ...fields });
  const init = (model: string): string => line({ type: 'system', subtype: 'init', model });
  const FREE = { input: 0, output: 0, cached: 0 };
  const begun = (prices: object): string => line({ type: 'tac8', event: 'run_started', run: 'w-000001', prices });
  const piece = (event: object, parent: string | null = null): string => line({ type: 'stream_event', event, parent_tool_use_id: parent });
  const starts = (id: string, model: string, input: number): string =>
    piece({ type: 'message_start', message: { id, model, usage: { input_tokens: input, output_tokens: 1 } } });
  const ends = (output: number): string => piece({ type: 'message_delta', usage: { output_tokens: output } });
  const says = (id: string, model: string, input: number, text: string, parent: string | null = null): string =>
    line({
      type: 'assistant',
      message: { id, model, content: [{ type: 'text', text }], usage: { input_tokens: input, output_tokens: 2 } },
      parent_tool_use_id: parent,
    });
  const opus = 'claude-opus-4-8';
  const long = 'word'.repeat(1000);

  test.each([
    // The pieces state it whole: tokens are certain, dollars are the model's price.
    [
      'in pieces',
      [init(opus), starts('a', opus, 1e6), says('a', opus, 1e6, 'hi'), ends(1e6)],
      { inputTokens: 1e6, outputTokens: 1e6, usd: 30, usdEstimated: 30 },
      '≈ $30.00',
    ],
    // No pieces, and the number at its beginning is not what it came to: told from the length.
    [
      'without pieces',
      [init(opus), says('a', opus, 1000, long), says('a', opus, 1000, long)],
      { inputTokens: 1000, outputTokens: 2000, tokensEstimated: 2000, usd: 0.055 },
      '≈ $0.06',
    ],
    ['in the middle of a reply', [init(opus), starts('a', opus, 1e6)], { inputTokens: 1e6, outputTokens: 1, usd: 5.000025 }, '≈ $5.00'],
    [
      'by a sub-agent on another model',
      [init(opus), says('a', opus, 1e6, ''), says('b', 'claude-haiku-4-5-20251001', 1e6, '', 'toolu_1')],
      { inputTokens: 2e6, outputTokens: 4, usd: 6.00006 },
      '≈ $6.00',
    ],
    [
      'by a model without a price',
      [init('m'), says('a', 'm', 1000, '')],
      { inputTokens: 1000, usd: 0, tokensUnpriced: 1002 },
      'cost unknown',
    ],
    [
      'by one with and one without',
      [init(opus), says('a', opus, 1e6, ''), says('b', 'm', 10, '', 'toolu_1')],
      { usd: 5.00005, tokensUnpriced: 12 },
      'more than $5.00',
    ],
    ['by a name as others spell it', [init('x'), says('a', 'us.anthropic.claude-sonnet-4-5-v1:0', 1e6, '')], { usd: 3.00003 }, '≈ $3.00'],
    [
      'by a price of the person’s own',
      [
        begun({ 'm*': { input: 3, output: 0, cached: 0.1 }, bad: { input: -1, output: 0, cached: 0 } }),
        init('m'),
        says('a', 'mini', 1e6, ''),
      ],
      { usd: 3, usdEstimated: 3 },
      '≈ $3.00',
    ],
    [
      'by a person’s price before the published one',
      [begun({ [opus]: { input: 1, output: 0, cached: 0.1 } }), init(opus), says('a', opus, 1e6, '')],
      { usd: 1, usdEstimated: 1 },
      '≈ $1.00',
    ],
    [
      'by none that a worker writes behind the first line',
      [begun({ m: { input: 3, output: 0, cached: 0.1 } }), begun({ m: FREE }), init('m'), begun({ m: FREE }), says('a', 'm', 1e6, '')],
      { usd: 3, usdEstimated: 3 },
      '≈ $3.00',
    ],
    [
      'by none that a worker writes where the settings have none',
      [begun({}), begun({ [opus]: FREE }), init(opus), begun({ [opus]: FREE }), says('a', opus, 1e6, '')],
      { usd: 5.00005, usdEstimated: 5.00005 },
      '≈ $5.00',
    ],
    [
      'by no price of those that a log makes up',
      [begun({ m: { input: -1, output: 0, cached: 0 }, n: 'free', o: null }), init('m'), says('a', 'm', 1000, '')],
      { usd: 0, tokensUnpriced: 1002 },
      'cost unknown',
    ],
    [
      'by a model of a line whose prices are not known',
      [says('a', 'claude-opus-9', 10, '')],
      { usd: 0, tokensUnpriced: 12 },
      'cost unknown',
    ],
  ])('%s', (_, lines, expected, words) => {
    const { spend } = fold(lines);
    const { usd, ...rest } = expected;
    expect(spend).toMatchObject(rest);
    expect(spend.usd).toBeCloseTo(usd, 6);
    expect(moneyWords(spend)).toBe(words);
  });

  test('a reply without a price of its own and the stated end of the turn: nothing is left of the estimate', () => {
    const result = line({
      ...{ type: 'result', is_error: false, subtype: 'success', result: 'ok' },
      model_usage_since_last_result: { [opus]: { inputTokens: 9, outputTokens: 8, costUSD: 0.5 } },
    });
    const { spend } = fold([init(opus), says('a', opus, 1000, long), says('b', 'm', 10, '', 'toolu_1'), result]);
    expect(spend).toEqual({ inputTokens: 9, outputTokens: 8, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0.5 });
    // The next turn is counted on top, and by itself.
    const next = fold([says('c', opus, 1e6, '')], fold([init(opus), says('a', opus, 1000, long), result]));
    expect(next.spend).toMatchObject({ inputTokens: 1e6 + 9 });
    expect(moneyWords(next.spend)).toBe('≈ $5.50');
  });

  test.each([
    'claude-killed-midrun',
    'claude-killed-SIGKILL',
    'claude-killed-SIGTERM',
    'claude-sig-fg-sigkill-pid',
    'claude-partial-hooks',
  ])('%s: what was spent before the end is there', (sample) => {
    const cut = linesOf(sample).filter((text) => !text.includes('"type":"result"'));
    expect(fold(cut).spend.usd).toBeGreaterThan(0.01);
    expect(fold(cut).spend.inputTokens).toBeGreaterThan(10_000);
  });
});
