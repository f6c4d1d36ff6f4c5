import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import { isProgram } from '../child/programs.ts';
import { readStat } from '../proc/proc.ts';

const NSENTER = ['/usr/bin/nsenter', '/bin/nsenter'];

/** Joins the worker's network for one connection, and nothing of it but that: the program is this machine's own, and the worker does not see it. */
const SCRIPT = `use strict; use IO::Socket::INET; use IO::Select;
my $to = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ARGV[0], Timeout => 10) or exit 1;
syswrite STDOUT, 'y';
my $both = IO::Select->new(\\*STDIN, $to);
while ($both->count) {
  for my $from ($both->can_read) {
    my $isOurs = $from != $to;
    my $n = sysread $from, my $bytes, 65536;
    if (!$n) { exit 0 unless $isOurs and defined $n; $both->remove($from); shutdown $to, 1; next; }
    for (my $at = 0; $at < $n;) { my $w = syswrite $isOurs ? $to : \\*STDOUT, $bytes, $n - $at, $at; exit 0 unless $w; $at += $w; }
  }
}`;

/** A connection to a port on the loopback that a process has; null: nothing answers there. A process without a network of its own has this machine's. */
export async function dialInside({ pid, startTime }: ProcessIdentity, port: number): Promise<Duplex | null> {
  if (readStat(pid)?.startTime !== startTime) return null;
  const network = readlinkSync(`/proc/${pid}/ns/net`);
  if (network === readlinkSync('/proc/self/ns/net')) return dialHere(port);
  const nsenter = NSENTER.find(isProgram);
  if (nsenter === undefined) throw new Error('there is no nsenter here (Debian and Ubuntu: apt-get install util-linux)');
  const as = ['--target', String(pid), '--user', '--net', '--preserve-credentials'];
  const child = spawn(nsenter, [...as, '/usr/bin/perl', '-e', SCRIPT, String(port)], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const joined = Duplex.from({ writable: child.stdin, readable: child.stdout });
  joined.on('error', () => undefined);
  joined.on('close', () => child.kill('SIGKILL'));
  // Its first byte says that somebody listens.
  const first = await new Promise<Buffer | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.stdout.once('end', () => resolve(null));
    child.stdout.once('readable', () => resolve(child.stdout.read(1) as Buffer | null));
  });
  if (first !== null) return joined;
  joined.destroy();
  return null;
}

const dialHere = (port: number): Promise<Duplex | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
