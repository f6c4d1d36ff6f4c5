import { resolve } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git, GitCall } from '../call/git.ts';
import { type Repository, utf8 } from '../repository/repository.ts';

/** Where the work is fetched from and pushed to, as a person's own `git fetch` and `git push` would have it. */
export interface Address {
  readonly fetch: string;
  /** The same as `fetch` unless a push address is set. */
  readonly push: string;
}

/**
 * Reads the address of a remote with git's own rules (insteadOf, pushurl, and the remote that `remote.pushDefault` names for pushes), in the
 * environment of `access`. Null: there is no such remote.
 */
export async function readAddress(git: Git, repository: Repository, name: string, access: GitCall): Promise<Address | null> {
  const there = { cwd: repository.root, settings: 'shared', ...access } as const;
  const ask = async (of: string, ...more: string[]): Promise<string | null> => {
    const { code, stdout } = await git(['remote', 'get-url', ...more, '--', of], { ...there, codes: [0, 2, 128] });
    const [first = ''] = utf8(stdout).split('\n');
    return code === 0 && first !== '' ? first : null;
  };
  // The ordinary case in one start of git: an address, and nothing that rewrites it.
  const settings = ['config', '--get-regexp', '^(remote\\.(.*\\.(url|pushurl)|pushdefault)|url\\..*\\.(insteadof|pushinsteadof))$'];
  const { stdout } = await git(settings, { ...there, codes: [0, 1] });
  const lines = utf8(stdout)
    .split('\n')
    .filter((line) => line !== '');
  const plain = lines.filter((line) => line.startsWith(`remote.${name}.url `)).map((line) => line.slice(`remote.${name}.url `.length));
  const rewritten = lines.some((line) => line.startsWith('url.') || line.startsWith(`remote.${name}.pushurl `));
  const pushed = lines.findLast((line) => line.startsWith(PUSH_DEFAULT))?.slice(PUSH_DEFAULT.length) ?? name;
  if (!rewritten && pushed === name && plain.length < 2) return plain[0] === undefined ? null : { fetch: plain[0], push: plain[0] };
  const fetch = await ask(name);
  if (fetch === null) return null;
  // A name that no remote has is nobody's word.
  const push = (pushed === name ? null : await ask(pushed, '--push')) ?? (await ask(name, '--push'));
  return { fetch, push: push ?? fetch };
}

const PUSH_DEFAULT = 'remote.pushdefault ';

/** A path is made absolute: fetch and push run in another folder. */
export const absolute = (address: string, root: string): string => (schemeOf(address) === 'path' ? resolve(root, address) : address);

/** `https`, `ssh`, …, `path` for a folder on this machine, `helper` for an address that names a program (`ext::…`). */
export function schemeOf(address: string): string {
  if (/^[a-z0-9][a-z0-9+.-]*::/i.test(address)) return 'helper';
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined) return scheme.replace(/^(git\+ssh|ssh\+git)$/, 'ssh');
  // git takes `host:path` for ssh unless a slash comes before the colon.
  return /^[^/]+:/.test(address) ? 'ssh' : 'path';
}

/**
 * The transports that git may use for an address: https and ssh, and http or a file only where the address itself is one.
 * Terminal PortError for every other transport.
 */
export function transportsFor(address: string): string {
  const scheme = schemeOf(address);
  switch (scheme) {
    case 'https':
    case 'ssh':
      return 'https:ssh';
    case 'http':
      return 'http:https:ssh';
    case 'file':
    case 'path':
      return 'file:https:ssh';
    default:
      throw new PortError('terminal', `the address of the remote is ${address}: tac8 fetches and pushes over https and ssh only`, {
        hint: 'Give the remote an https or ssh address with `git remote set-url`.',
      });
  }
}

/** A password in an address stands on every command line, and in a file that each worker can read: it is not used. */
export const withoutLogin = (address: string): string => address.replace(/^(https?:\/\/)[^/@]*@/i, '$1');

/** Host and port of an http(s) address, lower case; null for every other one. */
export function webHost(address: string): string | null {
  if (!/^https?:\/\//i.test(address)) return null;
  try {
    return new URL(address).host.toLowerCase();
  } catch {
    return null;
  }
}
