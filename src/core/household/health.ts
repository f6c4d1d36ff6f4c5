import type { Counters } from '../model/records.ts';

export type Health = 'ok' | 'warning' | 'degraded';

/** More than this many worktree errors start a cleanup, which sets the counter back. */
export const WORKTREE_ERRORS_BOUND = 10;

export function healthOf(counters: Counters): Health {
  if (counters.worktree_errors > WORKTREE_ERRORS_BOUND) return 'degraded';
  return counters.workers_failed > counters.workers_completed ? 'warning' : 'ok';
}
