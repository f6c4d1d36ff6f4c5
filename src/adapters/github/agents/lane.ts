import { messageOf } from '../../../core/words/message-of.ts';
import type { Named } from '../login/heads.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { isFullEnd } from '../rest/etags.ts';
import { pageCalled } from '../rest/links.ts';
import { GitHubError } from '../rest/problem.ts';
import type { Answer, Outgoing } from '../rest/wire.ts';

/** What an agent asks of GitHub. */
export interface Asked {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  readonly accept: string;
  readonly body: string;
}

export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** GitHub as agents have it: to read, this repository alone, and behind what tac8 itself needs. */
export interface Lane {
  /** Loads what reads questions: commands that look at GitHub do without, and a daemon's package may be replaced while it runs. */
  prepare(): Promise<unknown>;
  ask(asked: Asked, signal: AbortSignal): Promise<Told>;
}

/** What of a repository may be read: no names of secrets, no hooks, no keys, nobody's rights. */
const PARTS = new Set([
  ...['', 'issues', 'pulls', 'commits', 'compare', 'contents', 'git', 'branches', 'labels', 'milestones', 'check-runs', 'check-suites'],
  ...['status', 'statuses', 'releases', 'tags', 'comments', 'languages', 'topics', 'readme', 'license', 'assignees'],
]);
const RUNS = /^actions\/(?:runs|jobs|workflows)(?:\/|$)/;
/** So much of what an hour has is kept for tac8. */
const KEPT_BACK = 0.5;
/** So many points of GraphQL's an hour are for agents, of 5,000. */
const MOST_POINTS = 1_500;
const AT_ONCE = 2;
const MOST_KEPT = 300;
const MOST_SHOWN = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;

type Reader = typeof import('./question.ts');

interface Kept {
  readonly etag: string;
  readonly told: Told;
}

export function createLane(api: Api, where: Where, now: () => number): Lane {
  let reader: Promise<Reader> | null = null;
  const prepare = (): Promise<Reader> => {
    reader ??= import('./question.ts');
    return reader;
  };
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Told>>();
  /** Numbers of issues and pulls that were shown. */
  const shown = new Set<string>();
  const waiting: (() => void)[] = [];
  let inside = 0;

  /** Few at once, and each after those that came before. */
  async function inLane<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  }

  async function send(key: string, out: Outgoing, repository: { readonly id: number } & Named, signal: AbortSignal): Promise<Told> {
    const before = kept.get(key);
    const headers = before === undefined ? out.headers : { ...out.headers, 'if-none-match': before.etag };
    let answer = await api.pass({ ...out, headers }, signal);
    const target = answer.headers.location;
    if (answer.status >= 301 && answer.status <= 308 && target !== undefined) {
      // A renamed repository, and nothing else: an issue that was given away is another repository's.
      const path = URL.canParse(target, out.url) ? new URL(target, out.url) : null;
      if (path?.origin !== new URL(out.url).origin || !path.pathname.includes(`/repositories/${repository.id}`))
        return refused(404, 'it is in another repository by now, or elsewhere');
      answer = await api.pass({ ...out, url: path.href, headers }, signal);
    }
    if (answer.status === 304 && before !== undefined) return before.told;
    if (isCut(answer)) return refused(502, 'GitHub’s answer is cut short: ask again');
    const told = toldOf(answer);
    if (out.url.endsWith('/graphql')) idsIn(answer.data, shown);
    for (const id of shown) if (shown.size > MOST_SHOWN) shown.delete(id);
    const { etag } = answer.headers;
    kept.delete(key);
    const mayBeKept = answer.status === 200 && !isFullEnd(out.url, answer.data, pageCalled('next', answer, out.url));
    if (etag !== undefined && mayBeKept && told.body.length < MOST_BYTES / MOST_KEPT) kept.set(key, { etag, told });
    const oldest = kept.keys().next();
    if (kept.size > MOST_KEPT && !oldest.done) kept.delete(oldest.value);
    return told;
  }

  return {
    prepare,
    async ask({ method, path, accept, body }, signal) {
      try {
        const repository = await where(signal);
        const out = outgoing(api, { method, path, accept, body }, repository, (await prepare()).refusedQuestion, (id) => shown.has(id));
        if ('status' in out) return out;
        const scarce = scarcity(api, out.url.endsWith('/graphql'), now());
        if (scarce !== null) return refused(429, scarce);
        const key = JSON.stringify([out.url, accept, out.body ?? null]);
        const there = underWay.get(key);
        if (there !== undefined) return await there;
        // Whoever else asks the same meanwhile must not lose the answer because this one leaves.
        const work = inLane(() => send(key, out, repository, AbortSignal.timeout(60_000))).finally(() => underWay.delete(key));
        underWay.set(key, work);
        return await work;
      } catch (error) {
        if (error instanceof GitHubError && error.status !== null && error.sort !== 'limited')
          return refused(error.status, messageOf(error));
        return refused(error instanceof GitHubError && error.sort === 'limited' ? 429 : 502, messageOf(error));
      }
    },
  };
}

