import { z } from 'zod';
import type { Merge } from '../../../core/review/merging.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { mergedShape, reviewShape, waysShape } from '../rest/shapes.ts';
import { onePull } from './merging.ts';

/*
 * What becomes of a green pull: out of the draft, and merged. GitHub's own auto-merge (and its merge queue, which it leads to) goes first; what
 * is not asked for there is merged only where nothing is in the way and a person approved this very head. No rule is ever passed by.
 */

type Rights = (login: string, signal: AbortSignal) => Promise<boolean>;

export const READY =
  'mutation ($input: MarkPullRequestReadyForReviewInput!) { markPullRequestReadyForReview(input: $input) { pullRequest { isDraft } } }';
export const ARM =
  'mutation ($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { autoMergeRequest { mergeMethod } } } }';

export const ENQUEUE = 'mutation ($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { position } } }';

/** Out of the draft; one that is no draft stays as it is. */
export async function markReady(api: Api, where: Where, pull: number, signal: AbortSignal): Promise<void> {
  const { draft, node_id } = await onePull(api, where, pull, signal, true);
  if (draft !== true) return;
  await api.mutate(
    READY,
    { pullRequestId: node_id },
    z.object({ data: z.object({ markPullRequestReadyForReview: z.object({}) }) }),
    signal,
  );
}

export async function mergeGreen(
  api: Api,
  where: Where,
  mayWrite: Rights,
  wanted: { readonly pull: number; readonly commit: string },
  signal: AbortSignal,
): Promise<Merge> {
  const { pull, commit } = wanted;
  const { state, head, auto_merge, mergeable, mergeable_state, node_id } = await onePull(api, where, pull, signal, true);
  if (state !== 'open') return { kind: 'waits', why: 'it is not open any more' };
  if (head.sha !== commit) return { kind: 'waits', why: 'it has another head by now' };
  if (auto_merge != null) return { kind: 'armed' };
  if (mergeable == null) return { kind: 'waits', why: 'GitHub works out whether it merges', isSoon: true };
  if (!mergeable) return { kind: 'waits', why: 'it conflicts with its base' };
  const methods = await methodsOf(api, where, signal);
  // An Enterprise Server with hooks of its own calls what is clean so.
  if (mergeable_state !== 'clean' && mergeable_state !== 'has_hooks')
    return withAny(methods, (method) =>
      arm(api, { pullRequestId: node_id, expectedHeadOid: commit, mergeMethod: method.toUpperCase() }, signal),
    );
  if (!(await isApproved(api, where, mayWrite, pull, commit, signal)))
    return { kind: 'waits', why: 'nobody with write access has approved this commit' };
  const { owner, name } = await where(signal);
  const of = { owner, repo: name, pull_number: pull, sha: commit };
  return withAny(methods, async (merge_method) => {
    try {
      await api.change(api.endpoint('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', { ...of, merge_method }), mergedShape, signal);
      return { kind: 'merged' };
    } catch (error) {
      if (!(error instanceof GitHubError) || error.sort === 'limited' || !REFUSED.has(error.status ?? 0)) throw error;
      // Where the branch has a merge queue, nobody merges by hand.
      if (/merge queue/i.test(error.message)) return enqueue(api, { pullRequestId: node_id, expectedHeadOid: commit }, signal);
      return { kind: 'waits', why: error.message, ...(/try the merge again/i.test(error.message) ? { isSoon: true } : {}) };
    }
  });
}

type Method = 'merge' | 'squash' | 'rebase';
const REFUSED: ReadonlySet<number> = new Set([403, 405, 422]);
/** The rules of a branch may forbid a way to merge that the repository allows: no word but GitHub's refusal tells. */
const WAY_FORBIDDEN =
  /(?:merges?|merging|squash|rebas\w*)(?: commits?| merges?)? (?:is|are) not (?:allowed|permitted)|must not contain merge commits|linear history/i;
const NEVER_WAITS = /auto.?merge is not allowed/i;

/** Where one way is forbidden, the next one. What is refused for another reason is so whatever the way. */
async function withAny(methods: readonly Method[], attempt: (method: Method) => Promise<Merge>): Promise<Merge> {
  let last: Merge = { kind: 'waits', why: 'the repository allows no way to merge' };
  for (const method of methods) {
    last = await attempt(method);
    if (last.kind !== 'waits' || !WAY_FORBIDDEN.test(last.why) || NEVER_WAITS.test(last.why)) return last;
  }
  return last;
}

async function enqueue(api: Api, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Merge> {
  try {
    await api.mutate(ENQUEUE, input, z.object({ data: z.object({ enqueuePullRequest: z.object({}) }) }), signal);
    return { kind: 'armed' };
  } catch (error) {
    if (!(error instanceof GitHubError) || error.sort !== 'terminal') throw error;
    // The answer to an earlier try was lost.
    return /already/i.test(error.message) ? { kind: 'armed' } : { kind: 'waits', why: error.message };
  }
}

async function arm(api: Api, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Merge> {
  try {
    await api.mutate(ARM, input, z.object({ data: z.object({ enablePullRequestAutoMerge: z.object({}) }) }), signal);
    return { kind: 'armed' };
  } catch (error) {
    if (!(error instanceof GitHubError) || error.sort !== 'terminal') throw error;
    return { kind: 'waits', why: error.message };
  }
}

/** Those that the repository allows; what it does not say of is. */
async function methodsOf(api: Api, where: Where, signal: AbortSignal): Promise<readonly Method[]> {
  const { owner, name } = await where(signal);
  const { value } = await api.read(api.endpoint('GET /repos/{owner}/{repo}', { owner, repo: name }), waysShape, { signal, fresh: true });
  const ways = [
    ['merge', value.allow_merge_commit],
    ['squash', value.allow_squash_merge],
    ['rebase', value.allow_rebase_merge],
  ] as const;
  return ways.flatMap(([method, isAllowed]) => (isAllowed === false ? [] : [method]));
}

/** The last opinion of each who may write: one approves this very commit, and none asks for changes. */
async function isApproved(api: Api, where: Where, mayWrite: Rights, pull: number, commit: string, signal: AbortSignal): Promise<boolean> {
  const { owner, name } = await where(signal);
  const of = { owner, repo: name, pull_number: pull, per_page: 100 };
  const reviews = await listAll(api, api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', of), reviewShape, {
    signal,
    fresh: true,
  });
  const last = new Map(
    reviews.flatMap((one) => (one.user?.type !== 'User' || one.state === 'COMMENTED' ? [] : [[one.user.login, one] as const])),
  );
  let approved = false;
  for (const [login, { state, commit_id }] of last) {
    if (state !== 'APPROVED' && state !== 'CHANGES_REQUESTED') continue;
    if (!(await mayWrite(login, signal))) continue;
    if (state === 'CHANGES_REQUESTED') return false;
    if (commit_id === commit) approved = true;
  }
  return approved;
}
