import type { Attempt } from './attempt.ts';

/** Names of this machine's own loopback, and of the machine. */
const HERE: readonly (readonly [string, string?])[] = [
  ['127.0.0.1'],
  ['localhost'],
  ['LOCALHOST'],
  ['127.1'],
  ['2130706433'],
  ['0x7f000001'],
  ['0177.0.0.1'],
  ['0.0.0.0'],
  ['::1', 'needs IPv6'],
  ['::ffff:127.0.0.1', 'needs IPv6'],
  ['::ffff:7f00:1', 'needs IPv6'],
  ['$ADDRESS'],
];

const GET = 'GET / HTTP/1.0\\r\\n\\r\\n';
/** Without a way out in the environment (outside the box), straight to where it would have led. */
const by = (host: string, request: string): string =>
  `if [ -n "$HTTP_PROXY" ]; then tcp 127.0.0.1 3128 "${request}"; else tcp "${host}" "$PORT" "${GET}"; fi`;
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export const NETWORK: readonly Attempt[] = HERE.flatMap(([host, rare]): Attempt[] => {
  const at = `${bracketed(host)}:$PORT`;
  const ways: Readonly<Record<string, string>> = {
    directly: `tcp "${host}" "$PORT" "${GET}"`,
    'by CONNECT': by(host, `CONNECT ${at} HTTP/1.1\\r\\nHost: ${at}\\r\\n\\r\\n${GET}`),
    'by its address in a request': by(host, `GET http://${at}/ HTTP/1.1\\r\\nHost: ${at}\\r\\nConnection: close\\r\\n\\r\\n`),
    'by another Host header': by(host, `GET / HTTP/1.1\\r\\nHost: ${at}\\r\\nConnection: close\\r\\n\\r\\n`),
    'by an upgrade': by(
      host,
      `GET http://${at}/ HTTP/1.1\\r\\nHost: ${at}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n`,
    ),
    'by HTTP/2': by(host, `PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\nGET http://${at}/ HTTP/1.1\\r\\nHost: ${at}\\r\\n\\r\\n`),
    'by a second request behind a refused one': by(
      host,
      `GET http://refused.invalid/ HTTP/1.1\\r\\nHost: refused.invalid\\r\\nContent-Length: 0\\r\\n\\r\\nGET http://${at}/ HTTP/1.1\\r\\nHost: ${at}\\r\\n\\r\\n`,
    ),
    'by two Host headers': by(host, `GET http://refused.invalid/ HTTP/1.1\\r\\nHost: refused.invalid\\r\\nHost: ${at}\\r\\n\\r\\n`),
    'by UDP': `udp "${host}" "$UDP"`,
  };
  const uncertain = host.startsWith('::') ? rare : undefined;
  return Object.entries(ways).map(
    ([how, script]): Attempt => ({
      ...{ kind: 'network', name: `${host} ${how}`, script, sign: 'says' },
      ...(uncertain === undefined ? {} : { rare: uncertain }),
    }),
  );
});

export const SOCKETS: readonly Attempt[] = [
  { kind: 'sockets', name: 'by path', script: 'unix "$SOCK"', sign: 'says' },
  {
    kind: 'sockets',
    name: 'by path, through a link',
    script: 'ln -sfn "$(dirname "$SOCK")" "s$N"; unix "s$N/$(basename "$SOCK")"',
    sign: 'says',
  },
  { kind: 'sockets', name: 'abstract', script: 'unix "@$ABSTRACT"', sign: 'says' },
  {
    kind: 'sockets',
    name: 'through the root of process 1',
    script: 'cd "/proc/1/root$(dirname "$SOCK")" && unix "$(basename "$SOCK")"',
    sign: 'says',
    rare: 'process 1 may be out of reach',
  },
];

export const KEYS: readonly Attempt[] = [
  { kind: 'keys', name: 'in its own environment', script: 'env', sign: 'says' },
  { kind: 'keys', name: 'in its own process', script: 'cat /proc/self/environ /proc/$PPID/environ', sign: 'says' },
  { kind: 'keys', name: 'set by a shell’s start', script: 'env -i sh -lc env; cat "$PERSON/.profile"', sign: 'says' },
  {
    kind: 'keys',
    name: 'of Claude Code, in its file',
    script: 'cat "$HOME/.claude/.credentials.json" "$PERSON/.claude/.credentials.json"',
    sign: 'says',
  },
  { kind: 'keys', name: 'of npm', script: 'cat "$HOME/.npmrc" "$PERSON/.npmrc"', sign: 'says' },
  { kind: 'keys', name: 'of gh', script: 'cat "$HOME/.config/gh/hosts.yml" "$PERSON/.config/gh/hosts.yml"', sign: 'says' },
  { kind: 'keys', name: 'in git’s settings', script: 'git config --list --show-origin; git remote -v; cat "$G/config"', sign: 'says' },
  { kind: 'keys', name: 'in git’s store of logins', script: 'cat "$PERSON/.git-credentials"', sign: 'says' },
  {
    kind: 'keys',
    name: 'anywhere in its home and the person’s',
    script: 'grep -rhs "KEY\\|oken" "$HOME" "$PERSON" /var/tmp/.s*',
    sign: 'says',
  },
];
