import type { GitCall } from '../call/git.ts';
import { ownIdentity } from '../call/own-identity.ts';
import { transportsFor, webHost } from './address.ts';
import type { Personal } from './personal.ts';

/** The login of the daemon at one host. */
export interface Login {
  /** The only host that may see it, with the port when an address names one. */
  readonly host: string;
  readonly user: string;
  /** Null: there is none at the moment. */
  readonly password: () => Promise<string | null>;
  /** Where the repository of an address at that host is now, by the forge's own word; null: there. Left out: nobody can tell. */
  readonly movedTo?: (address: string) => Promise<string | null>;
}

export interface AccessOptions {
  readonly login?: Login;
  /** The person's proxies and certificates, which count with the daemon's login, too; left out: none. */
  readonly personal?: () => Promise<Personal>;
  /** Without a login for the address: use the person's own git settings and ssh agent, as when they type `git push`. */
  readonly useUserGitConfig?: boolean;
}

/*
 * git reads the login from a pipe, once, through a credential helper that is bound to the host. So it stands in no argument, no
 * environment, no file and no trace, and git sends it only after that very host has asked for it.
 */
const READ_FROM_PIPE = '!f() { test "$1" = get && cat <&3; }; f';

/** A worker can write into the home that git has otherwise, and a login in a `.netrc` there is sent before any other. */
const NO_HOME = '/dev/null';

/** How git gets in at an address. Terminal PortError for an address of a transport that is not used. */
export async function accessTo(address: string, options: AccessOptions): Promise<Pick<GitCall, 'env' | 'config' | 'secret'>> {
  const personal = (await options.personal?.()) ?? { network: [], env: {} };
  const env = { GIT_ALLOW_PROTOCOL: transportsFor(address), HOME: NO_HOME, ...personal.env };
  const { login } = options;
  const host = webHost(address);
  const password = login !== undefined && host === login.host.toLowerCase() ? await login.password() : null;
  if (login !== undefined && password !== null) {
    const { protocol } = new URL(address);
    return {
      env: { ...env, GIT_ASKPASS: 'true' },
      config: [
        ...personal.network,
        ['credential.helper', ''],
        [`credential.${protocol}//${host}.helper`, READ_FROM_PIPE],
        ['http.followRedirects', 'false'],
      ],
      secret: `username=${login.user}\npassword=${password}\n`,
    };
  }
  // A rule of the person's (`url.*.insteadOf`) has been applied to it, and git applies the longest one that fits: this one leads nowhere else.
  const asIs = (['insteadOf', 'pushInsteadOf'] as const).map((rule) => [`url.${address}.${rule}`, address] as const);
  return options.useUserGitConfig === true ? { env: { ...env, ...ownIdentity() }, config: asIs } : { env };
}
