import type { Pull } from '../../../core/model/forge.ts';
import type { Repository } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';
import { pullShape } from '../rest/shapes.ts';
import { fitTitle } from '../write/fit.ts';
import { type Ends, pullsByHead, toPull } from './pulls.ts';
import { stamped } from './rewrite.ts';

export interface WantedPull {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  /** The head that was pushed; left out: nobody knows. */
  readonly commit?: string;
}

/** The pull that holds this work already, whoever opened it: an open one, else one that ended with this very head. Null: none does. */
export async function pullThere(api: Api, ends: Ends, { branch, commit }: WantedPull, signal: AbortSignal): Promise<Pull | null> {
  const pulls = await pullsByHead(api, ends, branch, { signal, fresh: true });
  const isOf = (pull: Pull): boolean => commit === undefined || pull.head.commit === commit;
  return pulls.find((pull) => pull.state === 'open') ?? pulls.find(isOf) ?? null;
}

/** Opens it with one request. A 422 may mean that it is there since the look: then that one is the answer. */
export async function createPull(api: Api, ends: Ends, wanted: WantedPull, signal: AbortSignal): Promise<Pull> {
  const { id, owner, name } = await ends.where(signal);
  const from = await ends.heads(signal);
  const out = api.endpoint('POST /repos/{owner}/{repo}/pulls', {
    owner,
    repo: name,
    head: from.id === id ? wanted.branch : `${from.owner}:${wanted.branch}`,
    // Of two repositories of one owner the name has to be said as well.
    ...(from.id !== id && from.owner === owner ? { head_repo: from.name } : {}),
    base: wanted.base,
    title: fitTitle(wanted.title, wanted.branch),
    body: stamped(wanted.body),
    draft: wanted.draft,
  });
  try {
    return toPull(await api.create(out, pullShape, signal), from, []);
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status !== 422) throw error;
    const there = await pullThere(api, ends, wanted, signal);
    if (there) return there;
    if (wanted.draft && NO_DRAFTS.test(error.message))
      return createPull(api, ends, { ...wanted, draft: false, body: undrafted(wanted.body) }, signal);
    throw new GitHubError('terminal', 422, error.message, { hint: refusedHint(error.message, wanted, from), cause: error });
  }
}

const NO_DRAFTS = /draft pull requests are not supported/i;
const undrafted = (body: string): string =>
  `${body}\n\n> **Note:** this repository has no draft pull requests, so this one is an ordinary one.`;

function refusedHint(message: string, wanted: WantedPull, from: Repository): string {
  if (/no commits between/i.test(message))
    return `The branch ${wanted.branch} has no commit that ${wanted.base} lacks: there is nothing to propose.`;
  if (/draft/i.test(message)) return 'This repository does not allow draft pulls: set `pulls.draft: false` in tac8.yaml.';
  if (/base/i.test(message)) return `Check that the base branch ${wanted.base} is on GitHub (base_branch in tac8.yaml).`;
  if (/head/i.test(message)) return `Check that the branch ${wanted.branch} was pushed to ${from.owner}/${from.name}.`;
  return 'GitHub refuses to open this pull; its message says why.';
}
