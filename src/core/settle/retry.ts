import type { Failure, FailureType } from '../model/failure.ts';
import type { Ms } from '../model/seen.ts';
import type { RunId } from '../model/task.ts';

const SECOND = 1000;
const MAX_DELAY = 6 * 60 * 60 * SECOND;

/** What follows a failure, by its type alone. */
type Rule =
  /** Again after `times` · the policy's delay · 2ⁿ; uses an attempt up. `unlessAlike`: not where the attempt before ended with the same words. */
  | { readonly kind: 'backoff'; readonly times: number; readonly unlessAlike?: true }
  /** The whole fleet waits; the same conversation goes on; no attempt is used up. */
  | { readonly kind: 'fleet' }
  /** The same, until a person has mended it; where it is met again right away, that uses an attempt up. */
  | { readonly kind: 'mended' }
  /** Again at once in the same conversation, once. */
  | { readonly kind: 'once' }
  /** Again at once in the same conversation; no attempt is used up. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'never' };

const backoff = (times: number): Rule => ({ kind: 'backoff', times });

export const RETRY_RULES: Readonly<Record<FailureType, Rule>> = {
  startup_error: backoff(5),
  crash: backoff(1),
  agent_error: backoff(1),
  provider_error: { kind: 'fleet' },
  usage_limit: { kind: 'fleet' },
  auth_error: { kind: 'mended' },
  billing_error: { kind: 'mended' },
  timeout: backoff(1),
  stalled: backoff(1),
  output_limit: backoff(1),
  out_of_memory: backoff(1),
  budget: { kind: 'never' },
  no_pr: { kind: 'once' },
  validation_error: { kind: 'once' },
  worktree_error: backoff(1),
  setup_error: { kind: 'backoff', times: 1, unlessAlike: true },
  delivery_error: { kind: 'never' },
  stopped: { kind: 'never' },
  killed: { kind: 'never' },
  cancelled: { kind: 'never' },
  interrupted: { kind: 'resume' },
  unknown: backoff(1),
};

export type Verdict =
  | { readonly kind: 'again'; readonly retryAt: Ms; readonly burned: boolean; readonly resume: boolean }
  | { readonly kind: 'failed'; readonly burned: boolean };

export interface Judged {
  readonly run: RunId;
  readonly failure: Failure;
  /** Attempts used up before this run, and how many there may be. */
  readonly attempts: number;
  readonly limit: number;
  /** The policy's delay before a second attempt. */
  readonly delay: Ms;
  /** The run was itself the one more turn that `once` allows. */
  readonly repeated: boolean;
  /** What the attempt before ended with; null: this is the first, or a person armed it since. */
  readonly before: Failure | null;
  /** Its conversation can be taken up again. */
  readonly resumable: boolean;
  /** Its work has to come after somebody else's on the branch: one more turn does it. */
  readonly overtaken?: boolean;
}

/** Whether another run follows a failed one, and when. */
export function judgeRetry(
  { run, failure, attempts, limit, delay, repeated, before, resumable, overtaken = false }: Judged,
  now: Ms,
): Verdict {
  const rule: Rule = overtaken ? { kind: 'once' } : RETRY_RULES[failure.type];
  switch (rule.kind) {
    case 'backoff':
      if (rule.unlessAlike === true && isAlike(before, failure)) return { kind: 'failed', burned: true };
      return again(attempts, limit, now + Math.min(rule.times * delay * 2 ** attempts, MAX_DELAY));
    case 'fleet':
      return {
        kind: 'again',
        retryAt: failure.until === undefined ? now : failure.until + jitter(run, failure.until - now),
        burned: false,
        resume: true,
      };
    case 'mended':
      if (before?.type !== failure.type || before.cutOff?.login !== failure.cutOff?.login)
        return { kind: 'again', retryAt: now, burned: false, resume: true };
      return attempts + 1 >= limit ? { kind: 'failed', burned: true } : { kind: 'again', retryAt: now, burned: true, resume: true };
    case 'once':
      if (repeated) return { kind: 'failed', burned: true };
      // Without a conversation to go on in, the one more turn is a whole attempt: it is counted, so that it ends.
      return resumable ? { kind: 'again', retryAt: now, burned: false, resume: true } : again(attempts, limit, now);
    case 'resume':
      return { kind: 'again', retryAt: now, burned: false, resume: true };
    case 'never':
      return { kind: 'failed', burned: false };
  }
}

/** The same but for numbers: times, sizes and process ids differ whenever a script runs. */
const isAlike = (before: Failure | null, { type, message }: Failure): boolean =>
  before?.type === type && withoutNumbers(before.message) === withoutNumbers(message);
const withoutNumbers = (text: string): string => text.replace(/(?:0x[0-9a-f]+|\d)+/gi, '0');

const again = (attempts: number, limit: number, retryAt: Ms): Verdict =>
  attempts + 1 >= limit ? { kind: 'failed', burned: true } : { kind: 'again', retryAt, burned: true, resume: false };

/**
 * So much later than the fleet, so that conversations that were parked together do not all go on in the same second: at most a tenth of the
 * wait, and a minute. The same for the same run, however often it is asked.
 */
export function jitter(run: string, wait: Ms): Ms {
  let hash = 0x811c9dc5;
  for (let n = 0; n < run.length; n += 1) hash = Math.imul(hash ^ run.charCodeAt(n), 0x01000193);
  // Mixed once more: names that differ in their last letter alone would else come close together.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  const part = ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
  return Math.round(part * Math.max(0, Math.min(wait / 10, 60 * SECOND)));
}

/** How long the fleet waits after the nth provider error in a row: the delay, then doubled, at most 30 minutes. */
export const providerBackoff = (errors: number, delay: Ms): Ms => Math.min(delay * 2 ** Math.max(0, errors - 1), 30 * 60 * SECOND);
/** How long the fleet waits after the nth limit in a row without a stated end: seconds, growing, at most 15 minutes. */
export const limitBackoff = (met: number): Ms => Math.min(5 * SECOND * 4 ** Math.max(0, met - 1), 15 * 60 * SECOND);
