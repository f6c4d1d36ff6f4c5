import type { z } from 'zod';
import type { Pull } from '../../../core/model/forge.ts';
import type { Repository, Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll, OPEN_OLDEST_FIRST } from '../rest/list.ts';
import { pullShape } from '../rest/shapes.ts';
import { closedBy, type Prose } from '../write/closing.ts';

/** Every open pull of the repository, forks' too. */
export async function allOpenPulls(api: Api, { where, heads, prose }: Ends, signal: AbortSignal): Promise<readonly Pull[]> {
  const home = await where(signal);
  const from = await heads(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/pulls', {
    owner: home.owner,
    repo: home.name,
    ...OPEN_OLDEST_FIRST,
  });
  const open = (await listAll(api, out, pullShape, { signal, keep: true })).filter((entry) => entry.state === 'open');
  return Promise.all(open.map(async (entry) => toPull(entry, from, await closesOf(entry, home, prose))));
}

/** Where pulls are, where their branches are, and how their texts are read. */
export interface Ends {
  readonly prose: Prose;
  readonly where: Where;
  readonly heads: Where;
}

/**
 * Pulls in any state whose head is this branch of the very repository that we push to, newest first.
 * The filter goes by owner, and an owner may hold a fork of its own: so the head's repository is compared as well.
 */
export async function pullsByHead(
  api: Api,
  { where, heads, prose }: Ends,
  branch: string,
  options: { readonly signal: AbortSignal; readonly fresh?: boolean },
): Promise<readonly Pull[]> {
  const home = await where(options.signal);
  const from = await heads(options.signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/pulls', {
    owner: home.owner,
    repo: home.name,
    state: 'all',
    head: `${from.owner}:${branch}`,
    sort: 'created',
    direction: 'desc',
    per_page: 100,
  });
  const entries = await listAll(api, out, pullShape, options);
  const ours = entries.filter((entry) => entry.head.ref === branch && entry.head.repo?.id === from.id);
  return Promise.all(ours.map(async (entry) => toPull(entry, from, await closesOf(entry, home, prose))));
}

type Entry = z.output<typeof pullShape>;

/** What goes into another branch closes nothing. */
const closesOf = async ({ base, body }: Entry, home: Repository, prose: Prose): Promise<readonly number[]> =>
  base.ref === home.defaultBranch ? closedBy(body, `${home.owner}/${home.name}`, prose) : [];

/** GitHub's pull as the engine knows it; a closed one with a merge time is merged. */
export function toPull(entry: Entry, from: Repository, closes: readonly number[]): Pull {
  return {
    number: entry.number,
    url: entry.html_url,
    title: entry.title,
    body: entry.body,
    closes,
    author: entry.user?.login ?? null,
    state: entry.merged_at ? 'merged' : entry.state,
    draft: entry.draft ?? false,
    ...(entry.updated_at === undefined ? {} : { updatedAt: entry.updated_at }),
    head: {
      ...{ branch: entry.head.ref, owner: entry.head.repo?.owner.login ?? null, commit: entry.head.sha },
      ...(entry.head.repo?.id === from.id ? {} : { elsewhere: true as const }),
    },
  };
}
