import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ms } from '../../core/model/seen.ts';
import { openPlainSync } from '../../files/open-plain.ts';
import { isSameSecret } from '../../files/same-secret.ts';
import { writeWholeSync } from '../../files/write-whole.ts';

/*
 * Who may read and steer over HTTP. One random token, in a file for its owner alone, kept from start to start so that a page goes on after a
 * restart; whoever takes the file away and restarts locks every page out. Programs send the token itself. A browser is given two things made of it by a
 * link that works once: a cookie, which reads, and a key, which the page keeps and sends with every change. Browsers send cookies to every
 * port of a host, so that a server of another user on this machine may be handed the cookie: it is good for the programs of the user alone whose
 * browser came in, as the kernel tells who holds the other end. The key stays with the page's own port.
 */

export interface Keys {
  /** Whoever sends these may read, or change something, too; null: neither. `userOf` is asked where a cookie is right so far. */
  right(sent: Sent, userOf: UserOf): 'read' | 'change' | null;
  /** A name that lets a browser in once. */
  newCode(now: Ms): string;
  /** What the browser of this user gets for it: a cookie, and a key for the page; null: it was used, is too old, or none. */
  enter(code: string, now: Ms, userOf: UserOf): { readonly cookie: string; readonly key: string } | null;
}

/** The user at the other end, by number; null: it cannot be told, as from another machine. */
export type UserOf = () => number | null;

export interface Sent {
  readonly authorization: string | null;
  readonly cookie: string | null;
  /** The header `x-tac8-key`. */
  readonly key: string | null;
}

const FILE = 'page-token';
const FORM = /^[\w-]{43}$/;
export const CODE_LIVES: Ms = 15 * 60_000;
/** Whose a cookie is that came in from where users cannot be told. */
const ANYBODY = 'any';
const OWNED = /^(any|\d{1,10})\./;
/** More links than these are open at no time: the oldest goes. */
const MOST_CODES = 32;

/** The token of this repository; made where there is none that is its owner's alone. */
export function pageToken(state: string): string {
  const found = readPageToken(state);
  if (found !== null) return found;
  const token = randomBytes(32).toString('base64url');
  writeWholeSync(join(state, FILE), `${token}\n`, { mode: 0o600 });
  return token;
}

/** As it stands in its file; null: there is none, or somebody else can read or wrote it. */
export function readPageToken(state: string): string | null {
  let file: number;
  try {
    file = openPlainSync(join(state, FILE));
  } catch {
    return null;
  }
  try {
    const { mode, uid, size } = fstatSync(file);
    if ((mode & 0o077) !== 0 || uid !== process.getuid?.() || size > 100) return null;
    const text = readFileSync(file, 'utf8').trim();
    return FORM.test(text) ? text : null;
  } finally {
    closeSync(file);
  }
}

/** `also`: a further token that programs may send; null: there is none. `port`: cookies know no ports, so the name of ours has it. */
export function createKeys(token: string, also: string | null, port: number): Keys {
  const made = (what: string): string => createHmac('sha256', token).update(what).digest('base64url');
  const name = `tac8-${port}`;
  const valueFor = (owner: string): string => `${owner}.${made(`cookie ${port} ${owner}`)}`;
  const key = made(`key ${port}`);
  const codes = new Map<string, Ms>();
  const isToken = (sent: string | null): boolean =>
    isSameSecret(sent ?? '', `Bearer ${token}`) || (also !== null && isSameSecret(sent ?? '', `Bearer ${also}`));
  return {
    right: ({ authorization, cookie, key: sent }, userOf) => {
      if (authorization !== null) return isToken(authorization) ? 'change' : null;
      const given = cookieNamed(cookie ?? '', name);
      const [, owner] = OWNED.exec(given) ?? [];
      if (owner === undefined || !isSameSecret(given, valueFor(owner))) return null;
      if (owner !== ANYBODY && owner !== String(userOf())) return null;
      return isSameSecret(sent ?? '', key) ? 'change' : 'read';
    },
    newCode: (now) => {
      const code = randomBytes(18).toString('base64url');
      codes.set(made(code), now + CODE_LIVES);
      for (const oldest of codes.keys()) if (codes.size > MOST_CODES) codes.delete(oldest);
      return code;
    },
    enter: (code, now, userOf) => {
      const until = codes.get(made(code));
      codes.delete(made(code));
      if (until === undefined || until < now) return null;
      const cookie = `${name}=${valueFor(String(userOf() ?? ANYBODY))}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${400 * 24 * 3600}`;
      return { cookie, key };
    },
  };
}

function cookieNamed(header: string, name: string): string {
  for (const part of header.split(';', 50)) {
    const [first = '', ...rest] = part.trim().split('=');
    if (first === name) return rest.join('=');
  }
  return '';
}
