/** Who is let in by the address that was asked for. */
export interface Doors {
  /** The address that is listened on. */
  readonly host: string;
  /** Further names of this machine, as a tunnel or a proxy in front of it has them. */
  readonly names?: readonly string[];
}

/** As far as they matter here; null: not sent. */
export interface Knock {
  readonly host: string | null;
  readonly origin: string | null;
  /** Whose page it is that asks, as the browser tells: `same-origin`, `same-site`, `cross-site`, `none`. */
  readonly site: string | null;
  /** `navigate` where a person follows a link. */
  readonly mode: string | null;
}

export const isLoopbackHost = (host: string): boolean => /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);

/**
 * Null: come in. Where only this machine is let in, the name in the address bar must be this machine's, too: a page on the internet can have
 * its own name resolve to 127.0.0.1 and then reads whatever answers there (DNS rebinding). Elsewhere the token is what that page does not have.
 * A page of another port is another site's, too: a browser sends it the same cookies.
 */
export function refusal({ host, names = [] }: Doors, { host: asked, origin, site, mode }: Knock): string | null {
  const named = nameOf(asked);
  if (isLoopbackHost(host) && (named === null || !(isLoopbackHost(named) || names.includes(named))))
    return `Host ${asked ?? '(none)'} is not this machine: ask http://127.0.0.1 or http://localhost`;
  if (origin !== null && placeOf(origin) !== placeOf(asked)) return `Origin ${origin} is another site`;
  const isOther = site === 'cross-site' || site === 'same-site';
  return isOther && mode !== 'navigate' ? 'another site’s page asks' : null;
}

/** Name and port, as both headers may write them. */
const placeOf = (text: string | null): string | null =>
  text
    ?.toLowerCase()
    .replace(/^(?:(http:\/\/)|https:\/\/)(.*)$/, (_, plain: string | undefined, rest: string) =>
      rest.replace(plain === undefined ? /:443$/ : /:80$/, ''),
    ) ?? null;

/** The name without its port and the brackets of an IPv6 address. Null: that is no host. */
function nameOf(host: string | null): string | null {
  const found = /^(?:\[([0-9a-f:]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (found?.[1] ?? found?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}
