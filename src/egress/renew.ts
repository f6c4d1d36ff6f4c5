import { mkdirSync, readFileSync, realpathSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** How a login in a file is renewed where it has run out: asked for with what is kept beside it, and written where it was. */
export interface Renewal {
  /** `https://host/path` */
  readonly to: string;
  readonly client: string;
  /** Where in the file's JSON each of them is. */
  readonly at: {
    readonly token: readonly string[];
    readonly again: readonly string[];
    readonly until: readonly string[];
    readonly scopes: readonly string[];
  };
  /** A folder that whoever renews it makes meanwhile, as the person's own program does. */
  readonly lock: string;
}

/** So long before its end it is renewed. */
const AHEAD = 120_000;
const LIMIT = 30_000;
/** After a refusal it is not asked again for so long: the one that is there may serve. */
const REST = 30_000;
/** A lock that is older was left by a program that ended. */
const STALE = 60_000;
const MOST = 1 << 20;

/** The file's JSON with a login that has not run out, as far as that can be had; null: there is none. One renewal at a time, whoever asks. */
export function createLogins(now: () => number = Date.now): (path: string, renewal: Renewal | null) => Promise<unknown> {
  const busy = new Map<string, Promise<void>>();
  const refused = new Map<string, number>();
  return async (path, renewal) => {
    const kept = read(path);
    if (renewal === null || !isOver(kept, renewal, now()) || now() - (refused.get(path) ?? 0) < REST) return kept;
    const turn =
      busy.get(path) ??
      renew(path, renewal, now)
        .catch(() => void refused.set(path, now()))
        .finally(() => busy.delete(path));
    busy.set(path, turn);
    await turn;
    return read(path);
  };
}

function isOver(kept: unknown, { at }: Renewal, now: number): boolean {
  const until = within(kept, at.until);
  return typeof until === 'number' && until - AHEAD < now && typeof within(kept, at.again) === 'string';
}

async function renew(path: string, renewal: Renewal, now: () => number): Promise<void> {
  const unlock = lock(renewal.lock, now());
  if (unlock === null) throw new Error('somebody else renews it');
  try {
    // Who held the lock before may have renewed it.
    const kept = read(path);
    if (!isOver(kept, renewal, now())) return;
    const { at } = renewal;
    const again = String(within(kept, at.again));
    const scopes = within(kept, at.scopes);
    const said = (await ask(renewal.to, {
      ...{ grant_type: 'refresh_token', refresh_token: again, client_id: renewal.client },
      ...(Array.isArray(scopes) ? { scope: scopes.join(' ') } : {}),
    })) as { access_token?: unknown; refresh_token?: unknown; expires_in?: unknown };
    const { access_token: token, refresh_token: next = again, expires_in: seconds } = said;
    if (typeof token !== 'string' || token === '' || typeof next !== 'string' || typeof seconds !== 'number')
      throw new Error('no login came');
    // The person may have logged in anew meanwhile: that one counts.
    const present = read(path);
    if (within(present, at.again) !== again) return;
    for (const [place, value] of [
      [at.token, token],
      [at.again, next],
      [at.until, now() + seconds * 1000],
    ] as const)
      put(present, place, value);
    const real = realpathSync(path);
    writeFileSync(`${real}.tac8`, JSON.stringify(present), { mode: 0o600 });
    renameSync(`${real}.tac8`, real);
  } finally {
    unlock();
  }
}

function lock(path: string, now: number): (() => void) | null {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      mkdirSync(path);
      return () => remove(path);
    } catch {
      const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (made === undefined || now - made < STALE) return null;
      remove(path);
    }
  }
  return null;
}

function remove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // It is not there, or not ours to take.
  }
}

function ask(to: string, body: object): Promise<unknown> {
  const call = to.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = call(to, { method: 'POST', headers: { 'content-type': 'application/json' }, timeout: LIMIT }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
        if (text.length > MOST) asked.destroy(new Error('too long an answer'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        try {
          if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`);
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // logged out, or not written to its end
  }
}

export const within = (node: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined), node);

function put(node: unknown, path: readonly string[], value: unknown): void {
  const above = within(node, path.slice(0, -1));
  if (typeof above === 'object' && above !== null) (above as Record<string, unknown>)[path.at(-1) ?? ''] = value;
}
