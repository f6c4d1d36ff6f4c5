import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';
import { repositoryShape } from '../rest/shapes.ts';

/** A repository as the forge names it now: `owner` and `name` follow a rename, `id` never changes. */
export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
}

/** Answers the repository as it is called now. */
export type Where = (signal: AbortSignal | null) => Promise<Repository>;

/** The same, and takes in what an answer to another question said of it. */
export type NotedWhere = Where & { note(value: Repository): void };

const KEEP_MS = 5 * 60_000;

/**
 * Answers what the configured repository is called now. A redirect means that it was renamed or given away: it is asked
 * anew, because `head=owner:branch` and the lists go by the new name.
 */
export function createRepository(api: Api, configured: { readonly owner: string; readonly name: string }, now: () => number): NotedWhere {
  let kept: { readonly value: Repository; readonly at: number } | null = null;
  api.onMoved(() => {
    kept = null;
  });
  const note = (value: Repository): void => {
    kept = { value, at: now() };
  };
  const ask: Where = async (signal) => {
    if (kept && now() - kept.at < KEEP_MS) return kept.value;
    const value = await look(api, configured, signal);
    note(value);
    return value;
  };
  return Object.assign(ask, { note });
}

async function look(api: Api, { owner, name }: { owner: string; name: string }, signal: AbortSignal | null): Promise<Repository> {
  const out = api.endpoint('GET /repos/{owner}/{repo}', { owner, repo: name });
  try {
    const { value } = await api.read(out, repositoryShape, { signal, keep: true });
    return { id: value.id, owner: value.owner.login, name: value.name, defaultBranch: value.default_branch };
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status !== 404) throw error;
    throw new GitHubError('terminal', 404, `GitHub has no repository ${owner}/${name}, or the token may not see it`, {
      hint: 'Check `repo` in tac8.yaml (or the origin remote), and that the token reaches this repository.',
      cause: error,
    });
  }
}
