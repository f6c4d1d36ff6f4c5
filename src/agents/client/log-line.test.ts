import { describe, expect, test } from 'vitest';
import { parseLine } from '../line.ts';
import type { AgentEvent } from '../words/events.ts';
import { turnEnded } from '../words/turn-end.ts';
import { interruptLine, readOrder, tellLine } from './input.ts';
import { logLine } from './log-line.ts';

const at = Date.parse('2026-11-29T12:00:00Z');
const here = { at, parent: null } as const;
const said = { message: 'm', model: 'a-model', usage: null } as const;
const SPENT = { inputTokens: 7, outputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2, usd: 0.25 };

const EVENTS: readonly AgentEvent[] = [
  { ...here, kind: 'session', session: 's', model: 'a-model', cwd: '/tree', version: null, mode: null },
  { ...here, ...said, kind: 'text', text: 'two\nlines and a \u2028' },
  { ...here, ...said, kind: 'thinking', text: 'hm' },
  { ...here, ...said, kind: 'tool_start', id: 't', name: 'Bash', input: { command: 'ls' } },
  { ...here, kind: 'tool_end', id: 't', ok: false, output: 'no', detail: { exitCode: 3 } },
  { ...here, kind: 'usage', usage: { ...SPENT, usd: 0 } },
  { ...here, kind: 'heartbeat', tool: 'Bash', elapsedSeconds: 30 },
  { ...here, kind: 'user', text: 'Go on.', synthetic: false },
  { ...here, kind: 'background', works: [{ id: 't', text: 'sleep 60' }] },
  { ...here, kind: 'background', works: [] },
  { ...here, kind: 'denied', tool: 'Bash', message: 'no' },
  { ...here, kind: 'note', text: 'another model' },
  { ...here, kind: 'rate_limit', status: 'rejected', resetsAt: at + 5000, type: 'weekly', used: 1 },
  ...(['money', 'login', 'limit', 'request', null] as const).flatMap((refusal): AgentEvent[] => [
    { ...here, kind: 'provider_error', refusal, cause: causeOf(refusal), message: 'refused' },
    { ...here, kind: 'retry', attempt: 1, maxAttempts: 4, delayMs: 10, status: 429, refusal, cause: causeOf(refusal) },
  ]),
  ...(['completed', 'ended', 'interrupted', 'stopped', 'turns', 'dollars', 'failed', 'refused'] as const).map(
    (end): AgentEvent => ({
      ...here,
      ...turnEnded(end, { text: 'words', apiErrorStatus: 500, durationMs: 9, turns: 2, spent: SPENT, total: SPENT }),
    }),
  ),
];

function causeOf(refusal: string | null): string {
  const known: Record<string, string> = {
    money: 'billing_error',
    login: 'authentication_failed',
    limit: 'rate_limit',
    request: 'invalid_request',
  };
  return known[refusal ?? ''] ?? 'weather';
}

describe('a line of the log', () => {
  test.each(EVENTS.map((event) => [event.kind, event] as const))('says %s, and is read as that', (_, event) => {
    const line = logLine(event, { session: 's', model: 'a-model' }, 'never');
    expect(line).not.toContain('\n');
    expect(parseLine(line ?? '')).toEqual([event]);
  });

  test('has a time where the agent gave none', () => {
    const line = logLine({ at: null, parent: null, kind: 'note', text: 'x' }, { session: null, model: null }, '2026-11-29T12:00:00.000Z');
    expect(parseLine(line ?? '')[0]?.at).toBe(at);
  });

  test('what has no place in it is left to the raw log', () => {
    expect(logLine({ ...here, kind: 'quiet', type: 'x', line: '{}' }, { session: null, model: null }, '')).toBeNull();
    expect(logLine({ ...here, kind: 'raw', text: 'x' }, { session: null, model: null }, '')).toBeNull();
  });
});

describe('an order', () => {
  test('is read as it was written', () => {
    expect(readOrder(tellLine('two\nlines', 'a-name'))).toEqual({ kind: 'say', text: 'two\nlines', name: 'a-name' });
    expect(readOrder(tellLine('x'))).toEqual({ kind: 'say', text: 'x', name: null });
    expect(readOrder(interruptLine())).toEqual({ kind: 'interrupt' });
  });

  test.each(['', '{', '{"type":"user"', 'null', '{"type":"control_request","request":{"subtype":"set_model"}}'])('%j is none', (line) => {
    expect(readOrder(line)).toBeNull();
  });
});
