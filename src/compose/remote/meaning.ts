import { homedir } from 'node:os';
import { schemeOf, withoutLogin } from '../../adapters/git/transport/address.ts';
import { NO_REMOTE, type Pinned } from '../../adapters/git/transport/memory.ts';
import { parseRemote } from '../../adapters/github/login/remote.ts';
import { askProgram } from '../../adapters/machine/ask-program.ts';
import { originUrl, remoteName } from '../../place/origin.ts';
import type { Place } from '../../place/place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the addresses of a remote say of the forge, once git's rules and ssh's aliases are worked out; null: nothing. */
export interface Meaning {
  /** Where issues are, unless the settings say it. */
  readonly origin: string | null;
  /** Where the branches of pulls are. */
  readonly head: string | null;
}

/** How many addresses the person's own `git push` goes to. */
export async function pushAddresses({ root, gitDir }: Pick<Place, 'root' | 'gitDir'>, env: Environment): Promise<number> {
  const own = { ...personal(env), GIT_ALLOW_PROTOCOL: 'none' };
  const args = ['remote', 'get-url', '--push', '--all', '--', remoteName(gitDir) ?? 'origin'];
  const got = await askProgram('git', args, { cwd: root, env: own });
  return got.kind === 'ended' && got.code === 0 ? got.out.trim().split('\n').length : 0;
}

/** As the person's own git has the addresses. Nothing is written for it: tac8 may never have been started there. */
export async function addressNow({ root, gitDir }: Pick<Place, 'root' | 'gitDir'>, env: Environment): Promise<Pinned> {
  // Also where a file that the settings include names it, or the person's own settings do: git knows.
  const name = remoteName(gitDir) ?? 'origin';
  const own = { ...personal(env), GIT_ALLOW_PROTOCOL: 'none' };
  const git = async (...args: string[]): Promise<string | null> => {
    const got = await askProgram('git', args, { cwd: root, env: own });
    return got.kind === 'ended' && got.code === 0 ? (got.out.split('\n')[0] ?? '') : null;
  };
  const ask = async (of: string, ...more: string[]): Promise<string | null> => {
    const found = await git('remote', 'get-url', ...more, '--', of);
    return found === null ? null : withoutLogin(found);
  };
  const pushed = (await git('config', '--get', 'remote.pushDefault')) ?? name;
  const fetch = await ask(name);
  const push = (await ask(pushed, '--push')) ?? (await ask(name, '--push'));
  return fetch === null ? NO_REMOTE : { fetch, push: push ?? fetch };
}

/** What the addresses mean that the person's own git has now. */
export const meaningNow = async (place: Pick<Place, 'root' | 'gitDir'>, env: Environment): Promise<Meaning> =>
  meaningOf(await addressNow(place, env), place.gitDir, env);

/**
 * Asks ssh what it takes a host's name for (`Host work` in its configuration), where an address is one of ssh's. Where a rule of git's leads from a
 * forge to a mirror of it, the address as it is written says where the issues are; a shorthand (`gh:acme/widgets`) says it once the rule is applied.
 */
export async function meaningOf({ fetch, push }: Pinned, gitDir: string, env: Environment): Promise<Meaning> {
  const written = originUrl(gitDir);
  const isWhole = /[.:]/.test(parseRemote(written ?? '')?.host ?? '');
  const origin = await withoutAlias(isWhole ? written : fetch, env);
  return { origin, head: push === fetch && !isWhole ? origin : await withoutAlias(push, env) };
}

const SSH = /^(?:ssh:\/\/)?(?<user>[^@/\s]+@)?(?<host>[a-z0-9][a-z0-9._-]*)(?::\d+(?=\/))?(?<path>[:/].*)$/i;

async function withoutAlias(address: string | null, env: Environment): Promise<string | null> {
  if (address === null || schemeOf(address) !== 'ssh') return address;
  const { user = '', host = '', path = '' } = SSH.exec(address.replace(/^(git\+ssh|ssh\+git):/i, 'ssh:'))?.groups ?? {};
  if (host === '') return address;
  const program = await sshCommand(env);
  // As git starts it: words of a shell.
  const got = await askProgram('/bin/sh', ['-c', `${program} -G "$1"`, 'sh', `${user}${host}`], { env: personal(env) });
  const name = got.kind === 'ended' && got.code === 0 ? /^hostname (\S+)$/m.exec(got.out)?.[1] : undefined;
  return name === undefined ? address : `ssh://${name}/${path.replace(/^[:/]+/, '')}`;
}

/** What a person's git starts for ssh, as far as the repository has no say in it: every worker can write that. */
async function sshCommand(env: Environment): Promise<string> {
  if (env.GIT_SSH_COMMAND !== undefined) return env.GIT_SSH_COMMAND;
  const got = await askProgram('git', ['config', '--global', 'core.sshCommand'], { env: personal(env) });
  const said = got.kind === 'ended' && got.code === 0 ? got.out.trim() : '';
  return said === '' ? 'ssh' : said;
}

/** The keys of the person's own settings of git. */
export async function personalKeys(env: Environment): Promise<readonly string[]> {
  const got = await askProgram('git', ['config', '--global', '--name-only', '-l'], { env: personal(env) });
  return got.kind === 'ended' && got.code === 0 ? got.out.split('\n').filter((key) => key !== '') : [];
}

const personal = (env: Environment): Record<string, string> => ({
  PATH: env.PATH ?? '/usr/bin:/bin',
  HOME: env.HOME ?? homedir(),
  LC_ALL: 'C',
  ...(env.XDG_CONFIG_HOME === undefined ? {} : { XDG_CONFIG_HOME: env.XDG_CONFIG_HOME }),
});
