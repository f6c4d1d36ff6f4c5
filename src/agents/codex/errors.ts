import type { Refusal } from '../../core/model/run.ts';
import type { Fields, Said } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { refusalIn, statusIn } from '../words/provider.ts';
import { turnEnded } from '../words/turn-end.ts';

/** What an error of Codex's says, by its own code where it gives one, else by its words. */
export interface Trouble {
  readonly status: number | null;
  readonly refusal: Refusal | null;
  readonly cause: string;
  readonly message: string;
}

const CODES: ReadonlyMap<string, Refusal> = new Map([
  ['contextWindowExceeded', 'request'],
  ['badRequest', 'request'],
  ['usageLimitExceeded', 'limit'],
  ['sessionBudgetExceeded', 'limit'],
  ['unauthorized', 'login'],
]);

/** An `error` object: `{message, codexErrorInfo?, additionalDetails?}`. */
export function troubleOf(error: Fields): Trouble {
  const message = string(error.message) ?? 'an error without words';
  const words = `${message} ${string(error.additionalDetails) ?? ''}`;
  const info = error.codexErrorInfo;
  const [code = 'error', more] = typeof info === 'string' ? [info] : (Object.entries(object(info) ?? {})[0] ?? []);
  const status = number(object(more)?.httpStatusCode) ?? statusIn(words);
  const refusal = refusalIn(words);
  // Codex calls an account without money one that has reached its limit.
  return {
    status,
    refusal: refusal === 'money' ? 'money' : (CODES.get(code) ?? refusal ?? contextIn(words)),
    cause: code,
    message: detailed(error, message),
  };
}

const contextIn = (words: string): Refusal | null => (/context window/i.test(words) ? 'request' : null);

/** `Reconnecting... 2/5` says nothing: what it is about stands beside it. */
function detailed(error: Fields, message: string): string {
  const details = string(error.additionalDetails);
  return details === null ? message : `${message} (${details})`;
}

/** That Codex tries again. */
export function retryOf(error: Fields): Said<'retry'> {
  const { status, refusal, cause, message } = troubleOf(error);
  const [, attempt, most] = /\b(\d{1,4})\/(\d{1,4})\b/.exec(message) ?? [];
  return {
    kind: 'retry',
    attempt: attempt === undefined ? 1 : Number(attempt),
    maxAttempts: most === undefined ? null : Number(most),
    delayMs: null,
    ...{ status, refusal, cause: cause === 'error' ? message : cause },
  };
}

/** A turn that failed: who refused, and the end itself. */
export function failedTurn(error: Fields): readonly [Said<'provider_error'>, Said<'turn_end'>] {
  const { status, refusal, cause, message } = troubleOf(error);
  return [{ kind: 'provider_error', refusal, cause, message }, turnEnded('refused', { apiErrorStatus: status, text: message })];
}
