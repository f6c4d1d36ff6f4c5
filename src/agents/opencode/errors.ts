import type { Refusal } from '../../core/model/run.ts';
import type { Fields, Said } from '../words/events.ts';
import { number, object, parseObject, string } from '../words/fields.ts';
import { refusalIn, resetSaid, statusIn } from '../words/provider.ts';
import { turnEnded } from '../words/turn-end.ts';

const NAMES: ReadonlyMap<string, Refusal> = new Map([
  ['ProviderAuthError', 'login'],
  ['ContextOverflowError', 'request'],
  ['ContentFilterError', 'request'],
  ['MessageOutputLengthError', 'request'],
]);

/** That a turn was ended from outside. */
export const isAborted = (error: Fields): boolean => error.name === 'MessageAbortedError';

/** That a limit ends at a time, where the error says it; null: it does not, or is about something else. */
export function limitOf(error: Fields, now: number): Said<'rate_limit'> | null {
  const data = object(error.data) ?? {};
  const [{ refusal }] = failedTurn(error);
  if (refusal !== 'limit' && number(data.statusCode) !== 429) return null;
  const resetsAt = resetSaid(object(data.responseHeaders) ?? {}, parseObject(string(data.responseBody) ?? '') ?? {}, now);
  return resetsAt === null ? null : { kind: 'rate_limit', status: 'rejected', resetsAt, type: null, used: null };
}

/** An `error` object: `{name, data: {message, statusCode?}}`. A turn that ended by it: who refused, and the end itself. */
export function failedTurn(error: Fields): readonly [Said<'provider_error'>, Said<'turn_end'>] {
  const data = object(error.data) ?? {};
  const cause = string(error.name) ?? 'error';
  const message = string(data.message) ?? cause;
  const words = `${message} ${string(data.responseBody) ?? ''}`;
  const status = number(data.statusCode) ?? statusIn(words);
  return [
    { kind: 'provider_error', refusal: NAMES.get(cause) ?? refusalIn(words), cause, message },
    turnEnded('refused', { apiErrorStatus: status, text: message }),
  ];
}

/** Longer than the longest pause that it takes of its own accord: its provider named the time. */
const NAMED = 60_000;

/** That a limit ends at a time, where it waits for that; null: it does not, or waits for something else. */
export function limitAwaited(status: Fields, now: number): Said<'rate_limit'> | null {
  const { refusal, status: code, delayMs } = retryOf(status, now);
  if ((refusal !== 'limit' && code !== 429) || delayMs === null || delayMs < NAMED) return null;
  return { kind: 'rate_limit', status: 'rejected', resetsAt: now + delayMs, type: null, used: null };
}

/** That it tries again: `{type: 'retry', attempt, message, next}`. */
export function retryOf(status: Fields, now: number | null): Said<'retry'> {
  const message = string(status.message) ?? 'no answer';
  const next = number(status.next);
  return {
    ...{ kind: 'retry', attempt: number(status.attempt) ?? 1, maxAttempts: null },
    ...{
      delayMs: next === null || now === null ? null : Math.max(0, next - now),
      status: statusIn(message),
      refusal: refusalIn(message),
      cause: message,
    },
  };
}
