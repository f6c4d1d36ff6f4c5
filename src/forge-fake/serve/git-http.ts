import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { basename, dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { appOfToken, covers } from '../apps/apps.ts';
import { tokenOf } from '../rest/api.ts';
import { settlePulls } from '../rules/pulls.ts';
import { fullName } from '../shape/shapes.ts';
import type { Answer } from '../state/answer.ts';
import { barePath, type Fake, stamp } from '../state/fake.ts';
import { gitEnvironment } from '../state/git.ts';
import type { JournalEntry } from '../state/journal.ts';
import { may, roleOf, userOfToken } from '../state/people.ts';
import type { User } from '../state/state.ts';
import type { Wire } from './respond.ts';

/** What a git request asks for, or null where the path is none. */
export interface GitTarget {
  readonly name: string;
  readonly rest: string;
  readonly writes: boolean;
}

const TARGET = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

export function gitTarget(path: string, query: URLSearchParams): GitTarget | null {
  const match = TARGET.exec(path);
  if (match === null) return null;
  const [, name = '', rest = ''] = match;
  return { name, rest, writes: rest === 'git-receive-pack' || query.get('service') === 'git-receive-pack' };
}

export type Push = NonNullable<JournalEntry['pushes']>[number];

export interface GitAnswer {
  readonly wire: Wire;
  readonly user: User | null;
  readonly pushes?: readonly Push[];
}

const text = (status: number, body: string, headers: Record<string, string> = {}): Answer & { readonly body: string } => ({
  status,
  body: `${body}\n`,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
});
const askLogin = (message: string): Answer & { readonly body: string } =>
  text(401, message, { 'www-authenticate': 'Basic realm="GitHub"' });

/** Who may, before git is asked: reading a public repository is free, everything else needs a token with the right. */
export function refuse(fake: Fake, target: GitTarget, user: User | null, loggedIn: boolean): (Answer & { readonly body: string }) | null {
  const { repo } = fake.store.state;
  if (loggedIn && user === null) return askLogin('Invalid username or token. Password authentication is not supported for Git operations.');
  const names = [fullName(fake), ...repo.forks.map((owner) => `${owner}/${repo.name}`)];
  if (repo.formerNames.includes(target.name)) {
    const location = `${fake.url()}/${fullName(fake)}.git/${target.rest}${target.rest === 'info/refs' ? `?service=git-${target.writes ? 'receive' : 'upload'}-pack` : ''}`;
    return text(301, 'Moved Permanently', { location });
  }
  const hidden = !names.includes(target.name) || roleOf(fake, user) === 'none';
  if (user === null && (hidden || target.writes)) return askLogin('Authentication required.');
  if (hidden) return text(404, 'Repository not found.');
  const fork = target.name !== fullName(fake);
  const allowed = fork ? user?.login === target.name.split('/')[0] || may(fake, user, 'admin') : may(fake, user, 'write');
  return target.writes && !allowed ? text(403, `Permission to ${target.name}.git denied to ${user?.login}.`) : null;
}

/** Serves one request of git's smart HTTP through `git http-backend`; a push settles the pulls before it is answered. */
export async function answerGit(fake: Fake, target: GitTarget, request: IncomingMessage, body: Buffer, query: string): Promise<GitAnswer> {
  const token = tokenOf(request.headers.authorization);
  const app = token === null ? null : appOfToken(fake, token);
  const user = app?.user ?? (token === null ? null : userOfToken(fake, token));
  const isOff = app !== null && !covers(app.rights.contents, target.writes ? 'write' : 'read');
  const refused = isOff
    ? text(403, `Permission to ${target.name}.git denied to ${user?.login}.`)
    : refuse(fake, target, user, token !== null);
  if (refused !== null) return { user, wire: { status: refused.status, headers: { ...refused.headers }, body: Buffer.from(refused.body) } };
  const bare = barePath(fake, target.name.split('/')[0]);
  const wire = await runBackend(bare, target, request, body, query, user);
  if (target.rest !== 'git-receive-pack') return { wire, user };
  const actor = user?.login ?? fake.store.state.repo.owner;
  fake.store.state.repo.pushedAt = stamp(fake);
  fake.store.touch();
  await settlePulls(fake, actor);
  const pushes = readPushes(request, body, wire.body);
  if (!target.name.startsWith(`${fake.store.state.repo.owner}/`)) return { wire, user, pushes };
  // Refs of no branch and no tag are told to nobody.
  for (const { ref, from, to, done } of pushes)
    if (done && /^refs\/(heads|tags)\//.test(ref)) fake.hooks.send('push', null, null, { ref, before: from, after: to });
  return { wire, user, pushes };
}

const TIME_LIMIT_MS = 120_000;

function runBackend(
  bare: string,
  target: GitTarget,
  request: IncomingMessage,
  body: Buffer,
  query: string,
  user: User | null,
): Promise<Wire> {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const env = {
    ...gitEnvironment(bare),
    GIT_PROJECT_ROOT: dirname(bare),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${basename(bare)}/${target.rest}`,
    QUERY_STRING: query,
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: header('content-type'),
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_ADDR: '127.0.0.1',
    ...(user === null ? {} : { REMOTE_USER: user.login }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], {
      cwd: bare,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const answer = parseCgi(Buffer.concat(out));
      if (answer !== null) resolve(answer);
      else
        reject(
          new Error(`git http-backend in ${bare} ended with ${signal ?? code} and no answer: ${Buffer.concat(err).toString().trim()}`),
        );
    });
    // It may end before it has read all of the body; what it answered counts.
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
  });
}

function parseCgi(out: Buffer): Wire | null {
  const end = out.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of out.subarray(0, end).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers, body: out.subarray(end + 4) };
}

/** The commands at the head of a push, pkt-lines of `old new ref` ended by a flush, and what the report in the answer says of each. */
function readPushes(request: IncomingMessage, body: Buffer, report: Buffer): readonly Push[] {
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const pushes: Push[] = [];
  for (let at = 0; at + 4 <= plain.length; ) {
    const length = Number.parseInt(plain.toString('latin1', at, at + 4), 16);
    if (!(length > 4)) break;
    const line = plain.toString('utf8', at + 4, at + length).split('\0')[0] ?? '';
    const [from, to, ref] = line.trim().split(' ');
    if (from !== undefined && to !== undefined && ref !== undefined) pushes.push({ ref, from, to, done: report.includes(`ok ${ref}\n`) });
    at += length;
  }
  return pushes;
}
