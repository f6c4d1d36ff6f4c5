import type { Spend } from '../../core/model/run.ts';
import type { Fields, Said } from '../words/events.ts';
import { number, object, parseObject, string } from '../words/fields.ts';
import { refusalIn, resetSaid, statusIn } from '../words/provider.ts';
import { turnEnded } from '../words/turn-end.ts';

/** How a turn ended, by the answer to `session/prompt`. */
export function endOf(result: Fields): Said<'turn_end'> {
  const spent = spendOf(object(result.usage));
  switch (result.stopReason) {
    case 'cancelled':
      return turnEnded('interrupted', { spent });
    case 'max_turn_requests':
      return turnEnded('turns', { spent, text: 'it made as many requests as it may in one turn' });
    case 'max_tokens':
      return turnEnded('failed', { spent, text: 'its reply was longer than the model may make it' });
    case 'refusal':
      return turnEnded('failed', { spent, text: 'the model refused' });
    default:
      return turnEnded('completed', { spent });
  }
}

/** An error in place of an answer. The protocol has no word for who refused: status and cause are read off the words. */
export function refused(error: {
  readonly code: number | null;
  readonly message: string;
  readonly data: unknown;
}): readonly [Said<'provider_error'>, Said<'turn_end'>] {
  const { code, data } = error;
  // Some hand on the provider's answer as it came.
  const message = string(object(parseObject(error.message)?.error)?.message) ?? error.message;
  const words = `${error.message} ${JSON.stringify(data ?? '')}`;
  const status = code !== null && code >= 400 && code < 600 ? code : statusIn(words);
  const cause = string(object(data)?.errorKind) ?? string(object(data)?.errorName) ?? 'error';
  return [
    { kind: 'provider_error', refusal: refusalIn(words), cause, message },
    turnEnded('refused', { apiErrorStatus: status, text: message }),
  ];
}

/** That a limit ends at a time, where the error hands on what its provider said; null: it does not. */
export function limitOf({ message, data }: { readonly message: string; readonly data: unknown }, now: number): Said<'rate_limit'> | null {
  const body = parseObject(message) ?? parseObject(string(object(data)?.details) ?? '') ?? object(data) ?? {};
  const resetsAt = refusalIn(`${message} ${JSON.stringify(data ?? '')}`) === 'limit' ? resetSaid({}, body, now) : null;
  return resetsAt === null ? null : { kind: 'rate_limit', status: 'rejected', resetsAt, type: null, used: null };
}

function spendOf(usage: Fields | null): Spend | null {
  if (usage === null) return null;
  return {
    inputTokens: number(usage.inputTokens) ?? 0,
    outputTokens: number(usage.outputTokens) ?? 0,
    cacheReadTokens: number(usage.cachedReadTokens) ?? 0,
    cacheWriteTokens: number(usage.cachedWriteTokens) ?? 0,
    usd: 0,
  };
}
