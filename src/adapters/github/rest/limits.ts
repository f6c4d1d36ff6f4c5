import { wordsOf } from './problem.ts';
import type { Answer } from './wire.ts';

/** What GitHub last said about the token's allowance. Times are of this machine's clock, whatever GitHub's says. */
export interface Limits {
  /** Requests per hour, and how many are left; null where the server states none (Enterprise Server by default). */
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAt: number | null;
  /** No request is sent before then; null: none is kept back. */
  readonly until: number | null;
  readonly because: string | null;
  /** When it was said. */
  readonly at: number;
}

export interface LimitKeeper {
  /** Takes in the headers of any answer. */
  note(token: string | null, answer: Answer): void;
  /** Takes in a refusal; answers until when and why nothing is sent. */
  refuse(token: string | null, answer: Answer): { readonly until: number; readonly because: string };
  /** The hold that is in force for this token now, or null. */
  wait(token: string | null): { readonly until: number; readonly because: string } | null;
  read(): Limits | null;
}

/** GitHub asks for at least a minute where it names no time, and longer each time it has to say it again. */
const MINUTE = 60_000;
const LONGEST_STEP = 15 * MINUTE;
/** A header gone mad must not hold the fleet for ever. */
const LONGEST_HOLD = 24 * 60 * MINUTE;

/** Keeps the limit state of one token at a time: with a new token everything is forgotten. */
export function createLimitKeeper(now: () => number): LimitKeeper {
  let owner: string | null = null;
  let state: Limits | null = null;
  let unnamed = 0;

  const own = (token: string | null): void => {
    if (token === owner) return;
    owner = token;
    state = null;
    unnamed = 0;
  };

  const wait: LimitKeeper['wait'] = (token) => {
    own(token);
    return state?.until != null && state.until > now() ? { until: state.until, because: state.because ?? 'a rate limit' } : null;
  };

  return {
    wait,
    read: () => state,
    note(token, answer) {
      own(token);
      const stated = read(answer, now());
      // Answers to requests that were under way together come in any order: a late good one does not lift a hold.
      const hold = wait(token) ?? { until: null, because: null };
      if (stated) state = { ...stated, ...(exhausted(stated) ?? hold), at: now() };
      if (answer.status < 400) unnamed = 0;
    },
    refuse(token, answer) {
      own(token);
      const stated = read(answer, now());
      const named = retryAfter(answer, now()) ?? (stated?.remaining === 0 ? stated.resetAt : null);
      if (named === null) unnamed += 1;
      const span =
        named === null ? Math.min(MINUTE * 2 ** (unnamed - 1), LONGEST_STEP) : Math.min(Math.max(named - now(), 1000), LONGEST_HOLD);
      const until = now() + span;
      const because = wordsOf(answer.data) || `GitHub answered ${answer.status}`;
      state = { ...(stated ?? { limit: null, remaining: null, resetAt: null }), until, because, at: now() };
      return { until, because };
    },
  };
}

/** The last permitted request is spent: the next one would only be refused, and counted against us. */
function exhausted(stated: Stated): Pick<Limits, 'until' | 'because'> | null {
  if (stated.remaining !== 0 || stated.resetAt === null) return null;
  return { until: stated.resetAt, because: `all ${stated.limit ?? ''} requests of this hour are used up`.replace('  ', ' ') };
}

type Stated = Pick<Limits, 'limit' | 'remaining' | 'resetAt'>;

function read(answer: Answer, now: number): Stated | null {
  // Search and GraphQL have allowances of their own; only the core one is ours.
  if ((answer.headers['x-ratelimit-resource'] ?? 'core') !== 'core') return null;
  const remaining = integer(answer.headers['x-ratelimit-remaining']);
  if (remaining === null) return null;
  const reset = integer(answer.headers['x-ratelimit-reset']);
  return {
    limit: integer(answer.headers['x-ratelimit-limit']),
    remaining,
    resetAt: reset === null ? null : now + Math.max(0, reset * 1000 - serverTime(answer, now)),
  };
}

/** `retry-after` in seconds or as a date, turned into a time of our clock. */
function retryAfter(answer: Answer, now: number): number | null {
  const text = answer.headers['retry-after'];
  if (text === undefined) return null;
  const seconds = integer(text);
  if (seconds !== null) return now + seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : now + Math.max(0, date - serverTime(answer, now));
}

/** GitHub's clock as the answer states it: this machine's may be off by hours, and resets are given by theirs. */
function serverTime(answer: Answer, now: number): number {
  const date = Date.parse(answer.headers.date ?? '');
  return Number.isNaN(date) ? now : date;
}

const integer = (text: string | undefined): number | null => (text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null);
