import { describe, expect, test } from 'vitest';
import { run } from '../../test/support/agents/agent-run.ts';
import type { Run } from '../core/model/run.ts';
import { CLAUDE } from './claude/abilities.ts';
import { COMMAND } from './command/abilities.ts';
import { keptRun } from './kept-run.ts';
import type { Fields } from './words/events.ts';

/** As version 0.1.0 wrote it. */
const old = (kind: string, stream: object = {}): Fields => {
  const { agent: _, stream: facts, ...rest } = run();
  return { ...rest, agent: { kind, model: 'opus' }, stream: { ...facts, ...stream } };
};
const read = (doc: Fields): Run => keptRun(doc) as unknown as Run;
const said = (isError: boolean, subtype: string, terminalReason: string | null) => ({
  result: { isError, subtype, terminalReason, apiErrorStatus: null, text: 'Done.', at: 5 },
});

describe('a run of version 0.1.0', () => {
  test.each([
    ['claude', CLAUDE],
    ['command', COMMAND],
    ['nobody', COMMAND],
  ])('of kind %s can what that kind can', (kind, can) => {
    expect(read(old(kind)).agent).toEqual({ kind, can, model: 'opus' });
  });

  test.each([
    [false, 'success', 'completed', 'completed'],
    [false, 'success', null, 'ended'],
    [false, 'success', 'hook_stopped', 'stopped'],
    [false, 'success', 'stop_hook_prevented', 'stopped'],
    [true, 'error_during_execution', 'aborted_tools', 'interrupted'],
    [true, 'error_during_execution', null, 'failed'],
    [true, 'error_max_turns', null, 'turns'],
    [true, 'error_max_budget_usd', 'budget_exhausted', 'dollars'],
    [true, 'success', 'api_error', 'refused'],
    [true, 'success', 'completed', 'refused'],
  ] as const)('that said %s, %s, %s ended as %s', (isError, subtype, reason, end) => {
    const { result } = read(old('claude', said(isError, subtype, reason))).stream;
    expect(result).toEqual({ ...said(isError, subtype, reason).result, end });
  });

  test.each([
    ['billing_error', 'money'],
    ['authentication_failed', 'login'],
    ['rate_limit', 'limit'],
    ['invalid_request', 'request'],
    ['overloaded', null],
  ])('that a provider refused with %s', (cause, refusal) => {
    const { providerError } = read(old('command', { providerError: { status: null, cause, message: 'm' } })).stream;
    expect(providerError).toEqual({ status: null, cause, message: 'm', refusal });
  });
});

test.each([
  [{}],
  [{ agent: 1, stream: null }],
  [{ agent: [], stream: { result: 'x', providerError: 7 } }],
])('what is no run stays as it is: %j', (doc) => expect(keptRun(doc)).toEqual(doc));

test('a run of today is as it was kept, also when its agent can something else by now', () => {
  const can = { ...CLAUDE, steer: 'none' } as const;
  const kept = run({ agent: { kind: 'claude', can, model: null } });
  expect(keptRun({ ...kept })).toEqual(kept);
});
