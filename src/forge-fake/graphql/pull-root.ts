import { checkMergeable } from '../rules/pulls.ts';
import { fullName, nodeId, repoHtml } from '../shape/shapes.ts';
import { isPull, type Pull } from '../shape/shapes-pull.ts';
import type { Fake } from '../state/fake.ts';
import { mergeableState, rulesOf } from '../state/merging.ts';
import { association, findUser, may } from '../state/people.ts';
import type { Review, User } from '../state/state.ts';
import { connection, type Slice } from './connection.ts';
import { actor, common, issueRoot } from './issue-root.ts';

const review = (fake: Fake, one: Review) => ({
  __typename: 'PullRequestReview',
  id: nodeId('PRR', one.id),
  databaseId: one.id,
  state: one.state,
  body: one.body,
  submittedAt: one.submittedAt,
  author: actor(fake, one.author),
  authorAssociation: association(fake, one.author),
  reactionGroups: [],
  commit: { oid: one.commit },
});

/** The last word of each who did more than remark. */
function opinions(fake: Fake, number: number, writersOnly: boolean): readonly Review[] {
  const last = new Map<string, Review>();
  for (const one of fake.store.state.reviews) if (one.pull === number && one.state !== 'COMMENTED') last.set(one.author, one);
  return [...last.values()].filter(({ author }) => !writersOnly || may(fake, findUser(fake, author), 'write'));
}

/** Null where the rules ask for none, as GitHub has it. */
function decision(fake: Fake, number: number): string | null {
  const { approvals } = rulesOf(fake);
  const said = opinions(fake, number, true).map(({ state }) => state);
  if (said.includes('CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  if (approvals === 0) return null;
  return said.filter((state) => state === 'APPROVED').length >= approvals ? 'APPROVED' : 'REVIEW_REQUIRED';
}

/** Of several check runs with one name, and statuses of one context, the newest counts. Null: nothing is said of the commit. */
function rollup(fake: Fake, sha: string) {
  const runs = new Map(fake.store.state.checkRuns.filter((one) => one.sha === sha).map((one) => [one.name, one]));
  const statuses = new Map(fake.store.state.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]));
  const contexts = [
    ...[...runs.values()].map((one) => ({
      __typename: 'CheckRun',
      id: nodeId('CR', one.id),
      databaseId: one.id,
      name: one.name,
      status: one.status.toUpperCase(),
      conclusion: one.conclusion?.toUpperCase() ?? null,
      startedAt: one.startedAt,
      completedAt: one.conclusion === null ? null : one.startedAt,
      detailsUrl: `${repoHtml(fake)}/runs/${one.id}`,
      isRequired: () => rulesOf(fake).checks.includes(one.name),
      checkSuite: { workflowRun: null },
    })),
    ...[...statuses.values()].map((one) => ({
      __typename: 'StatusContext',
      id: nodeId('SC', one.id),
      context: one.context,
      state: one.state.toUpperCase(),
      targetUrl: one.targetUrl,
      createdAt: one.createdAt,
      description: one.description,
      isRequired: () => rulesOf(fake).checks.includes(one.context),
    })),
  ];
  return contexts.length === 0 ? null : { contexts: (slice: Slice) => connection(contexts, slice) };
}

/** What shows as words: no blocks of code, code within lines, comments or quotes, as far as tests write them. */
const prose = (body: string): string => body.replace(/```[\s\S]*?```|`[^`\n]*`|<!--[\s\S]*?-->|^>.*$/gm, ' ');

/** "Closes #N" of the same repository, as far as tests write it, of what goes into the default branch. */
function closes(fake: Fake, { body, pull }: Pull, viewer: User) {
  if (pull.base.ref !== fake.store.state.repo.defaultBranch) return [];
  const numbers = new Set(
    [...prose(body ?? '').matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi)].map(([, number]) => Number(number)),
  );
  return fake.store.state.issues
    .filter((one) => numbers.has(one.number) && !isPull(one))
    .map((one) => ({ ...issueRoot(fake, one, viewer), repository: { nameWithOwner: fullName(fake) } }));
}

export function pullRoot(fake: Fake, one: Pull, viewer: User) {
  const { pull } = one;
  const { repo } = fake.store.state;
  const open = one.state === 'open';
  const isThere = pull.head.owner === repo.owner || repo.forks.includes(pull.head.owner);
  const commit = { oid: pull.head.sha, statusCheckRollup: rollup(fake, pull.head.sha) };
  const reviews = fake.store.state.reviews.filter((said) => said.pull === one.number);
  return {
    ...common(fake, one, viewer),
    __typename: 'PullRequest',
    id: nodeId('PR', pull.id),
    fullDatabaseId: String(pull.id),
    state: pull.mergedAt !== null ? 'MERGED' : one.state.toUpperCase(),
    merged: pull.mergedAt !== null,
    mergedAt: pull.mergedAt,
    mergedBy: pull.mergedBy === null ? null : actor(fake, pull.mergedBy),
    isDraft: pull.draft,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    baseRefName: pull.base.ref,
    isCrossRepository: pull.head.owner !== repo.owner,
    maintainerCanModify: false,
    isInMergeQueue: pull.queuedBy !== undefined,
    mergeQueueEntry: pull.queuedBy === undefined ? null : { id: nodeId('MQE', pull.id), position: 1, enqueuer: actor(fake, pull.queuedBy) },
    autoMergeRequest:
      pull.autoMerge == null
        ? null
        : { enabledBy: actor(fake, pull.autoMerge.by), enabledAt: one.updatedAt, mergeMethod: pull.autoMerge.method.toUpperCase() },
    isMergeQueueEnabled: rulesOf(fake).queue !== undefined,
    headRepository: isThere
      ? { id: nodeId('R', repo.id), name: repo.name, nameWithOwner: `${pull.head.owner}/${repo.name}`, owner: actor(fake, pull.head.owner) }
      : null,
    headRepositoryOwner: actor(fake, pull.head.owner),
    // The first question is answered with what is not known; whoever asks again is told.
    mergeable: async () => {
      const { mergeable } = pull;
      if (open) await checkMergeable(fake, one);
      return !open || mergeable === null ? 'UNKNOWN' : mergeable ? 'MERGEABLE' : 'CONFLICTING';
    },
    mergeStateStatus: mergeableState(fake, one).toUpperCase(),
    reviewDecision: decision(fake, one.number),
    reviewRequests: (slice: Slice) => connection([], slice),
    reviews: ({ states, ...slice }: Slice & { readonly states?: readonly string[] | null }) =>
      connection(
        reviews.filter(({ state }) => states?.includes(state) !== false).map((said) => review(fake, said)),
        slice,
      ),
    latestOpinionatedReviews: ({ writersOnly, ...slice }: Slice & { readonly writersOnly?: boolean }) =>
      connection(
        opinions(fake, one.number, writersOnly === true).map((said) => review(fake, said)),
        slice,
      ),
    statusCheckRollup: commit.statusCheckRollup,
    commits: (slice: Slice) => connection([{ commit }], slice),
    closingIssuesReferences: (slice: Slice) => connection(closes(fake, one, viewer), slice),
  };
}