/** What is sent in its place; or why not. */
function outgoing(
  api: Api,
  { method, path, accept, body }: Asked,
  repository: Named,
  refusedQuestion: Reader['refusedQuestion'],
  wasShown: (id: string) => boolean,
): Outgoing | Told {
  const plain = path.replace(/^\/api\/v3(?=\/)/, '').replace(/^\/api(?=\/graphql)/, '');
  const headers = { accept: /^[\w.+/;=, *-]{1,200}$/.test(accept) ? accept : 'application/vnd.github+json' };
  if (plain === '/graphql' && method === 'POST') {
    const question = questionIn(body);
    if (question === null) return refused(400, 'a question has a query, and variables as an object');
    const why = refusedQuestion(question.query, question.variables, repository, wasShown);
    if (why !== null) return refusedInGraphql(why);
    return { method, url: api.graphqlUrl, headers: { accept: 'application/json' }, body: question, by: 'agents' };
  }
  if (method !== 'GET' && method !== 'HEAD')
    return refused(
      403,
      `${method} is refused: agents read GitHub and write nothing there. tac8 pushes the branch and opens the pull request`,
    );
  // Nothing that is read in two ways: dots and slashes in disguise.
  if (/%2e|%2f|%5c|\\|\/\/|\/\.{1,2}(?:\/|$)|#/i.test(plain.split('?')[0] ?? '')) return refused(400, 'the path is not plain');
  const found = /^\/repos\/([^/?]+)\/([^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(plain);
  const isOurs = found?.[1]?.toLowerCase() === repository.owner.toLowerCase() && found[2]?.toLowerCase() === repository.name.toLowerCase();
  const rest = (found?.[3] ?? '').replace(/\/$/, '');
  if (found === null || !isOurs) return refused(404, `only ${repository.owner}/${repository.name} is shown to agents`);
  if (!PARTS.has(rest.split('/')[0] ?? '') && !RUNS.test(rest)) return refused(403, `${rest} is not shown to agents`);
  const base = api.graphqlUrl.replace(/\/api\/graphql$/, '/api/v3').replace(/\/graphql$/, '');
  return {
    method: 'GET',
    url: `${base}/repos/${repository.owner}/${repository.name}${rest === '' ? '' : `/${rest}`}${found[4] ?? ''}`,
    headers,
    by: 'agents',
  };
}

/** Only issues and pulls: what else has a number may lead out of the repository, as a fork does. */
function idsIn(data: unknown, shown: Set<string>): void {
  if (Array.isArray(data)) for (const one of data) idsIn(one, shown);
  else if (typeof data === 'object' && data !== null)
    for (const [key, value] of Object.entries(data))
      if (key === 'id' && typeof value === 'string' && /^(?:I|PR)_[\w-]{1,100}$/.test(value)) shown.add(value);
      else idsIn(value, shown);
}

function questionIn(body: string): { readonly query: string; readonly variables: Readonly<Record<string, unknown>> } | null {
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read !== 'object' || read === null || !('query' in read) || typeof read.query !== 'string') return null;
    const variables: unknown = 'variables' in read ? (read.variables ?? {}) : {};
    return typeof variables === 'object' && variables !== null && !Array.isArray(variables)
      ? { query: read.query, variables: variables as Readonly<Record<string, unknown>> }
      : null;
  } catch {
    return null;
  }
}

/** What is no JSON though it says so, and what is less than it says. */
function isCut({ status, headers, data }: Answer): boolean {
  if (status === 304 || typeof data !== 'string') return false;
  return /\bjson\b/.test(headers['content-type'] ?? '') || (data === '' && Number(headers['content-length'] ?? 0) > 0);
}

/** What agents may spend is what tac8 does not need. */
function scarcity(api: Api, isGraphql: boolean, now: number): string | null {
  const said = api.limits();
  const points = api.spent().find(({ by }) => by === 'agents')?.points ?? 0;
  if (isGraphql && points >= MOST_POINTS) return `agents have spent their ${MOST_POINTS} GraphQL points of this hour`;
  if (isGraphql || said?.remaining == null || said.limit === null || (said.resetAt !== null && said.resetAt <= now)) return null;
  return said.remaining < said.limit * KEPT_BACK
    ? `only ${said.remaining} of ${said.limit} requests are left of this hour, and tac8 keeps them`
    : null;
}

function toldOf({ status, headers, data }: Answer): Told {
  const isText = typeof data === 'string';
  const passed = ['link', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-resource'];
  return {
    status,
    headers: {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
      ...Object.fromEntries(passed.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))),
    },
    body: isText ? data : JSON.stringify(data ?? null),
  };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const refused = (status: number, message: string): Told => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ message: `tac8: ${message}.` }),
});

/** As GraphQL says it: `gh` shows the sentence. */
const refusedInGraphql = (why: string): Told => ({
  status: 200,
  headers: JSON_TYPE,
  body: JSON.stringify({
    data: null,
    errors: [
      {
        type: 'FORBIDDEN',
        message: `tac8: ${why}. Agents read this repository and write nothing; tac8 pushes the branch and opens the pull request.`,
      },
    ],
  }),
});
