import type { z } from 'zod';
import type { Pull } from '../../../core/model/forge.ts';
import type { Repository, Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { listAll, OPEN_OLDEST_FIRST } from '../rest/list.ts';
import { pullShape } from '../rest/shapes.ts';
import { closedBy } from './closing.ts';

/** Every open pull of the repository, forks' too. */
export async function allOpenPulls(api: Api, { where, heads }: Ends, signal: AbortSignal): Promise<readonly Pull[]> {
  const home = await where(signal);
  const from = await heads(signal);
  const out = api.endpoint('GET /repos/{owner}/{repo}/pulls', {
    owner: home.owner,
    repo: home.name,
    ...OPEN_OLDEST_FIRST,
  });
  return (await listAll(api, out, pullShape, { signal, keep: true }))
    .filter((entry) => entry.state === 'open')
    .map((entry) => toPull(entry, home, from));
}

/** Where pulls are, and where their branches are. */
export interface Ends {
  readonly where: Where;
  readonly heads: Where;
}

/**
 * Pulls in any state whose head is this branch of the very repository that we push to, newest first.
 * The filter goes by owner, and an owner may hold a fork of its own: so the head's repository is compared as well.
 */
export async function pullsByHead(
  api: Api,
  { where, heads }: Ends,
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
  return entries.filter((entry) => entry.head.ref === branch && entry.head.repo?.id === from.id).map((entry) => toPull(entry, home, from));
}

/** GitHub's pull as the engine knows it; a closed one with a merge time is merged. */
export function toPull(entry: z.output<typeof pullShape>, home: Repository, from: Repository): Pull {
  // What goes into another branch closes nothing.
  const closes = entry.base.ref === home.defaultBranch ? closedBy(entry.body, `${home.owner}/${home.name}`) : [];
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
