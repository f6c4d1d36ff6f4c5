import { expect, test } from 'vitest';
import type { AgentEvent } from '../words/events.ts';
import { createCalls } from './calls.ts';
import { notified } from './notifications.ts';

const call = { type: 'function_call', name: 'exec_command', call_id: 'call_1', arguments: '{"cmd":"npm test","yield_time_ms":1000}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'aborted by user' };
const item = { type: 'commandExecution', id: 'call_1', command: "/bin/bash -lc 'npm test'", status: 'completed', exitCode: 0 };
const told = (method: string): readonly AgentEvent[] => notified(method, { item }, 7, '') ?? [];
const kinds = (events: readonly AgentEvent[]) => events.map(({ kind, at }) => [kind, at]);

test('a command begins with the model’s call, once, and ends with its own end', () => {
  const calls = createCalls();
  expect(calls.said(call, 5)).toMatchObject([{ kind: 'tool_start', at: 5, id: 'call_1', name: 'Bash', input: { command: 'npm test' } }]);
  expect(calls.told(told('item/started'))).toEqual([]);
  expect(kinds(calls.told(told('item/completed')))).toEqual([['tool_end', 7]]);
  expect(calls.said(output, 8)).toEqual([]);
});

test('the answer that the model has while the command goes on is no end', () => {
  const calls = createCalls();
  calls.said(call, 5);
  calls.told(told('item/started'));
  expect(calls.said(output, 6)).toEqual([]);
  expect(kinds(calls.told(told('item/completed')))).toEqual([['tool_end', 7]]);
});

test('a command that never began is over with the answer', () => {
  const calls = createCalls();
  calls.said(call, 5);
  expect(calls.said(output, 6)).toMatchObject([{ kind: 'tool_end', id: 'call_1', ok: false, output: 'aborted by user' }]);
  expect(calls.said(output, 6)).toEqual([]);
});

test('a conversation in which the model’s calls are not told begins its commands by the app-server’s word', () => {
  expect(kinds(createCalls().told(told('item/started')))).toEqual([['tool_start', 7]]);
});

test('what is no command has no call of its own', () => {
  expect(createCalls().said({ ...call, name: 'update_plan' }, 5)).toEqual([]);
  expect(createCalls().said({ type: 'message', role: 'assistant' }, 5)).toEqual([]);
  expect(createCalls().said({}, null)).toEqual([]);
});
