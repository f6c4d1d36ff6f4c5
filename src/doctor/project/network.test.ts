import { expect, test } from 'vitest';
import { judgeNetwork, type NetworkSeen } from './network.ts';

const P = 'http://proxy:3128';
const look = (more: Partial<NetworkSeen>): readonly string[] =>
  judgeNetwork({ env: {}, proxy: null, canUseProxies: true, personal: [], shared: [], sandboxed: false, passedOn: [], ...more }).map(
    ({ level, says }) => `${level}: ${says}`,
  );

test.each<[string, Partial<NetworkSeen>, readonly RegExp[]]>([
  ['nothing', {}, [/^ok: no proxy/]],
  [
    'a proxy, passed on',
    { env: { HTTPS_PROXY: P }, proxy: P, passedOn: ['HTTPS_PROXY'] },
    [/^ok: the API and git go through the proxy in HTTPS_PROXY$/],
  ],
  [
    'a proxy that workers are not told of',
    { env: { https_proxy: P }, proxy: P },
    [/^ok: .*https_proxy/, /^warn: workers are not told of https_proxy$/],
  ],
  [
    'a proxy and a sandbox',
    { env: { HTTPS_PROXY: P }, proxy: P, sandboxed: true },
    [/^ok/, /^warn: the way out of the sandbox does not use the proxy/],
  ],
  [
    'a proxy and an old Node',
    { env: { HTTPS_PROXY: P }, proxy: P, passedOn: ['HTTPS_PROXY'], canUseProxies: false },
    [/^warn: git goes .*this Node asks the API directly$/],
  ],
  ['a proxy of git’s alone', { personal: ['http.https://a.b.proxy'] }, [/^warn: http\.proxy of your git settings counts for git alone/]],
  ['certificates for Node alone', { env: { NODE_EXTRA_CA_CERTS: '/ca' } }, [/^warn: NODE_EXTRA_CA_CERTS counts for the API alone/]],
  ['certificates for git alone', { personal: ['http.sslcainfo'] }, [/^warn: certificates of one’s own count for git alone/]],
  ['certificates for both', { env: { NODE_EXTRA_CA_CERTS: '/ca', GIT_SSL_CAINFO: '/ca' } }, [/^ok: certificates/]],
  [
    'settings that workers can write',
    { shared: ['http.proxy', 'core.sshcommand', 'user.name'] },
    [/^warn: http\.proxy, core\.sshcommand in the repository’s git settings are not used/],
  ],
])('%s', (_, seen, words) => {
  const found = look(seen);
  expect(found).toHaveLength(words.length);
  for (const [n, word] of words.entries()) expect(found[n]).toMatch(word);
});
