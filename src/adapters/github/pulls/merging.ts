import type { z } from 'zod';
import type { Merging } from '../../../core/review/merging.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';
import { mergingShape, refShape } from '../rest/shapes.ts';

/** GitHub works it out after the first question: who asks again is told. What a pull lacks while it is closed nobody knows. */
export async function mergingOf(api: Api, where: Where, pull: number, signal: AbortSignal): Promise<Merging> {
  const { state, mergeable, mergeable_state, head, base } = await onePull(api, where, pull, signal);
  const merges = state === 'open' ? (mergeable ?? null) : null;
  return { commit: head.sha, base: base.ref, merges, isClean: merges === true && /^(?:clean|has_hooks)$/.test(mergeable_state) };
}

export async function onePull(
  api: Api,
  where: Where,
  pull: number,
  signal: AbortSignal,
  fresh = false,
): Promise<z.output<typeof mergingShape>> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/pulls/{pull_number}', { owner, repo: name, pull_number: pull });
  return (await api.read(out, mergingShape, { signal, fresh })).value;
}

export async function tipOf(api: Api, where: Where, branch: string, signal: AbortSignal): Promise<string | null> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/git/ref/{ref}', { owner, repo: name, ref: `heads/${branch}` });
  try {
    return (await api.read(out, refShape, { signal })).value.object.sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return null;
    throw error;
  }
}
