import type { IncomingHttpHeaders } from 'node:http';
import { appOfProof, appOfToken, checkRights, type Rights } from '../apps/apps.ts';
import type { RateLimits } from '../shape/rate-limit.ts';
import { fullName } from '../shape/shapes.ts';
import { type Answer, badCredentials, loginNeeded, notFound, ok, Refused, refusal } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import { roleOf, userOfToken } from '../state/people.ts';
import type { User } from '../state/state.ts';
import { answerGraphql } from './graphql.ts';
import { type Call, findRoute, type Route } from './router.ts';
import { appRoutes, installationRoute } from './routes-apps.ts';
import { dependencyRoutes } from './routes-dependencies.ts';
import { issueRoutes } from './routes-issues.ts';
import { pullRoutes } from './routes-pulls.ts';
import { globalRoutes, repoRoutes } from './routes-repo.ts';

const IN_REPO: readonly Route[] = [installationRoute, ...repoRoutes, ...issueRoutes, ...dependencyRoutes, ...pullRoutes];
/** Everything that is answered; `/rate_limit` besides. */
export const ROUTES: readonly Route[] = [...globalRoutes, ...appRoutes, ...IN_REPO];
export const API_VERSIONS = ['2022-11-28', '2026-03-10'] as const;

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Who asks, whose hour it counts against, and how many requests that hour has. */
export interface Caller {
  readonly user: User | null;
  readonly bucket: string;
  readonly limit: number;
  /** Why the login is no good. */
  readonly refused: Refused | null;
  /** What an App proves itself with, in place of a token. */
  readonly proof: string | null;
  /** Of an App's token; null: a person's, which may what the person may. */
  readonly rights: Rights | null;
}

export function callerOf(fake: Fake, headers: IncomingHttpHeaders, limit: number): Caller {
  const token = tokenOf(headers.authorization);
  const nobody = { user: null, proof: null, rights: null, refused: null };
  if (token === null) return { ...nobody, bucket: 'anonymous', limit: Math.min(60, limit) };
  if (/^eyJ[^.]*\.[^.]*\.[^.]*$/.test(token)) return { ...nobody, ...proven(fake, token), bucket: 'app', limit };
  const app = appOfToken(fake, token);
  const user = app?.user ?? userOfToken(fake, token);
  const refused = user === null ? badCredentials() : null;
  return { ...nobody, user, rights: app?.rights ?? null, bucket: user?.login ?? 'bad', limit, refused };
}

function proven(fake: Fake, proof: string): Pick<Caller, 'proof' | 'refused'> {
  try {
    appOfProof(fake, proof);
    return { proof, refused: null };
  } catch (error) {
    if (error instanceof Refused) return { proof: null, refused: error };
    throw error;
  }
}

/** The token of `Bearer`, `token` or Basic, where it is the password, or the name without one; git sends the last. */
export function tokenOf(authorization: string | undefined): string | null {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return null;
  const plain = Buffer.from(value, 'base64').toString('utf8');
  const [name = '', password = ''] = [plain.slice(0, plain.indexOf(':')), plain.slice(plain.indexOf(':') + 1)];
  return password === '' || password === 'x-oauth-basic' ? name : password;
}

