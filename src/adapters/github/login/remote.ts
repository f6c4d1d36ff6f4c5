/** A repository on a forge, as a git remote names it. */
export interface RemoteRepo {
  readonly owner: string;
  readonly name: string;
  /** Lower case, with the port when an http(s) URL names one. */
  readonly host: string;
}

/** `https://`, `http://`, `git://`, `ssh://`, `git+ssh://`; the login before `@` is never kept. */
const URL_FORM = /^(?<scheme>https?|git|ssh|git\+ssh|ssh\+git):\/\/(?:[^@/]*@)?(?<host>[^/:@]+)(?::(?<port>\d+))?\/(?<path>.+)$/i;
/** `git@host:owner/name`; a single letter before the colon is a Windows drive. */
const SCP_FORM = /^(?:[^@/\s:]+@)?(?<host>[^/:@\s]{2,}):(?!\/\/)(?<path>.+)$/;
const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/;
const NAME = /^[A-Za-z0-9._-]+$/;

/** GitHub answers ssh on port 443 under another name, and the site under two. */
const ALIASES: Readonly<Record<string, string>> = { 'ssh.github.com': 'github.com', 'www.github.com': 'github.com' };

/**
 * Reads owner, name and host out of a git remote URL.
 * Null for what names no forge repository: a path, `file://`, a path that is not `owner/name`.
 */
export function parseRemote(url: string): RemoteRepo | null {
  const text = url.trim();
  const found = URL_FORM.exec(text)?.groups ?? SCP_FORM.exec(text)?.groups;
  if (!found?.host || !found.path) return null;
  const segments = found.path.replace(/^\/+|(?<!\/)\/+$/g, '').split('/');
  const [owner, rest] = segments;
  if (segments.length !== 2 || owner === undefined || rest === undefined) return null;
  const name = rest.replace(/\.git$/i, '');
  if (!OWNER.test(owner) || !NAME.test(name) || name === '.' || name === '..') return null;
  const bare = found.host.toLowerCase();
  const host = ALIASES[bare] ?? bare;
  // The port of ssh or git:// says nothing about where the API is.
  const keepsPort = /^https?$/i.test(found.scheme ?? '') && found.port !== undefined;
  return { owner, name, host: keepsPort ? `${host}:${found.port}` : host };
}

/** The REST root that most likely belongs to a host: github.com, a `*.ghe.com` tenant, else an Enterprise Server. */
export function apiUrlFor(host: string): string {
  // A forge on this machine, for a try: nobody else hears what is said to it.
  if (/^(127\.|localhost(:|$))/.test(host)) return `http://${host}/api/v3`;
  if (host === 'github.com') return 'https://api.github.com';
  if (host.endsWith('.ghe.com')) return `https://api.${host}`;
  return `https://${host}/api/v3`;
}
