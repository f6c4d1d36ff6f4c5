import type { Counters } from '../model/records.ts';

export type Health = 'ok' | 'warning' | 'degraded';

/** More than this many worktree errors start a cleanup, which sets the counter back. */
export const WORKTREE_ERRORS_BOUND = 10;

/** As people's scripts have it of `adws/metrics.json`: of everything since the counters began. */
export const healthByCounters = (counters: Counters): Health =>
  judged(counters.worktree_errors, counters.workers_failed, counters.workers_completed);

/** As it is now: of the runs that ended last, the oldest forgotten. `recent`: what each came to. */
export function healthOf(counters: Counters, recent: readonly string[]): Health {
  const { failed, runs } = lastRuns(recent);
  return judged(counters.worktree_errors, failed, runs - failed);
}

/** How many of the last runs failed: of all but those that people ended. */
export const lastRuns = (recent: readonly string[]): { readonly runs: number; readonly failed: number } => ({
  runs: recent.length,
  failed: recent.filter((outcome) => outcome !== 'done' && outcome !== 'blocked').length,
});

/** With what makes it a warning: the counters beside it are of all time. */
export const healthWords = (health: Health, { runs, failed }: ReturnType<typeof lastRuns>): string =>
  health === 'warning' ? `warning (${failed} of the last ${runs} runs failed)` : health;

function judged(worktreeErrors: number, failed: number, completed: number): Health {
  if (worktreeErrors > WORKTREE_ERRORS_BOUND) return 'degraded';
  return failed > completed ? 'warning' : 'ok';
}
