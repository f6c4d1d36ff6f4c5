import type { z } from 'zod';
import type { CheckSeen, ChecksPart, CommitChecks } from '../../../core/review/checks.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { asked, GitHubError } from '../rest/problem.ts';
import { checkRunsShape, combinedStatusShape } from '../rest/shapes-checks.ts';
import type { Outgoing, Page } from '../rest/wire.ts';

/** A right that is not there now may be given: it is tried again after this. */
const FORBIDDEN_FOR = 60 * 60_000;
/** GitHub itself shows no more than a thousand. */
const MOST_PAGES = 10;
const PARAMETERS = { per_page: 100, page: 1 };

/** Asks for all that is said of a commit. What the token may not read is left out, named, and not asked for again for an hour. */
export function createChecks(api: Api, where: Where, now: () => number): (commit: string, signal: AbortSignal) => Promise<CommitChecks> {
  const forbidden = new Map<string, number>();

  async function partOf<T>(part: ChecksPart, commit: string, read: () => Promise<T>): Promise<T | null> {
    for (const [key, until] of forbidden) if (until <= now()) forbidden.delete(key);
    if (forbidden.has(part) || forbidden.has(`${part} ${commit}`)) return null;
    try {
      return await read();
    } catch (error) {
      // A limit is a 403, too, and says nothing about rights.
      if (!(error instanceof GitHubError) || error.sort !== 'terminal' || (error.status !== 403 && error.status !== 404)) throw error;
      // "Not found" is what GitHub says of what may not be seen, and may be about this commit alone.
      forbidden.set(error.status === 403 ? part : `${part} ${commit}`, now() + FORBIDDEN_FOR);
      return null;
    }
  }

  return async (commit, signal) => {
    const { owner, name } = await where(signal);
    const of = { owner, repo: name, ref: commit, ...PARAMETERS };
    const runs = await partOf('check runs', commit, () =>
      whole(api, api.endpoint('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', { ...of, filter: 'latest' }), checkRunsShape, signal),
    );
    const statuses = await partOf('commit statuses', commit, () =>
      whole(api, api.endpoint('GET /repos/{owner}/{repo}/commits/{ref}/status', of), combinedStatusShape, signal),
    );
    return {
      checks: [...(runs ?? []), ...(statuses ?? [])],
      withheld: [...(runs === null ? ['check runs' as const] : []), ...(statuses === null ? ['commit statuses' as const] : [])],
    };
  };
}

type Listing = z.ZodType<{ readonly total: number; readonly checks: readonly { readonly id: number; readonly check: CheckSeen }[] }>;

/** All pages, each check once. Throws when they do not hold as many as GitHub says there are: half of them may be the green half. */
async function whole(api: Api, first: Outgoing, shape: Listing, signal: AbortSignal): Promise<readonly CheckSeen[]> {
  const found = new Map<number, CheckSeen>();
  let total = 0;
  let url: string | null = first.url;
  for (let pages = 0; url !== null && pages < MOST_PAGES; pages += 1) {
    const page: Page<z.output<Listing>> = await api.read({ ...first, url }, shape, { signal });
    for (const { id, check } of page.value.checks) found.set(id, check);
    total = page.value.total;
    url = page.next;
  }
  if (found.size >= total) return [...found.values()];
  const message = `${asked(first.method, first.url)}: GitHub sent ${found.size} of ${total}: they changed while tac8 read them, or there are more than GitHub lists`;
  throw new GitHubError('retryable', null, message, { hint: 'tac8 asks again.' });
}
