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

/** The same place, written so that two programs could read it in two ways. */
const ODDLY: Readonly<Record<string, string>> = {
  'a dot behind the name': 'CONNECT localhost.:$PORT HTTP/1.1',
  'a dot behind the address': 'CONNECT 127.0.0.1.:$PORT HTTP/1.1',
  'a port with a zero before it': 'CONNECT localhost:0$PORT HTTP/1.1',
  'a port beyond the last': 'CONNECT localhost:$((PORT + 65536)) HTTP/1.1',
  'two ports': 'CONNECT listed.example:443:$PORT HTTP/1.1',
  'an address behind a name': 'CONNECT listed.example@127.0.0.1:$PORT HTTP/1.1',
  'a name behind an address': 'CONNECT 127.0.0.1:$PORT@listed.example:443 HTTP/1.1',
  'an address of a URL': 'CONNECT http://127.0.0.1:$PORT/ HTTP/1.1',
  'the address of all zeros': 'CONNECT 0:$PORT HTTP/1.1',
  'an address of IPv6 with zeros': 'CONNECT [0:0:0:0:0:ffff:7f00:1]:$PORT HTTP/1.1',
  'an address of IPv6 that has one of IPv4 in it': 'CONNECT [64:ff9b::127.0.0.1]:$PORT HTTP/1.1',
  'an address of IPv6 with a zone': 'CONNECT [::1%25lo]:$PORT HTTP/1.1',
  'brackets around an address': 'CONNECT [127.0.0.1]:$PORT HTTP/1.1',
  'letters that look like others': 'CONNECT \\xe2\\x93\\x9bocalhost:$PORT HTTP/1.1',
  'a sign that splits a name': 'CONNECT localhost\\x00.listed.example:$PORT HTTP/1.1',
  'a login in a URL': 'GET http://listed.example@127.0.0.1:$PORT/ HTTP/1.1',
  'slashes the other way': 'GET http:\\\\127.0.0.1:$PORT/ HTTP/1.1',
  'a URL without its scheme': 'GET //127.0.0.1:$PORT/ HTTP/1.1',
  'a URL of TLS': 'GET https://127.0.0.1:$PORT/ HTTP/1.1',
  'no version': 'GET http://127.0.0.1:$PORT/',
  'a line between method and URL': 'GET\\thttp://127.0.0.1:$PORT/ HTTP/1.1',
  'a second line in the URL': 'GET http://listed.example/\\x0d\\x0aGET http://127.0.0.1:$PORT/ HTTP/1.1',
  'a Host that is sent on': 'GET http://registry.invalid/ HTTP/1.1\\x0d\\x0aX-Forwarded-Host: 127.0.0.1:$PORT',
};

const IN_WORDS: readonly Attempt[] = Object.entries(ODDLY).map(([how, first]) => ({
  ...{ kind: 'network', name: `what is asked for has ${how}`, sign: 'says' },
  script: by('127.0.0.1', `${first}\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n${GET}`),
}));

const heard: Attempt['sign'] = { does: (at, n) => existsSync(join(at.target(n), 'heard')) };
/** By the route of the model's key to another place of its service, or to where the service sends. */
const BESIDE: readonly Attempt[] = [
  ...['..;/', '..;x=1/', '%252e%252e/', '%252e%252e%252fx/', '..%3b/'].map(
    (way): Attempt => ({
      ...{ kind: 'network', name: `up from the route of the model by ${way}`, sign: heard },
      script: byRoute(
        `GET /model/v1/${way}$N HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n`,
        `GET /v1/${way}$N HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n`,
      ),
    }),
  ),
  {
    ...{ kind: 'network', name: 'to where the service of the model sends, with its key', sign: heard, rare: 'needs curl' },
    script: `if [ -n "$HTTP_PROXY" ]; then tcp 127.0.0.1 3128 "GET /model/back/$N HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"; else curl -sL "http://127.0.0.1:$SERVICE/back/$N"; fi`,
  },
];

export const NETWORK: readonly Attempt[] = [...BY_ADDRESS, ...IN_BODIES, ...IN_WORDS, ...BESIDE];

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
    ...{ kind: 'sockets', name: 'the way out’s own, for the daemon’s orders', sign: 'gets' },
    script: `for s in "$ROOT/.tac8/egress" /run/tac8 /run/tac8/.. /run/tac8/../.. /run; do /usr/bin/perl -e 'use Socket; alarm 3; chdir $ARGV[0] or exit; socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("control")) or exit 1; syswrite S, ".\\n"; print "G" . "OT" if <S> =~ /ok/' "$s"; done`,
  },
  {
    ...{ kind: 'sockets', name: 'who listens, by netlink', sign: 'gets' },
    script: `/usr/bin/perl -e 'use Socket; alarm 3; socket(S, 16, 3, 4); for my $f (2, 10) { send(S, pack("L S S L L C C C C L a48", 72, 20, 0x301, 1, 0, $f, 6, 0, 0, 0xffffffff, ""), 0);
  READ: while (recv(S, $b, 65536, 0), length $b) { for (my $at = 0; $at + 16 <= length $b;) { my ($l, $t) = unpack "L S", substr $b, $at; last READ if $t == 3 || $t == 2 || $l < 16;
  print "G" . "OT" if unpack("n", substr $b, $at + 20) == $ARGV[0]; $at += ($l + 3) & ~3 } } }' "$PORT"`,
  },
  {
    ...{ kind: 'sockets', name: 'names of sockets, by netlink', sign: 'gets', rare: 'not in every kernel' },
    script: `/usr/bin/perl -e 'use Socket; alarm 3; socket(S, 16, 3, 4); send(S, pack("L S S L L C C S L L L L L", 40, 20, 0x301, 1, 0, 1, 0, 0, 0xffffffff, 0, 1, 0, 0), 0);
  while (recv(S, $b, 65536, 0), length $b) { print "G" . "OT" if index($b, $ARGV[0]) >= 0; last if unpack("x4 S", $b) =~ /^[23]$/ }' "$ABSTRACT"`,
  },
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
