import { expect, test } from 'vitest';
import { limitOf as acpLimit } from './acp/ends.ts';
import { limitAwaited, limitOf as opencodeLimit } from './opencode/errors.ts';
import { resetSaid } from './words/provider.ts';

const NOW = Date.parse('2026-11-29T18:00:00Z');
const AT = NOW + 3_600_000;

test.each([
  ['seconds in a header', { 'retry-after': '3600' }, {}, AT],
  ['a date in a header', { 'retry-after': 'Sun, 29 Nov 2026 19:00:00 GMT' }, {}, AT],
  ['a time in the error', {}, { error: { type: 'usage_limit_reached', resets_at: AT / 1000 } }, AT],
  ['a span in the error', {}, { error: { type: 'usage_limit_reached', resets_in_seconds: 3600 } }, AT],
  ['as Google says it', {}, { error: { details: [{ '@type': 'QuotaFailure' }, { '@type': 'RetryInfo', retryDelay: '3600s' }] } }, AT],
  ['nothing', {}, { error: { message: 'Too many requests' } }, null],
  ['what is no time', { 'retry-after': 'soon' }, { error: { resets_at: 'later', details: [{ retryDelay: 'x' }] } }, null],
])('the end of a limit: %s', (_, headers, body, at) => {
  expect(resetSaid(headers, body, NOW)).toBe(at);
});

test('OpenCode hands on headers and body; what is no limit has no end', () => {
  const data = { message: 'Too Many Requests', statusCode: 429, responseHeaders: { 'retry-after': '3600' }, responseBody: '{}' };
  expect(opencodeLimit({ name: 'APIError', data }, NOW)).toMatchObject({ kind: 'rate_limit', resetsAt: AT });
  expect(opencodeLimit({ name: 'APIError', data: { ...data, responseHeaders: {} } }, NOW)).toBeNull();
  expect(opencodeLimit({ name: 'APIError', data: { ...data, message: 'Overloaded', statusCode: 503 } }, NOW)).toBeNull();
});

test('what OpenCode waits for longer than it would of itself is the end that its provider named', () => {
  const waits = (message: string, next: number) => limitAwaited({ type: 'retry', attempt: 1, message, next }, NOW);
  expect(waits('Too Many Requests', AT)).toMatchObject({ kind: 'rate_limit', status: 'rejected', resetsAt: AT });
  expect(waits('Too Many Requests', NOW + 30_000)).toBeNull();
  expect(waits('Overloaded', AT)).toBeNull();
});

test('an ACP agent that hands on the provider’s error tells it, too', () => {
  const body = { error: { code: 429, message: 'Resource has been exhausted', details: [{ retryDelay: '3600s' }] } };
  expect(acpLimit({ message: JSON.stringify(body), data: null }, NOW)).toMatchObject({ resetsAt: AT });
  expect(acpLimit({ message: 'Internal error', data: { details: 'x' } }, NOW)).toBeNull();
});