/** Answers a request of the REST API as GitHub would, refusals included. */
export async function answerApi(fake: Fake, caller: Caller, limits: RateLimits, request: ApiRequest): Promise<Answer> {
  try {
    if (caller.refused !== null) throw caller.refused;
    if (request.headers['user-agent'] === undefined) {
      throw refusal(403, 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.');
    }
    const apiVersion = versionOf(request.headers);
    if (request.path === '/rate_limit') return forVersion(apiVersion, ok(limits.shape(caller.bucket, caller.limit)));
    if (request.path === '/graphql' && request.method === 'POST')
      return answerGraphql(fake, caller.user, parseBody(request.body), pointsOf(caller, limits));
    const where = locate(fake, request, caller.user);
    const found = findRoute(where.routes, request.method, where.path);
    if (found === null) throw notFound();
    // A stranger is asked who it is before anything else is looked at.
    const isNeeded = found.route.pattern !== '/app-manifests/:code/conversions' && caller.proof === null;
    if (request.method !== 'GET' && caller.user === null && isNeeded) throw loginNeeded();
    if (caller.rights !== null) checkRights(caller.rights, request.method, where.path);
    const call: Call = {
      method: request.method,
      params: found.params,
      query: request.query,
      body: parseBody(request.body),
      user: caller.user,
      proof: caller.proof,
      owner: where.owner,
      apiVersion,
    };
    return forVersion(apiVersion, await found.route.handle(fake, call));
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

/** GraphQL has an allowance of its own. */
export const graphqlBucket = ({ bucket }: Caller): string => `${bucket} graphql`;

const pointsOf = (caller: Caller, limits: RateLimits) => ({
  limit: caller.limit,
  left: () => limits.left(graphqlBucket(caller), caller.limit),
  spend: (points: number) => limits.spend(graphqlBucket(caller), points),
});

function versionOf(headers: IncomingHttpHeaders): string {
  const wanted = headers['x-github-api-version'];
  if (wanted === undefined) return API_VERSIONS[0];
  const known = API_VERSIONS.find((version) => version === wanted);
  if (known === undefined) throw refusal(400, `${JSON.stringify(wanted)} is not a supported version of the API.`);
  return known;
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw refusal(400, 'Problems parsing JSON');
  }
}

interface Place {
  readonly routes: readonly Route[];
  readonly path: string;
  readonly owner: string;
}

/** Finds the repository in the path, by name or number; a former name is redirected, a hidden one is not there. */
function locate(fake: Fake, request: ApiRequest, user: User | null): Place {
  const { repo } = fake.store.state;
  const match = /^\/(?:repos\/([^/]+\/[^/]+)|repositories\/(\d+))(\/.*)?$/.exec(request.path);
  if (match === null) return { routes: [...globalRoutes, ...appRoutes], path: request.path, owner: repo.owner };
  const [, name = '', id, rest = ''] = match;
  const same = (a: string): boolean => a.toLowerCase() === name.toLowerCase();
  const path = rest.replace(/\/$/, '');
  const fork = repo.forks.find((owner) => same(`${owner}/${repo.name}`));
  const known = id === undefined ? same(fullName(fake)) || repo.formerNames.some(same) || fork !== undefined : Number(id) === repo.id;
  if (!known || roleOf(fake, user) === 'none') throw notFound();
  if (id === undefined && repo.formerNames.some(same)) throw moved(fake, request, rest);
  if (fork !== undefined) return { routes: path === '' ? repoRoutes : [], path, owner: fork };
  return { routes: IN_REPO, path, owner: repo.owner };
}

/** 301 for reading, 307 for the rest, which must not turn into a GET. */
function moved(fake: Fake, request: ApiRequest, rest: string): Refused {
  const query = request.query.size === 0 ? '' : `?${request.query}`;
  const url = `${fake.url()}/repositories/${fake.store.state.repo.id}${rest}${query}`;
  const status = request.method === 'GET' ? 301 : 307;
  const body = {
    message: 'Moved Permanently',
    url,
    documentation_url: 'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api',
  };
  return new Refused({ status, headers: { location: url }, body }, `moved to ${url}`);
}

const GONE_IN_2026 = new Set(['assignee', 'merge_commit_sha', 'rate', 'has_downloads', 'authorizations_url']);

/** The newer version of the API has fewer fields, and says of an unmerged pull in a list of issues nothing instead of null. */
function forVersion(version: string, answer: Answer): Answer {
  if (version === API_VERSIONS[0] || answer.body === undefined) return answer;
  const newer = (key: string, value: unknown): unknown => {
    if (GONE_IN_2026.has(key)) return undefined;
    if (key !== 'pull_request' || typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));
  };
  return { ...answer, body: JSON.parse(JSON.stringify(answer.body, newer)) };
}
