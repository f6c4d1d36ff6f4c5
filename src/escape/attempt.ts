/** What an escape is known by: the word that is outside alone is said inside; a call of the system is let through; something outside has changed. */
export type Sign = 'says' | 'gets' | { readonly does: (at: Outside, n: number) => boolean };

export interface Outside {
  readonly root: string;
  /** A folder of this attempt's own, outside. */
  target(n: number): string;
  /** A process of this attempt's own, outside: whether it is as it was. */
  isWell(n: number): boolean;
  git(...args: readonly string[]): string;
}

export interface Attempt {
  readonly kind: string;
  readonly name: string;
  /** In a shell, with $ROOT, $PERSON, $T, $V, $G, $N, $PORT, $UDP, $SOCK, $ABSTRACT, $SHM, $KEY and the functions of PRELUDE. */
  readonly script: string;
  readonly sign: Sign;
  /** Why the control need not succeed on every machine; it is counted. */
  readonly rare?: string;
}

/** The number of a descriptor, of a folder with all that is outside, that tac8 is started with, as a script has one for a lock. */
export const HANDED_ON = 200;

/** `tcp HOST PORT TEXT`, `udp HOST PORT`, `unix PATH`, `call NUMBER ARGS`: each says what it got. `did NUMBER ARGS`: only where the call came to something. */
export const PRELUDE = `
tcp() { /usr/bin/perl -e 'use Socket qw(:all); alarm 4; my ($h, $p, $t) = @ARGV; $t =~ s/\\\\r/\\r/g; $t =~ s/\\\\n/\\n/g;
  my ($e, @r) = getaddrinfo($h, $p, { socktype => SOCK_STREAM });
  for (@r) { socket(S, $_->{family}, SOCK_STREAM, 0) or next; connect(S, $_->{addr}) or next; syswrite S, $t; print while <S>; exit 0 } exit 1' -- "$@"; }
udp() { /usr/bin/perl -e 'use Socket qw(:all); alarm 2; my ($e, @r) = getaddrinfo($ARGV[0], $ARGV[1], { socktype => SOCK_DGRAM });
  socket(S, $r[0]{family}, SOCK_DGRAM, 0) or exit 1; send(S, "x", 0, $r[0]{addr}); recv(S, my $b, 999, 0); print $b' -- "$@"; }
unix() { /usr/bin/perl -e 'use Socket qw(:all); alarm 3; my $p = $ARGV[0]; $p =~ s/^@/\\0/; socket(S, AF_UNIX, SOCK_STREAM, 0);
  connect(S, pack_sockaddr_un($p)) or exit 1; print while <S>' -- "$@"; }
call() { /usr/bin/perl -e 'alarm 3; my ($c, @a) = map { /^0x/ ? hex : $_ + 0 } @ARGV; my $r = syscall($c, @a); my $n = $! + 0; my $held = $r < 0 && grep { $n == $_ } (1, 13, 38, 97); print $held ? "no $n" : "G" . "OT"' -- "$@"; }
did() { /usr/bin/perl -e 'alarm 3; my ($c, @a) = map { /^0x/ ? hex : $_ + 0 } @ARGV; print "G" . "OT" if syscall($c, @a) >= 0' -- "$@"; }
`;
