import { iso } from '../api/iso.ts';
import type { PullRow } from '../api/row.ts';
import type { PullRef } from '../core/model/task.ts';
import { wordOf } from '../core/review/checks.ts';
import type { ChecksSight, PullSight } from '../core/review/pull-sights.ts';

/** A task's pull for `--json`; what nobody has seen is null. */
export function pullJson({ number, url }: PullRef, sight: PullSight | undefined): PullRow {
  if (sight === undefined) return { number, url, state: null, draft: null, review: null, commit: null, seen_at: null, checks: null };
  const { state, draft, review = null, commit, at, checks } = sight;
  return { number, url, state, draft, review, commit, seen_at: iso(at), checks: checks === null ? null : checksJson(checks) };
}

/** `state` and counts are those of `at`, also where nothing newer is known. */
function checksJson({ summary, at, unknown }: ChecksSight) {
  return {
    known: unknown === null,
    at: iso(at),
    state: summary === null ? null : wordOf(summary),
    passed: summary?.passed ?? null,
    failing: summary?.failing ?? null,
    running: summary?.running ?? null,
    other: summary?.other ?? null,
    failing_names: summary?.failingNames ?? [],
    withheld: summary?.withheld ?? [],
    because: unknown?.because ?? null,
    since: iso(unknown?.since ?? null),
  };
}
