import type { Pull } from '../../engine/ports.ts';
import type { Api } from './api.ts';
import { fitBody, fitTitle } from './fit.ts';
import { GitHubError } from './problem.ts';
import { pullsByHead, toPull } from './pulls.ts';
import type { Where } from './repository.ts';
import { pullShape } from './shapes.ts';

export interface WantedPull {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

/** The pull that the branch has already: the open one, else the newest, whoever opened it. Null: none ever. */
export async function pullThere(api: Api, where: Where, branch: string, signal: AbortSignal): Promise<Pull | null> {
  const pulls = await pullsByHead(api, where, branch, { signal, fresh: true });
  return pulls.find((pull) => pull.state === 'open') ?? pulls[0] ?? null;
}

/** Opens it with one request. A 422 may mean that it is there since the look: then that one is the answer. */
export async function createPull(api: Api, where: Where, wanted: WantedPull, signal: AbortSignal): Promise<Pull> {
  const { owner, name } = await where(signal);
  const out = api.endpoint('POST /repos/{owner}/{repo}/pulls', {
    owner,
    repo: name,
    head: wanted.branch,
    base: wanted.base,
    title: fitTitle(wanted.title, wanted.branch),
    body: fitBody(wanted.body),
    draft: wanted.draft,
  });
  try {
    return toPull(await api.create(out, pullShape, signal));
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status !== 422) throw error;
    const there = await pullThere(api, where, wanted.branch, signal);
    if (there) return there;
    throw new GitHubError('terminal', 422, error.message, { hint: refusedHint(error.message, wanted), cause: error });
  }
}

function refusedHint(message: string, wanted: WantedPull): string {
  if (/no commits between/i.test(message))
    return `The branch ${wanted.branch} has nothing that ${wanted.base} lacks: there is nothing to propose.`;
  if (/draft/i.test(message)) return 'This repository has no draft pulls: set `pulls.draft: false` in tac8.yaml.';
  if (/base/i.test(message)) return `Check that the base branch ${wanted.base} is on GitHub (base_branch in tac8.yaml).`;
  if (/head/i.test(message)) return `Check that the branch ${wanted.branch} was pushed to this repository.`;
  return 'GitHub will not open this pull; its words say why.';
}
