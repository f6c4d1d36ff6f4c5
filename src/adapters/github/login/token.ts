import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { type Ended, runChild } from '../../process/child/child.ts';

/** What gh needs to find its own login; nothing else of this process reaches it. */
const GH_ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LANG', 'GH_CONFIG_DIR', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];
/** How long a token from gh is taken on trust; asking again costs a process. */
const KEEP_MS = 60_000;
const MOST_SAID = 64 * 1024;

export interface TokenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The variable that holds the token, `GITHUB_TOKEN` by default in the settings. */
  readonly variable: string;
  /** The forge's host as the remote names it; gh keeps one login per host. */
  readonly host: string;
  readonly log: Log;
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/**
 * Where the token comes from: the named environment variable, else `gh auth token`.
 * The answer is asked for at every request, so a token that gh renews is taken up within a minute.
 * Throws a terminal PortError that names both ways when there is none.
 */
export function createTokenSource(options: TokenOptions): () => Promise<string> {
  const now = options.now ?? Date.now;
  let kept: { readonly token: Promise<string>; readonly at: number } | null = null;
  return () => {
    const given = options.env[options.variable]?.trim();
    if (given) return checked(given, `$${options.variable}`);
    if (kept && now() - kept.at < KEEP_MS) return kept.token;
    const entry = { token: askGh(options), at: now() };
    kept = entry;
    // A refusal is not kept: the person who logs in meanwhile is heard at once.
    entry.token.catch(() => {
      if (kept === entry) kept = null;
    });
    return entry.token;
  };
}

async function askGh(options: TokenOptions): Promise<string> {
  const env = Object.fromEntries(GH_ENVIRONMENT.flatMap((name) => (options.env[name] === undefined ? [] : [[name, options.env[name]]])));
  const asked = await runChild('gh', ['auth', 'token', '--hostname', options.host], {
    env: { ...env, GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1' },
    timeoutMs: options.timeoutMs ?? 5000,
    output: { most: MOST_SAID, beyond: 'end' },
  });
  if (asked.end.kind === 'exit' && asked.end.code === 0) return await checked(asked.out.toString().trim(), '`gh auth token`');
  const why = reason(asked);
  options.log.debug('gh gives no token', { why });
  throw new PortError('terminal', `no GitHub token: $${options.variable} is not set, and gh gives none (${why})`, {
    hint: `Set ${options.variable} to a token that may read and write issues and pulls, or log in with \`gh auth login --hostname ${options.host}\`.`,
  });
}

function reason({ end, err }: Ended): string {
  if (end.kind === 'not started') return end.error.code === 'ENOENT' ? 'gh is not installed' : end.error.message;
  if (end.kind === 'late') return 'gh did not answer in time';
  return (err.toString().trim().split('\n', 1)[0] || 'no reason given').slice(0, 200);
}

/** A token goes into a header: a line break or a blank in it would fail there with a riddle. The token itself is never in a message. */
async function checked(token: string, from: string): Promise<string> {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PortError('terminal', `the GitHub token from ${from} is ${token === '' ? 'empty' : 'not one line of visible ASCII'}`, {
    hint: 'Copy the token again, without quotes or line breaks.',
  });
}
