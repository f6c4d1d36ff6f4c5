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

/** Which repository is meant by its name, beyond this process. */
export interface Pin {
  /** Its number; null: it was never asked for. */
  read(): number | null;
  keep(number: number): void;
}

const KEEP_MS = 5 * 60_000;

/**
 * Answers what the configured repository is called now. A redirect means that it was renamed or given away: it is asked
 * anew, because `head=owner:branch` and the lists go by the new name. A name that is another repository's by now is refused: who gets hold of a former
 * name would be handed the work.
 */
export function createRepository(
  api: Api,
  configured: { readonly owner: string; readonly name: string },
  now: () => number,
  pin: Pin | null = null,
): NotedWhere {
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
    const pinned = pin?.read() ?? null;
    if (pinned === null) pin?.keep(value.id);
    else if (pinned !== value.id) throw another(configured);
    note(value);
    return value;
  };
  return Object.assign(ask, { note });
}

function another({ owner, name }: { owner: string; name: string }): GitHubError {
  return new GitHubError('terminal', null, `${owner}/${name} is another repository by now than the one that tac8 has worked on`, {
    hint: 'Somebody has made a new one of that name. If that was you, `tac8 remote accept` takes it; else write where yours is now into tac8.yaml (`repo:`).',
  });
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
