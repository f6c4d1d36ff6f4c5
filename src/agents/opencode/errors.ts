import type { Refusal } from '../../core/model/run.ts';
import type { Fields, Said } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { refusalIn, statusIn } from '../words/provider.ts';
import { turnEnded } from '../words/turn-end.ts';

const NAMES: ReadonlyMap<string, Refusal> = new Map([
  ['ProviderAuthError', 'login'],
  ['ContextOverflowError', 'request'],
  ['ContentFilterError', 'request'],
  ['MessageOutputLengthError', 'request'],
]);

/** That a turn was ended from outside. */
export const isAborted = (error: Fields): boolean => error.name === 'MessageAbortedError';

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
