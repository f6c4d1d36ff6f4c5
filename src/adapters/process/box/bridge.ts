import { DOOR_PORT } from '../../../engine/ports/machine/box.ts';

/**
 * The worker's way out: listens on its own loopback, and hands each connection to the socket whose other end the proxy outside holds. In perl, which
 * every Debian has and which takes a tenth of the memory that Node would, with the one module that it needs. It answers once it listens and goes on
 * beside: what starts after it finds it. The worker may end it, and is without a network then.
 */
export const BRIDGE_SCRIPT = `use strict; use Socket;
$SIG{$_} = 'IGNORE' for qw(CHLD PIPE INT QUIT);
socket(my $door, PF_INET, SOCK_STREAM, 0) or exit 1;
setsockopt $door, SOL_SOCKET, SO_REUSEADDR, 1;
bind($door, pack_sockaddr_in(${DOOR_PORT}, INADDR_LOOPBACK)) && listen($door, 256) or exit 1;
my $beside = fork;
exit !defined $beside if !defined $beside or $beside;
sub dial { socket(my $to, PF_UNIX, SOCK_STREAM, 0) or return; connect($to, pack_sockaddr_un('/run/tac8/s')) ? $to : undef }
for (;;) {
  accept(my $in, $door) or next;
  my $pid = fork;
  if (defined $pid and $pid == 0) {
    close $door;
    my $out = dial;
    for (my $n = 0; !$out and $n < 50; $n++) { select undef, undef, undef, 0.1; $out = dial; }
    exit 0 unless $out;
    my @both = ($in, $out);
    while (@both) {
      my $ready = ''; vec($ready, fileno $_, 1) = 1 for @both;
      next if select($ready, undef, undef, undef) < 0;
      for my $from (grep { vec $ready, fileno $_, 1 } @both) {
        my $to = $from == $in ? $out : $in;
        my $n = sysread $from, my $bytes, 65536;
        if (!$n) { @both = grep { $_ != $from } @both; shutdown $to, 1; exit 0 unless defined $n; next; }
        for (my $at = 0; $at < $n;) { my $w = syswrite $to, $bytes, $n - $at, $at; exit 0 unless $w; $at += $w; }
      }
    }
    exit 0;
  }
  close $in;
}
`;
