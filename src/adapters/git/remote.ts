import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PortError } from '../../engine/ports.ts';
import { absent } from './files.ts';
import type { Git, GitCall } from './git.ts';
import { type Repository, utf8 } from './repository.ts';

export interface RemoteOptions {
  /** `origin`; null: work stays in this repository. */
  readonly name: string | null;
  /** The header line for https, `Authorization: …`; null: there is no token. */
  readonly authHeader?: () => Promise<string | null>;
  /** Without a token: use the person's own git settings and ssh agent, as when they type `git push`. */
  readonly useUserGitConfig?: boolean;
  readonly timeoutMs: number;
}

export interface Remote {
  /** The address, or null where there is no such remote. Asks git again only when the repository's config changed. */
  url(): Promise<string | null>;
  fetch(refspecs: readonly string[], signal: AbortSignal | undefined): Promise<void>;
  /** `branch` as it stands at `commit`; never by force. */
  push(commit: string, branch: string, signal: AbortSignal | undefined): Promise<void>;
  /** The remote's default branch, or null where it names none. */
  defaultBranch(signal: AbortSignal | undefined): Promise<string | null>;
}

export function createRemote(git: Git, repository: Repository, options: RemoteOptions): Remote {
  const { name } = options;
  let known: { readonly stamp: string; readonly url: string | null } | null = null;

  const url = async (): Promise<string | null> => {
    if (name === null) return null;
    const config = await stat(join(repository.commonDir, 'config')).catch(absent(null));
    const stamp = `${config?.mtimeMs} ${config?.size}`;
    if (known?.stamp === stamp) return known.url;
    const { code, stdout } = await git(['config', '--get', `remote.${name}.url`], { cwd: repository.root, codes: [0, 1] });
    known = { stamp, url: code === 0 ? utf8(stdout).trim() : null };
    return known.url;
  };

  const call = async (args: readonly string[], signal: AbortSignal | undefined): Promise<string> => {
    const address = await url();
    if (address === null) throw new PortError('terminal', `there is no remote ${name ?? ''}`, { hint: 'Add one with `git remote add`.' });
    const access = await accessTo(address, options);
    const limits: GitCall = { cwd: repository.root, timeoutMs: options.timeoutMs, ...(signal === undefined ? {} : { signal }) };
    return (await git(args, { ...limits, ...access })).stdout;
  };

  return {
    url,
    fetch: async (refspecs, signal) => {
      const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
      await call(['fetch', ...quiet, name ?? '', ...refspecs], signal);
    },
    push: async (commit, branch, signal) => {
      const plain = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
      await call(['push', ...plain, name ?? '', `${commit}:refs/heads/${branch}`], signal);
    },
    defaultBranch: async (signal) => {
      const said = utf8(await call(['ls-remote', '--symref', name ?? '', 'HEAD'], signal));
      return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said)?.[1] ?? null;
    },
  };
}

/**
 * How git gets in. A token goes along by environment, bound to the one address, and nothing that the repository's
 * settings name (helpers, prompts, other transports) gets to see it: an agent can write those settings.
 */
async function accessTo(address: string, options: RemoteOptions): Promise<Pick<GitCall, 'env' | 'config'>> {
  const header = /^https?:/i.test(address) ? ((await options.authHeader?.()) ?? null) : null;
  if (header !== null) {
    const scope = new URL(address);
    scope.username = '';
    scope.password = '';
    const to = scope.toString();
    return {
      env: { GIT_ASKPASS: 'true', GIT_ALLOW_PROTOCOL: 'http:https' },
      config: [
        [`http.${to}.extraHeader`, header],
        [`http.${to}.sslVerify`, 'true'],
        ['credential.helper', ''],
        [`credential.${to}.helper`, ''],
        ['http.followRedirects', 'false'],
        ['core.alternateRefsCommand', 'true'],
      ],
    };
  }
  return options.useUserGitConfig === true ? { env: ownIdentity() } : {};
}

/** The environment in which a person's own git finds its settings, helpers and keys. */
function ownIdentity(): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { HOME: homedir(), GIT_CONFIG_GLOBAL: undefined, GIT_CONFIG_NOSYSTEM: undefined };
  for (const name of ['SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'USER', 'LOGNAME']) {
    env[name] = process.env[name];
  }
  return env;
}
