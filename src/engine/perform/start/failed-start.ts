import type { Ms } from '../../../core/model/seen.ts';
import { type Result, result } from '../step/apply.ts';

/** It never came to a process, and trying the same again at once would not help. */
export function failedStart(at: Ms, message: string): Result {
  const failure = { type: 'startup_error', message, at, cause: 'before' } as const;
  return result({ kind: 'ended', at, exit: null, failedStart: failure }, message);
}
