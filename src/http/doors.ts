import { createHash, timingSafeEqual } from 'node:crypto';

/** Who is let in. */
export interface Doors {
  /** The address that is listened on. */
  readonly host: string;
  /** Asked of everybody unless only this machine can reach the address; null where none is set. */
  readonly token: string | null;
}

/** As far as they matter here; null: not sent. */
export interface Knock {
  readonly method: string;
  readonly host: string | null;
  readonly origin: string | null;
  readonly authorization: string | null;
}

export type Refusal = { readonly status: 401 | 403 | 405; readonly message: string };

export const isLoopbackHost = (host: string): boolean => /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);

/**
 * Null: come in. Where only this machine is let in, the name in the address bar must be this machine's, too: a page on the internet can have
 * its own name resolve to 127.0.0.1 and then reads whatever answers there (DNS rebinding). Elsewhere the token is what that page does not have.
 */
export function refusal({ host, token }: Doors, knock: Knock): Refusal | null {
  if (knock.method !== 'GET' && knock.method !== 'HEAD') return { status: 405, message: `${knock.method}: only GET and HEAD are answered` };
  const local = isLoopbackHost(host);
  const named = nameOf(knock.host);
  if (local && (named === null || !isLoopbackHost(named)))
    return { status: 403, message: `Host ${knock.host ?? '(none)'} is not this machine: ask http://127.0.0.1 or http://localhost` };
  if (knock.origin !== null && nameOf(knock.origin.replace(/^https?:\/\//, '')) !== named)
    return { status: 403, message: `Origin ${knock.origin} is another site` };
  if (!local && (token === null || !isSame(knock.authorization ?? '', `Bearer ${token}`)))
    return { status: 401, message: 'the header Authorization: Bearer … with the token is missing or wrong (http.token_env)' };
  return null;
}

/** The name without its port and the brackets of an IPv6 address. Null: that is no host. */
function nameOf(host: string | null): string | null {
  const found = /^(?:\[([0-9a-f:]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (found?.[1] ?? found?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}

/** Takes as long for a wrong beginning as for a wrong end. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
