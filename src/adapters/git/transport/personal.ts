import { homedir } from 'node:os';
import type { Git } from '../call/git.ts';
import { ownIdentity } from '../call/own-identity.ts';

type Setting = readonly [key: string, value: string];

/** Of the person's own settings of git, what says how a host is reached; of the variables of this process, the same. Nothing of the repository's. */
export interface Personal {
  /** Proxies and certificates. */
  readonly network: readonly Setting[];
  /** Helpers for logins, and the program for ssh. */
  readonly logins: readonly Setting[];
  readonly env: Readonly<Record<string, string>>;
}

const NETWORK =
  /^http\.(?:.*\.)?(?:proxy|proxyauthmethod|proxysslcert|proxysslkey|proxysslcainfo|sslcainfo|sslcapath|sslcert|sslkey|sslbackend|sslverify)$/;
const LOGINS = /^(?:credential\..*|core\.sshcommand|ssh\.variant)$/;

/** What git and git-lfs look at; the small ones are those of curl. */
const VARIABLES = [
  ...['HTTPS_PROXY', 'https_proxy', 'http_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_PROXY_SSL_CAINFO'],
];

/** Looked up once: it is the person's word, as it stood when the daemon began. */
export function createPersonal(git: Git): () => Promise<Personal> {
  let read: Promise<Personal> | null = null;
  return () => {
    read ??= readPersonal(git);
    read.catch(() => {
      read = null;
    });
    return read;
  };
}

async function readPersonal(git: Git): Promise<Personal> {
  // With this GIT_DIR git finds no repository, and so none of its settings.
  const env = { ...ownIdentity(), GIT_DIR: '/dev/null' };
  const { stdout } = await git(['config', '-z', '--get-regexp', '^(http|credential|core|ssh)\\.'], { settings: 'own', env, codes: [0, 1] });
  // What git is told by the call itself is in that list as well; none of it is of these kinds.
  const all = Buffer.from(stdout, 'latin1')
    .toString('utf8')
    .split('\0')
    .flatMap((line): Setting[] => {
      const end = line.indexOf('\n');
      return end < 0 ? [] : [[line.slice(0, end), line.slice(end + 1)]];
    });
  const variables = VARIABLES.flatMap((name): [string, string][] => (process.env[name] ? [[name, process.env[name]]] : []));
  // The git that is told of them has another home.
  const home = homedir();
  return {
    network: all.flatMap(([key, value]) => (NETWORK.test(key) ? [[key, value.replace(/^~(?=\/)/, () => home)] as const] : [])),
    logins: all.filter(([key]) => LOGINS.test(key)),
    env: Object.fromEntries(variables),
  };
}
