import { DOOR_PORT } from '../../../engine/ports/machine/box.ts';

/**
 * The worker's way out: listens on its own loopback, and hands each connection to the socket whose other end the proxy outside holds. In perl, which
 * every Debian has and which takes a tenth of the memory that Node would. The worker may end it, and is without a network then.
 */
export const BRIDGE_SCRIPT = `use strict; use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select;
$SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my $door = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => ${DOOR_PORT}, Listen => 256, ReuseAddr => 1) or exit 1;
for (;;) {
  my $in = $door->accept or next;
  my $pid = fork;
  if (defined $pid and $pid == 0) {
    close $door;
    my $out = IO::Socket::UNIX->new(Peer => '/run/tac8/s');
    for (my $n = 0; !$out and $n < 50; $n++) { select undef, undef, undef, 0.1; $out = IO::Socket::UNIX->new(Peer => '/run/tac8/s'); }
    exit 0 unless $out;
    my $both = IO::Select->new($in, $out);
    while ($both->count) {
      for my $from ($both->can_read) {
        my $to = $from == $in ? $out : $in;
        my $n = sysread $from, my $bytes, 65536;
        if (!$n) { $both->remove($from); shutdown $to, 1; exit 0 unless defined $n; next; }
        for (my $at = 0; $at < $n;) { my $w = syswrite $to, $bytes, $n - $at, $at; exit 0 unless $w; $at += $w; }
      }
    }
    exit 0;
  }
  close $in;
}
`;
