import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';

/** What gh needs to find its own login; nothing else of this process reaches it. */
const GH_ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LANG', 'GH_CONFIG_DIR', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];
/** How long a token from gh is taken on trust; asking again costs a process. */
const KEEP_MS = 60_000;

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
  try {
    const { stdout } = await promisify(execFile)('gh', ['auth', 'token', '--hostname', options.host], {
      env: { ...env, GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1' },
      timeout: options.timeoutMs ?? 5000,
      killSignal: 'SIGKILL',
    });
    return await checked(stdout.trim(), '`gh auth token`');
  } catch (error) {
    if (error instanceof PortError) throw error;
    const why = reason(error);
    options.log.debug('gh gives no token', { why });
    throw new PortError('terminal', `no GitHub token: $${options.variable} is not set, and gh gives none (${why})`, {
      hint: `Set ${options.variable} to a token that may read and write issues and pulls, or log in with \`gh auth login --hostname ${options.host}\`.`,
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'gh is not installed';
  if ('killed' in error && error.killed === true) return 'gh did not answer in time';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return (stderr.split('\n', 1)[0] || error.message.split('\n', 1)[0] || 'no reason given').slice(0, 200);
}

/** A token goes into a header: a line break or a blank in it would fail there with a riddle. The token itself is never in a message. */
async function checked(token: string, from: string): Promise<string> {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new PortError('terminal', `the GitHub token from ${from} is ${token === '' ? 'empty' : 'not one line of visible ASCII'}`, {
    hint: 'Copy the token again, without quotes or line breaks.',
  });
}
