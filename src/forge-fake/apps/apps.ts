import { createHash, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { invalid, notFound, Refused, refusal } from '../state/answer.ts';
import { type Fake, stamp, takeId } from '../state/fake.ts';
import { putUser } from '../state/people.ts';
import { type App, isoTime, type User } from '../state/state.ts';

/*
 * GitHub Apps: made by a manifest and a click, installed by another one; they prove who they are with a key, and get tokens that live an hour.
 */

export type Rights = Readonly<Record<string, string>>;

const HOUR = 3_600_000;
const MINUTE = 60_000;
const RANKS = ['read', 'write', 'admin'];
export const covers = (has: string | undefined, needed: string): boolean => RANKS.indexOf(has ?? '') >= RANKS.indexOf(needed);

const appsOf = (fake: Fake): App[] => {
  fake.store.state.apps ??= [];
  return fake.store.state.apps;
};

export interface Manifest {
  readonly name: string;
  readonly url: string;
  readonly redirect_url: string;
  readonly setup_url?: string | undefined;
  readonly hook_attributes?: { readonly url: string; readonly active?: boolean | undefined } | undefined;
  readonly default_permissions?: Rights | undefined;
  readonly default_events?: readonly string[] | undefined;
}

/** Makes the App; answers the code that is good once for its key. */
export function makeApp(fake: Fake, manifest: Manifest): string {
  const slug = manifest.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (manifest.name.length > 34) throw invalid({ resource: 'Integration', code: 'custom', message: 'Name is too long' });
  if (appsOf(fake).some((app) => app.slug === slug))
    throw invalid({ resource: 'Integration', code: 'custom', message: 'Name is already taken' });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const code = randomBytes(20).toString('hex');
  const app: App = {
    id: takeId(fake),
    slug,
    name: manifest.name,
    url: manifest.url,
    setupUrl: manifest.setup_url ?? null,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    webhookSecret: randomBytes(20).toString('hex'),
    permissions: manifest.default_permissions ?? {},
    events: manifest.default_events ?? [],
    code,
    pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    createdAt: stamp(fake),
    installation: null,
    tokens: [],
  };
  appsOf(fake).push(app);
  fake.store.touch();
  return code;
}

/** What the code is good for, once and for an hour. */
export function redeem(fake: Fake, code: string): { readonly app: App; readonly pem: string } {
  const app = appsOf(fake).find((one) => one.code === code);
  const pem = app?.pem ?? null;
  if (app === undefined || pem === null || fake.now() - Date.parse(app.createdAt) > HOUR) throw notFound();
  app.code = null;
  app.pem = null;
  fake.store.touch();
  return { app, pem };
}

export function appBySlug(fake: Fake, slug: string): App {
  const app = appsOf(fake).find((one) => one.slug === slug);
  if (app === undefined) throw notFound();
  return app;
}

/** From now on it acts here, as an account of its own. */
export function installApp(fake: Fake, app: App): number {
  if (app.installation === null) {
    app.installation = { id: takeId(fake), permissions: app.permissions, createdAt: stamp(fake) };
    putUser(fake, { login: `${app.slug}[bot]`, role: covers(app.permissions.contents, 'write') ? 'write' : 'read', type: 'Bot' });
    fake.store.touch();
  }
  return app.installation.id;
}

/** Which App proves itself with this; throws GitHub's words where none does. */
export function appOfProof(fake: Fake, proof: string): App {
  const [head = '', claims = '', signature = ''] = proof.split('.');
  const bad = (message: string): Refused => refusal(401, message);
  let said: { iat?: unknown; exp?: unknown; iss?: unknown };
  try {
    said = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  } catch {
    throw bad('A JSON web token could not be decoded');
  }
  const app = appsOf(fake).find(({ id }) => String(id) === String(said.iss));
  if (app === undefined) throw refusal(404, 'Integration not found');
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), app.publicKey, Buffer.from(signature, 'base64url')))
    throw bad('A JSON web token could not be decoded');
  const [issued, ends] = [Number(said.iat) * 1000, Number(said.exp) * 1000];
  if (!(ends > fake.now()))
    throw bad("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
  if (ends > fake.now() + 10 * MINUTE) throw bad("'Expiration time' claim ('exp') is too far in the future");
  if (!(issued <= fake.now()))
    throw bad("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  return app;
}

export interface NewToken {
  readonly token: string;
  readonly expiresAt: string;
  readonly permissions: Rights;
}

/** A token with no more than the installation may, for an hour. */
export function giveToken(fake: Fake, app: App, wanted: Rights): NewToken {
  const has = app.installation?.permissions ?? {};
  for (const [right, level] of Object.entries(wanted))
    if (!covers(has[right], level)) throw refusal(422, 'The permissions requested are not granted to this installation.');
  const secret = createHash('sha256').update(randomBytes(32)).digest('base64url');
  // The newer ones are longer than forty characters, and have dots in them.
  const given = {
    token: `ghs_${app.id}_eyJhbGciOiJub25lIn0.${secret}`,
    expiresAt: isoTime(fake.now() + HOUR),
    permissions: Object.keys(wanted).length === 0 ? has : wanted,
  };
  app.tokens = [...app.tokens.filter(({ expiresAt }) => Date.parse(expiresAt) > fake.now()), given];
  fake.store.touch();
  return given;
}

/** Whose token it is, and what it may; null: nobody's, or its hour is over. */
export function appOfToken(fake: Fake, token: string): { readonly user: User; readonly rights: Rights } | null {
  for (const app of fake.store.state.apps ?? []) {
    const found = app.tokens.find((one) => one.token === token && Date.parse(one.expiresAt) > fake.now());
    const user = fake.store.state.users.find(({ login }) => login === `${app.slug}[bot]`);
    if (found !== undefined && user !== undefined) return { user, rights: found.permissions };
  }
  return null;
}

const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:commits\/[^/]+\/check-runs|check-runs)/, 'checks'],
  [/^\/(?:commits\/[^/]+\/status|statuses\/)/, 'statuses'],
  [/^\/actions\//, 'actions'],
  [/^\/pulls/, 'pull_requests'],
  [/^\/(?:issues|labels)/, 'issues'],
  [/^\/git\//, 'contents'],
];

/** GitHub's refusal where the rights of a token do not reach so far. */
export function checkRights(rights: Rights, method: string, path: string): void {
  const right = NEEDED.find(([pattern]) => pattern.test(path))?.[1] ?? 'metadata';
  // A merge writes the branch.
  const rule = /^\/pulls\/\d+\/merge$/.test(path) ? 'contents' : right;
  const level = method === 'GET' ? 'read' : 'write';
  if (covers(rights[rule], level) || (rule === 'issues' && covers(rights.pull_requests, level))) return;
  const refused = refusal(403, 'Resource not accessible by integration');
  throw new Refused({ ...refused.answer, headers: { 'x-accepted-github-permissions': `${rule}=${level}` } }, refused.message);
}
