/*
 * What the engine needs of the world: a port a file, owned here, by their user; each is implemented in src/adapters/.
 * Rules for every port: a call that cannot tell throws a PortError, never an empty answer; repeating a call is harmless.
 */

import type { Ms } from '../../core/model/seen.ts';

/** Errors are sorted once, at the adapter. `retryable`: later; `terminal`: not without a change by a person; `limited`: at `until`. */
export type ErrorSort = 'retryable' | 'terminal' | 'limited' | 'unknown';

export class PortError extends Error {
  readonly sort: ErrorSort;
  /** What a person can do, one sentence. */
  readonly hint: string;
  /** For `limited`. */
  readonly until: Ms | null;
  constructor(sort: ErrorSort, message: string, options: { hint?: string; until?: Ms; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PortError';
    this.sort = sort;
    this.hint = options.hint ?? '';
    this.until = options.until ?? null;
  }
}

/** git made the worktree, and the person's own setup of it went wrong. */
export class SetupError extends PortError {}
