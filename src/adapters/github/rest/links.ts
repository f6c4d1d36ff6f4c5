import { GitHubError } from './problem.ts';
import type { Answer } from './wire.ts';

/**
 * The next page as the Link header names it. It is never built from numbers: GitHub's real links go by the
 * repository's id and may carry cursors.
 */
export const nextPage = (answer: Answer, apiUrl: string): string | null => pageCalled('next', answer, apiUrl);

export function pageCalled(name: 'next' | 'prev' | 'last', answer: Answer, apiUrl: string): string | null {
  for (const link of (answer.headers.link ?? '').split(/,\s*(?=<)/)) {
    const found = /^<([^>]*)>(.*)$/s.exec(link.trim());
    const rel = /;\s*rel="?([^";]+)"?/i.exec(found?.[2] ?? '')?.[1];
    if (found?.[1] !== undefined && rel?.split(/\s+/).includes(name)) return sameServer(found[1], apiUrl, apiUrl, 'its list goes on at');
  }
  return null;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/** Where a moved resource is now; null when the answer is no redirect. Throws when it leads to another server. */
export function redirectTarget(answer: Answer, from: string, apiUrl: string): string | null {
  if (!REDIRECTS.has(answer.status) || !answer.headers.location) return null;
  return sameServer(answer.headers.location, from, apiUrl, 'it redirects to');
}

/** Where another server keeps what was asked for; null: the answer does not lead to one. */
export function elsewhere(answer: Answer, from: string, apiUrl: string): string | null {
  const { location } = answer.headers;
  if (!REDIRECTS.has(answer.status) || location === undefined || !URL.canParse(location, from)) return null;
  const url = new URL(location, from);
  return url.origin === new URL(apiUrl).origin ? null : url.href;
}

/** The token goes to the configured server and nowhere else, whatever a header says. */
function sameServer(text: string, base: string, apiUrl: string, what: string): string {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (url && url.origin === new URL(apiUrl).origin) return url.href;
  throw new GitHubError('terminal', null, `tac8 asks ${apiUrl}, but ${what} ${text.slice(0, 200)}, which is another server`, {
    hint: 'Set github.api_url in tac8.yaml to the address that the server itself uses.',
  });
}
