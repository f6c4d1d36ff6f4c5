import { about, type Finding } from '../finding/finding.ts';

/** What stands between this machine and the forge, as far as somebody has said so. */
export interface NetworkSeen {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The proxy of https that the environment names. */
  readonly proxy: string | null;
  /** This Node can ask through one. */
  readonly canUseProxies: boolean;
  /** Keys of the person's own settings of git. */
  readonly personal: readonly string[];
  /** Keys of the repository's settings of git. */
  readonly shared: readonly string[];
  readonly sandboxed: boolean;
  /** `agent.env`. */
  readonly passedOn: readonly string[];
}

const UNUSED =
  /^(?:http\.(?:.*\.)?(?:proxy|sslcainfo|sslcapath|sslcert|sslkey|sslverify)|core\.sshcommand|core\.gitproxy|remote\..*\.proxy)$/;
const CA = /^http\.(?:.*\.)?ssl(?:cainfo|capath)$/;
const PROXY = /^http\.(?:.*\.)?proxy$/;

/** Each says what counts for whom, since the API, git and the workers each read something else. Nothing to say: all is asked directly. */
export function judgeNetwork(seen: NetworkSeen): readonly Finding[] {
  const found = [...proxies(seen), ...certificates(seen), ...unused(seen)];
  return found.length === 0 ? [tell.ok('no proxy and no certificates of one’s own')] : found;
}

const tell = about('network', 'The API, git and the workers each go their own way through a proxy.');

function proxies({ env, proxy, canUseProxies, personal, sandboxed, passedOn }: NetworkSeen): readonly Finding[] {
  const { ok, warn } = tell;
  const name = env.https_proxy ? 'https_proxy' : 'HTTPS_PROXY';
  if (proxy === null)
    return personal.some((key) => PROXY.test(key))
      ? [
          warn(
            'http.proxy of your git settings counts for git alone, and the API is asked directly',
            'export HTTPS_PROXY with the same address',
          ),
        ]
      : [];
  const out: Finding[] = [
    canUseProxies
      ? ok(`the API and git go through the proxy in ${name}`)
      : warn(`git goes through the proxy in ${name}; this Node asks the API directly`, 'install Node 24.14 or later'),
  ];
  if (sandboxed)
    out.push(
      warn(
        `the way out of the sandbox does not use the proxy in ${name}: workers reach only what this machine reaches directly`,
        'let this machine reach the hosts of the profile, or write sandbox: { kind: none } into tac8.yaml',
      ),
    );
  else if (!passedOn.includes(name)) out.push(warn(`workers are not told of ${name}`, `write ${name} into agent.env in tac8.yaml`));
  return out;
}

function certificates({ env, personal }: NetworkSeen): readonly Finding[] {
  const { ok, warn } = tell;
  const ofNode = env.NODE_EXTRA_CA_CERTS;
  const ofGit = env.GIT_SSL_CAINFO ?? env.GIT_SSL_CAPATH ?? personal.find((key) => CA.test(key));
  if (ofNode && ofGit) return [ok('certificates of one’s own count for the API (NODE_EXTRA_CA_CERTS) and for git')];
  if (ofNode)
    return [
      warn(
        'NODE_EXTRA_CA_CERTS counts for the API alone: git does not read it',
        `git config --global http.sslCAInfo FILE, with your certificate and the usual ones`,
      ),
    ];
  if (ofGit)
    return [
      warn('certificates of one’s own count for git alone: the API is asked without them', 'export NODE_EXTRA_CA_CERTS with the same file'),
    ];
  return [];
}

function unused({ shared }: NetworkSeen): readonly Finding[] {
  const keys = [...new Set(shared.filter((key) => UNUSED.test(key)))];
  if (keys.length === 0) return [];
  return [
    tell.warn(
      `${keys.join(', ')} in the repository’s git settings ${keys.length === 1 ? 'is' : 'are'} not used: every worker can write there`,
      `set ${keys.length === 1 ? 'it' : 'them'} with \`git config --global\``,
    ),
  ];
}
