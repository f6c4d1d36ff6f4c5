import type { Ms } from '../core/model/seen.ts';
import type { PullRef } from '../core/model/task.ts';
import type { ChecksSummary } from '../core/review/checks.ts';
import { CHECKED, type ChecksSight, type PullSight, type PullSights, unmergedAt } from '../core/review/pull-sights.ts';
import { age } from '../core/words/span.ts';

/** What was seen longer ago than this bears its age. */
const FRESH: Ms = 2 * 60_000;
const NAMES_SHOWN = 3;
const REVIEWED = { approved: 'approved', changes_requested: 'changes requested', required: 'review required' } as const;
const NO_RIGHT = '(the token may not read them)';

/** `PR #7 draft · checks: 3 passed, 1 failing (build), 1 running`, as far as it is known, and how old that is. Names in it come from outside. */
export function pullWords({ number }: PullRef, sights: PullSights, now: Ms): string {
  const sight = sights.get(number);
  if (sight === undefined) return `PR #${number}`;
  const state = sight.state === 'open' && sight.draft ? 'draft' : sight.state;
  if (sight.state !== 'open') return `PR #${number} ${state}`;
  const review = sight.review === undefined ? '' : ` · ${REVIEWED[sight.review]}`;
  return `PR #${number} ${state}${ageOf(sight.at, now)}${review} · ${checksOf(sight, sights, now)}${mergeOf(sight)}`;
}

/** What is known of its merge, where it is to be merged. */
function mergeOf(sight: PullSight): string {
  const unmerged = unmergedAt(sight);
  if (unmerged !== null) return ` · not merged: ${unmerged.why}`;
  return sight.advanced?.step === 'merge' && sight.advanced.commit === sight.commit ? ' · GitHub merges it when its rules are met' : '';
}

function checksOf(sight: PullSight, sights: PullSights, now: Ms): string {
  const { checks, number } = sight;
  if (checks === null) {
    const newer = [...sights.values()].filter((other) => other.state === 'open' && other.number > number).length;
    return newer < CHECKED ? 'checks not known yet' : `checks not asked for: ${newer} newer pulls are open`;
  }
  return checksWords(checks, now);
}

function checksWords({ summary, at, unknown }: ChecksSight, now: Ms): string {
  if (unknown !== null) {
    const before = summary === null || at === null ? '' : `: ${age(now - at)} ago ${summaryWords(summary)}`;
    const since = now - unknown.since < FRESH ? '' : ` for ${age(now - unknown.since)}`;
    return `checks not known${since} (${unknown.because})${before}`;
  }
  if (summary === null || at === null) return 'checks not known yet';
  if (summary.withheld.length === 2) return `checks not known ${NO_RIGHT}`;
  return `checks: ${summaryWords(summary)}${ageOf(at, now)}`;
}

/** `3 passed, 1 failing (build), 1 running`; `none` where nothing is said of the commit. */
function summaryWords({ passed, failing, running, other, failingNames, withheld }: ChecksSummary): string {
  const names = failingNames.slice(0, NAMES_SHOWN).join(', ');
  const more = failingNames.length > NAMES_SHOWN ? ', …' : '';
  const counts = [
    passed > 0 ? `${passed} passed` : '',
    failing > 0 ? `${failing} failing (${names}${more})` : '',
    running > 0 ? `${running} running` : '',
    other > 0 ? `${other} unclear` : '',
  ].filter((words) => words !== '');
  const said = counts.length === 0 ? 'none' : counts.join(', ');
  return withheld.length === 0 ? said : `${said}; ${withheld.join(' and ')} not known ${NO_RIGHT}`;
}

const ageOf = (at: Ms, now: Ms): string => (now - at < FRESH ? '' : ` (${age(now - at)} ago)`);
