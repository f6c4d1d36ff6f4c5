import { z } from 'zod';
import type { Api } from '../rest/api.ts';
import { listAll } from '../rest/list.ts';
import { GitHubError } from '../rest/problem.ts';
import { pullShape, refShape } from '../rest/shapes.ts';
import type { Ends } from './pulls.ts';

/**
 * Deletes the branch of a merged pull. It stays where anything speaks for it: the pull is not merged, the branch is in another repository, was
 * pushed to since, is the default one, or an open pull comes from it or goes into it. Null: it is gone. GitHub deletes without a look at where the
 * branch stands: what is pushed between this look and that is lost there, as by its own button.
 */
export async function dropBranch(
  api: Api,
  { where, heads }: Pick<Ends, 'where' | 'heads'>,
  pull: number,
  pace: () => Promise<void>,
  signal: AbortSignal,
): Promise<string | null> {
  const home = await where(signal);
  const from = await heads(signal);
  const fresh = { signal, fresh: true } as const;
  const of = { owner: home.owner, repo: home.name };
  const { value } = await api.read(
    api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...of, pull_number: pull }),
    pullShape,
    fresh,
  );
  const { head, merged_at: mergedAt } = value;
  if (mergedAt == null) return 'the pull request is not merged';
  if (head.repo?.id !== from.id) return 'it is in another repository';
  if (head.ref === from.defaultBranch) return 'it is the default branch';
  const there = { owner: from.owner, repo: from.name, ref: `heads/${head.ref}` };
  const tip = await tipOf(api, there, signal);
  if (tip === null) return null;
  if (tip !== head.sha) return 'something was pushed to it after the merge';
  const open = { ...of, state: 'open' as const, per_page: 1 };
  for (const which of [{ head: `${from.owner}:${head.ref}` }, { base: head.ref }]) {
    const [other] = await listAll(api, api.endpoint('GET /repos/{owner}/{repo}/pulls', { ...open, ...which }), pullShape, fresh);
    if (other !== undefined) return `the open pull request #${other.number} needs it`;
  }
  await pace();
  try {
    await api.change(api.endpoint('DELETE /repos/{owner}/{repo}/git/refs/{ref}', there), z.unknown(), signal);
  } catch (error) {
    // Gone meanwhile, or by an earlier try whose answer was lost.
    if (!(error instanceof GitHubError) || (await tipOf(api, there, signal)) !== null) throw error;
  }
  return null;
}

async function tipOf(api: Api, of: { owner: string; repo: string; ref: string }, signal: AbortSignal): Promise<string | null> {
  try {
    return (await api.read(api.endpoint('GET /repos/{owner}/{repo}/git/ref/{ref}', of), refShape, { signal, fresh: true })).value.object
      .sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return null;
    throw error;
  }
}
