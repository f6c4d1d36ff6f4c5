import type { Fake } from '../state/fake.ts';
import { mergeableState } from '../state/merging.ts';
import { association } from '../state/people.ts';
import type { Issue, PullFacts } from '../state/state.ts';
import { type Json, labelsOf, nodeId, personShape, repoApi, repoHtml } from './shapes.ts';
import { repoShape } from './shapes-repo.ts';

/** An issue that is a pull. */
export type Pull = Issue & { readonly pull: PullFacts };
export const isPull = (issue: Issue): issue is Pull => issue.pull !== null;

/** As it stands in a list of pulls. */
export function pullShape(fake: Fake, pull: Pull): Json {
  const api = repoApi(fake);
  const { number, pull: facts } = pull;
  const url = `${api}/pulls/${number}`;
  const issue = `${api}/issues/${number}`;
  const html = `${repoHtml(fake)}/pull/${number}`;
  const links = {
    self: url,
    html,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${facts.head.sha}`,
  };
  return {
    url,
    id: facts.id,
    node_id: nodeId('PR', facts.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: personShape(fake, pull.author),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: facts.mergedAt,
    merge_commit_sha: facts.mergeCommit,
    assignee: null,
    assignees: (pull.assignees ?? []).map((login) => personShape(fake, login)),
    requested_reviewers: (pull.reviewers ?? []).map((login) => personShape(fake, login)),
    requested_teams: [],
    labels: labelsOf(fake, pull),
    milestone: null,
    draft: facts.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    head: endShape(fake, facts.head.owner, facts.head.ref, facts.head.sha),
    base: endShape(fake, fake.store.state.repo.owner, facts.base.ref, facts.base.sha),
    _links: Object.fromEntries(Object.entries(links).map(([key, href]) => [key, { href }])),
    author_association: association(fake, pull.author),
    auto_merge: autoMergeShape(fake, facts),
    active_lock_reason: null,
  };
}

function autoMergeShape(fake: Fake, { autoMerge }: PullFacts): Json | null {
  if (autoMerge == null) return null;
  return { enabled_by: personShape(fake, autoMerge.by), merge_method: autoMerge.method, commit_title: null, commit_message: null };
}

/** `repo` is null when the fork was deleted. */
function endShape(fake: Fake, owner: string, ref: string, sha: string): Json {
  const { repo } = fake.store.state;
  const there = owner === repo.owner || repo.forks.includes(owner);
  return { label: `${owner}:${ref}`, ref, sha, user: personShape(fake, owner), repo: there ? repoShape(fake, owner) : null };
}

/** One pull asked for by its number: with its size, and whether it merges. */
export async function fullPullShape(fake: Fake, pull: Pull): Promise<Json> {
  const { pull: facts } = pull;
  const size = await fake.sizeOf(facts.base.sha, facts.head.sha);
  const open = pull.state === 'open';
  return {
    ...pullShape(fake, pull),
    merged: facts.mergedAt !== null,
    mergeable: open ? facts.mergeable : null,
    rebaseable: open ? facts.mergeable : null,
    mergeable_state: mergeableState(fake, pull),
    merged_by: facts.mergedBy === null ? null : personShape(fake, facts.mergedBy),
    comments: fake.store.state.comments.filter((comment) => comment.issue === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: size.commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.files,
  };
}
