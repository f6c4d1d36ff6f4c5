import { existsSync } from 'node:fs';
import { join } from 'node:path';
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

/** What a worker says to the model's service by its route; without a box, something else straight to the service. */
const byRoute = (request: string, straight: string): string =>
  `if [ -n "$HTTP_PROXY" ]; then tcp 127.0.0.1 3128 "${request}"; else tcp 127.0.0.1 "$SERVICE" "${straight}"; fi`;

const HEADERS = {
  'in chunks': 'Connection: close\\r\\nTransfer-Encoding: chunked',
  'in chunks between two machines': 'Connection: close, transfer-encoding\\r\\nTransfer-Encoding: chunked',
  'whose length is between two machines': 'Connection: close, content-length\\r\\nContent-Length: $SIZE',
  'of two lengths': 'Connection: close\\r\\nContent-Length: 0\\r\\nContent-Length: $SIZE',
  'of a length and in chunks': 'Connection: close\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked',
};

/** A body that is a request of its own where its length is lost on the way: to another name at the address of the model's service. */
const IN_BODIES: readonly Attempt[] = Object.entries(HEADERS).flatMap(([how, headers]) =>
  ['GET', 'DELETE', 'POST'].map((method): Attempt => {
    const body = headers.includes('chunked') ? '$(printf %x "$SIZE")\\r\\n$INNER\\r\\n0\\r\\n\\r\\n' : '$INNER';
    return {
      ...{ kind: 'network', name: `another Host in the body of a ${method} ${how}` },
      script: `INNER="GET /$N HTTP/1.1\\r\\nHost: other.example\\r\\nConnection: close\\r\\n\\r\\n"; SIZE=$(printf "$INNER" | wc -c)
${byRoute(`${method} /model/v1 HTTP/1.1\\r\\nHost: x\\r\\n${headers}\\r\\n\\r\\n${body}`, '$INNER')}`,
      sign: { does: (at, n) => existsSync(join(at.target(n), 'heard')) },
    };
  }),
);

const BY_ADDRESS: readonly Attempt[] = HERE.flatMap(([host, rare]): Attempt[] => {
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

export const NETWORK: readonly Attempt[] = [...BY_ADDRESS, ...IN_BODIES];

export const SOCKETS: readonly Attempt[] = [
  {
    ...{ kind: 'sockets', name: 'a handle on the process that answers', sign: 'gets', rare: 'needs a kernel of 2023' },
    script: `/usr/bin/perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un(-S "/run/tac8/s" ? "/run/tac8/s" : $ARGV[0])) or exit 1; my $fd = unpack "i", getsockopt(S, SOL_SOCKET, 77); print "G" . "OT" if syscall(424, $fd, 0, 0, 0) == 0' "$SOCK"`,
  },
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
  ...['TRACE', 'trace', 'TRACE /model/v1 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\nTRACE'].map(
    (method): Attempt => ({
      ...{ kind: 'keys', name: `in the answer to ${method.split(' ').length > 1 ? 'a second TRACE' : method}`, sign: 'says' },
      ...(method === 'trace' ? { rare: 'no method of HTTP' } : {}),
      script: byRoute(
        `${method} /model/v1 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n`,
        `${method.split(' ')[0]} / HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: $ANTHROPIC_API_KEY\\r\\nConnection: close\\r\\n\\r\\n`,
      ),
    }),
  ),
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
