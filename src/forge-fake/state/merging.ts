import { refusal } from './answer.ts';
import type { Fake } from './fake.ts';
import { findUser, may } from './people.ts';
import type { Issue, MergeMethod, PullFacts, Rules, User } from './state.ts';

type Pull = Issue & { readonly pull: PullFacts };

const NONE: Rules = { autoMerge: false, approvals: 0, checks: [] };
export const rulesOf = (fake: Fake): Rules => fake.store.state.repo.rules ?? NONE;

/** What the base branch still asks for before this pull may be merged, in GitHub's words; null: nothing. */
export function unmet(fake: Fake, { number, pull }: Pull): string | null {
  const { approvals, checks } = rulesOf(fake);
  const opinions = new Map(
    fake.store.state.reviews.flatMap((one) => (one.pull !== number || one.state === 'COMMENTED' ? [] : [[one.author, one.state] as const])),
  );
  const counted = [...opinions].filter(([login]) => {
    const user = findUser(fake, login);
    return user !== null && may(fake, user, 'write');
  });
  if (approvals > 0 && counted.some(([, state]) => state === 'CHANGES_REQUESTED')) return 'Changes have been requested.';
  const missing = approvals - counted.filter(([, state]) => state === 'APPROVED').length;
  if (missing > 0) return `At least ${missing} approving review is required by reviewers with write access.`;
  const newest = new Map(fake.store.state.checkRuns.filter(({ sha }) => sha === pull.head.sha).map((run) => [run.name, run.conclusion]));
  const wanted = checks.find((name) => newest.get(name) !== 'success');
  return wanted === undefined ? null : `Required status check "${wanted}" is expected.`;
}

export function mergeableState(fake: Fake, one: Pull): string {
  const { draft, mergeable } = one.pull;
  if (one.state !== 'open' || mergeable === null) return 'unknown';
  if (!mergeable) return 'dirty';
  if (draft) return 'draft';
  if (unmet(fake, one) !== null) return 'blocked';
  return rulesOf(fake).hooks === true ? 'has_hooks' : 'clean';
}

/** As the GraphQL mutation answers: refused where nothing is waited for, and where the repository does not allow it. */
export function enableAutoMerge(fake: Fake, as: User, one: Pull, method: MergeMethod, expectedHead: string | null): void {
  if (!rulesOf(fake).autoMerge) throw refusal(422, 'Pull request Auto merge is not allowed for this repository');
  if (one.state !== 'open') throw refusal(422, 'Pull request Pull request is closed');
  if (one.pull.draft) throw refusal(422, 'Pull request Pull request is in draft state');
  if (expectedHead !== null && expectedHead !== one.pull.head.sha) throw refusal(422, 'Head sha does not match expected head');
  if (one.pull.mergeable !== false && unmet(fake, one) === null) throw refusal(422, 'Pull request Pull request is in clean status');
  if (rulesOf(fake).linear === true && method === 'merge') throw refusal(422, 'Merge commits are not allowed on this repository');
  one.pull.autoMerge = { by: as.login, method };
  fake.store.touch();
}

/** As the GraphQL mutation answers: only what meets every rule is let into the queue, once. */
export function enqueue(fake: Fake, as: User, one: Pull, expectedHead: string | null): void {
  if (rulesOf(fake).queue === undefined) throw refusal(422, 'The merge queue is not enabled for this branch');
  if (one.state !== 'open' || one.pull.draft) throw refusal(422, 'Pull request is not open or is a draft');
  if (expectedHead !== null && expectedHead !== one.pull.head.sha) throw refusal(422, 'Head sha does not match expected head');
  if (one.pull.queuedBy !== undefined) throw refusal(422, 'Pull request is already in the merge queue');
  const missing = unmet(fake, one);
  if (missing !== null) throw refusal(422, missing);
  one.pull.queuedBy = as.login;
  fake.store.touch();
}

/** As the GraphQL mutation answers: refused where nobody armed it. */
export function disableAutoMerge(fake: Fake, one: Pull): void {
  if (one.pull.autoMerge == null) throw refusal(422, "Can't disable auto-merge for this pull request");
  one.pull.autoMerge = null;
  fake.store.touch();
}
