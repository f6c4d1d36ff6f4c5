import { Octokit } from '@octokit/core';
import { z } from 'zod';
import { PortError } from '../../engine/ports/error.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import { type Granted, missingRights } from './app/rights.ts';
import { exchange } from './rest/exchange.ts';
import { redirectTarget } from './rest/links.ts';
import { GitHubError, isLimit, problemOf } from './rest/problem.ts';
import type { Answer, Outgoing } from './rest/wire.ts';

export interface ExamineOptions {
  readonly apiUrl: string;
  readonly repo: { readonly owner: string; readonly name: string };
  /** The fork that git pushes to; null, or left out: it pushes to `repo`. */
  readonly fork?: { readonly owner: string; readonly name: string } | null;
  readonly label: string;
  /** Whether it is asked to write what it has to refuse; left out: not. */
  readonly writes?: boolean;
  readonly token: () => Promise<string>;
  /** Asked as a GitHub App. */
  readonly app?: { readonly granted: () => Promise<Granted>; readonly login: () => Promise<string> };
  readonly log: Log;
  /** For one request, in ms. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** What a look at the forge showed; nothing is written there. Null: not told, or not asked because something before it failed. */
export interface ForgeExamined {
  /** Why there is no token. */
  readonly tokenProblem: PortError | null;
  /** Why the repository was not shown: no answer, a refusal, or no such repository. */
  readonly problem: PortError | null;
  /** `owner/name` as it is called now. */
  readonly fullName: string | null;
  readonly archived: boolean;
  readonly hasIssues: boolean;
  /** What it is a fork of; null: it is none. */
  readonly forkOf: string | null;
  /** Whether the account may push there. */
  readonly mayPush: boolean | null;
  /** The repository that git pushes to, where it is another one: as it is called now, and whether the account may push there. */
  readonly fork: { readonly fullName: string; readonly mayPush: boolean | null } | null;
  readonly login: string | null;
  /** Rights that a GitHub App should have and has not; null: a person's token. */
  readonly missing: readonly string[] | null;
  /** Rights to write that GitHub denied when it was asked for them, each with its words; null: it was not asked. */
  readonly denied: readonly string[] | null;
  /** Of a classic token. */
  readonly scopes: readonly string[] | null;
  readonly expiresAt: number | null;
  readonly remaining: number | null;
  readonly label: 'there' | 'absent' | null;
  /** This machine's clock less the forge's, in ms. */
  readonly clockOffset: number | null;
}

const repositoryShape = z.object({
  full_name: z.string(),
  archived: z.boolean().optional(),
  has_issues: z.boolean().optional(),
  permissions: z.object({ push: z.boolean() }).optional(),
  default_branch: z.string(),
  parent: z.object({ full_name: z.string() }).optional(),
});
const userShape = z.object({ login: z.string() });
const labelShape = z.object({ name: z.string() });
const NOTHING: ForgeExamined = {
  ...{ tokenProblem: null, problem: null, fullName: null, archived: false, hasIssues: true, forkOf: null, mayPush: null, fork: null },
  ...{ denied: null, login: null, missing: null, scopes: null, expiresAt: null, remaining: null, label: null, clockOffset: null },
};

/** Asks once for each thing, without a second try: whoever asks is a person who waits. Throws nothing of the forge's. */
export async function examineForge(options: ExamineOptions): Promise<ForgeExamined> {
  const { repo, label } = options;
  const ask = asker(options);
  let token: string | null = null;
  let tokenProblem: PortError | null = null;
  try {
    token = await options.token();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    tokenProblem = error;
  }
  const first = await ask('GET /repos/{owner}/{repo}', { owner: repo.owner, repo: repo.name }, token);
  if (first.answer === null) return { ...NOTHING, tokenProblem, problem: first.problem };
  const { headers } = first.answer;
  const told = { ...NOTHING, tokenProblem, ...toldBy(headers, first.at) };
  const read = repositoryShape.safeParse(first.answer.data);
  if (first.problem !== null) return { ...told, problem: first.problem };
  if (!read.success)
    return { ...told, problem: new GitHubError('unknown', first.answer.status, `${options.apiUrl} answers, but not as GitHub does`) };
  const [owner = '', name = ''] = read.data.full_name.split('/');
  const [user, there, pushed, app] = await Promise.all([
    token === null || options.app !== undefined ? null : ask('GET /user', {}, token),
    ask('GET /repos/{owner}/{repo}/labels/{name}', { owner, repo: name, name: label }, token),
    options.fork ? ask('GET /repos/{owner}/{repo}', { owner: options.fork.owner, repo: options.fork.name }, token) : null,
    token === null || options.app === undefined ? null : lookAtApp(options.app),
  ]);
  const base = read.data.default_branch;
  const isThere = there.problem === null && labelShape.safeParse(there.answer?.data).success;
  const denied =
    options.writes === true && token !== null ? await tryWrites(ask, { owner, repo: name }, base, isThere ? label : null, token) : null;
  const login = userShape.safeParse(user?.problem === null ? user.answer?.data : null);
  const fork = repositoryShape.safeParse(pushed?.problem === null ? pushed.answer?.data : null);
  const other = fork.success ? { fullName: fork.data.full_name, mayPush: fork.data.permissions?.push ?? null } : unseen(options.fork);
  return {
    ...told,
    fullName: read.data.full_name,
    forkOf: read.data.parent?.full_name ?? null,
    fork: other?.fullName === read.data.full_name ? null : other,
    archived: read.data.archived ?? false,
    hasIssues: read.data.has_issues ?? true,
    // Of an App that field says nothing: its rights are told with its token.
    mayPush: app === null ? (read.data.permissions?.push ?? null) : !app.missing.includes('contents: write'),
    missing: app?.missing ?? null,
    denied,
    login: app?.login ?? (login.success ? login.data.login : null),
    label: there.problem === null ? (isThere ? 'there' : null) : there.answer?.status === 404 ? 'absent' : null,
  };
}

/** A commit that no repository has. */
const NO_COMMIT = '0'.repeat(40);

/** Each can only be refused: with 422 where it might be written, with another status where it might not. */
async function tryWrites(
  ask: ReturnType<typeof asker>,
  at: { readonly owner: string; readonly repo: string },
  base: string,
  label: string | null,
  token: string,
): Promise<readonly string[]> {
  const tries = [
    ['contents', 'POST /repos/{owner}/{repo}/git/refs', { ref: 'refs/tac8/doctor', sha: NO_COMMIT }],
    ['pull requests', 'POST /repos/{owner}/{repo}/pulls', { title: 'tac8 doctor', head: base, base }],
    // Without the label this would make it.
    ...(label === null ? [] : [['issues', 'POST /repos/{owner}/{repo}/labels', { name: label }] as const]),
  ] as const;
  const denied: string[] = [];
  for (const [right, route, body] of tries) {
    const { answer, problem } = await ask(route, { ...at, ...body }, token);
    if (answer?.status !== 422) denied.push(`${right} (${problem?.message ?? `GitHub answered ${answer?.status}`})`);
  }
  return denied;
}

/** Null: GitHub did not say. */
async function lookAtApp({ granted, login }: NonNullable<ExamineOptions['app']>) {
  try {
    return { missing: missingRights(await granted()), login: await login() };
  } catch (error) {
    if (error instanceof PortError) return null;
    throw error;
  }
}

const unseen = (fork: ExamineOptions['fork']): ForgeExamined['fork'] =>
  fork ? { fullName: `${fork.owner}/${fork.name}`, mayPush: null } : null;

/** Makes the label. One that is there already is as good. */
export async function createLabel(options: ExamineOptions): Promise<void> {
  const { owner, name } = options.repo;
  const words = { name: options.label, color: '5319e7', description: 'tac8 works on this issue' };
  const { answer, problem } = await asker(options)(
    'POST /repos/{owner}/{repo}/labels',
    { owner, repo: name, ...words },
    await options.token(),
  );
  if (problem !== null && answer?.status !== 422) throw problem;
}

interface Asked {
  readonly answer: Answer | null;
  readonly problem: PortError | null;
  /** When the answer came, of this machine's clock. */
  readonly at: number;
}

type Route =
  | 'POST /repos/{owner}/{repo}/git/refs'
  | 'POST /repos/{owner}/{repo}/pulls'
  | 'GET /repos/{owner}/{repo}'
  | 'GET /user'
  | 'GET /repos/{owner}/{repo}/labels/{name}'
  | 'POST /repos/{owner}/{repo}/labels';

function asker({ apiUrl, log, timeoutMs, now }: ExamineOptions) {
  const octokit = new Octokit({ baseUrl: apiUrl.replace(/(?<!\/)\/+$/, ''), userAgent: 'tac8' });
  const send = (out: Outgoing, token: string | null): Promise<Answer> => {
    const login = token === null ? {} : { authorization: `Bearer ${token}` };
    return exchange({ ...out, headers: { ...out.headers, ...login } }, { octokit, log, timeoutMs, signal: null });
  };
  return async (route: Route, parameters: Readonly<Record<string, string>>, token: string | null): Promise<Asked> => {
    const { method, url, headers, body } = octokit.request.endpoint(route as string, parameters);
    const out: Outgoing = { method, url, headers, ...(body === undefined ? {} : { body }) };
    try {
      const first = await send(out, token);
      // One hop: a renamed repository. A second would be a server that sends us round.
      const target = redirectTarget(first, url, apiUrl);
      const answer = target === null ? first : await send({ ...out, url: target }, token);
      const isGood = answer.status >= 200 && answer.status < 300;
      return { answer, problem: isGood ? null : refusal(method, url, answer), at: now() };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      return { answer: null, problem: error, at: now() };
    }
  };
}

function refusal(method: string, url: string, answer: Answer): GitHubError {
  if (!isLimit(answer)) return problemOf(method, url, answer);
  return new GitHubError('limited', answer.status, 'GitHub accepts no more requests with this token for now', {
    hint: 'The limit resets within the hour.',
  });
}

/** What the headers of any answer tell. */
function toldBy(headers: Answer['headers'], at: number): Partial<ForgeExamined> {
  const time = Date.parse(headers.date ?? '');
  const expires = Date.parse((headers['github-authentication-token-expiration'] ?? '').replace(' UTC', 'Z').replace(' ', 'T'));
  const scopes = headers['x-oauth-scopes'];
  const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN);
  return {
    // The header is cut to whole seconds: half of one on average.
    clockOffset: Number.isNaN(time) ? null : at - time - 500,
    scopes: scopes === undefined ? null : scopes.split(',').map((scope) => scope.trim()),
    expiresAt: Number.isNaN(expires) ? null : expires,
    remaining: Number.isNaN(remaining) ? null : remaining,
  };
}
