import { readdirSync, readFileSync } from 'node:fs';
import type { Attempt } from './attempt.ts';

const x64 = process.arch === 'x64';
const ROOT_ONLY = { rare: 'root alone may do it outside, and not in every container' };

/** System calls by their numbers on x64, with arguments that do nothing: what counts is who refuses. */
const CALLS: readonly (readonly [name: string, args: string, rare?: string])[] = [
  ['mount', '165 0 0 0 0 0'],
  ['umount2', '166 0 0'],
  ['pivot_root', '155 0 0'],
  ['setns', '308 -1 0', 'any'],
  ['bpf', '321 0 0 0'],
  ['perf_event_open', '298 0 0 -1 -1 0', 'any'],
  ['userfaultfd', '323 0'],
  ['open_by_handle_at', '304 -100 0 0'],
  ['add_key', '248 0 0 0 0', 'any'],
  ['request_key', '249 0 0 0 0', 'any'],
  ['keyctl', '250 0 -3 0', 'any'],
  ['io_uring_setup', '425 8 0', 'any'],
  ['open_tree', '428 -100 0 0', 'any'],
  ['move_mount', '429 -1 0 -1 0 0'],
  ['fsopen', '430 0 0'],
  ['fspick', '433 -100 0 0'],
  ['mount_setattr', '442 -1 0 0 0 0'],
  ['pidfd_getfd', '438 -1 0 0', 'any'],
  ['init_module', '175 0 0 0'],
  ['syslog', '103 10 0 0', 'any'],
  ['open_tree_attr', '467 -100 0 0 0 0', 'any'],
  ['swapon', '167 0 0'],
  ['kexec_load', '246 0 0 0 0'],
  ['kexec_file_load', '320 -1 -1 0 0 0'],
  ['finit_module', '313 -1 0 0'],
  ['delete_module', '176 0 0'],
  ['swapoff', '168 0'],
  ['reboot', '169 0 0 0 0'],
  ['quotactl', '179 0 0 0 0'],
  ['quotactl_fd', '443 -1 0 0 0', 'any'],
  ['io_uring_enter', '426 -1 0 0 0 0 0', 'any'],
  ['io_uring_register', '427 -1 0 0 0', 'any'],
  ['clone3', '435 0 0', 'any'],
  ['settimeofday', '164 0 0'],
  ['a socket of vsock by the numbers of x32', '0x40000029 40 1 0'],
  ['iopl', '172 3'],
  ['unshare a user namespace', '272 0x10000000', 'any'],
  ['unshare mounts', '272 0x20000'],
  ['unshare the network', '272 0x40000000'],
  ['type into a terminal (TIOCSTI)', '16 0 0x5412 0', 'any'],
  ['type into a terminal (TIOCLINUX)', '16 0 0x541c 0', 'any'],
  ['a socket of vsock', '41 40 1 0'],
  ['a socket of packets', '41 17 3 0'],
  ['a socket of the kernel’s ciphers', '41 38 5 0'],
  ['a socket of bluetooth', '41 31 3 0'],
  ['a raw socket', '41 2 3 1'],
  ['a pair of vsock', '53 40 1 0 0'],
];

const SAME_AGAIN = ['core_pattern', 'modprobe', 'randomize_va_space', 'perf_event_paranoid', 'hostname', 'sysrq'];

const PROC: readonly (readonly [string, string, Attempt['sign'], string?])[] = [
  ['the environment of others', 'cat /proc/[0-9]*/environ', 'says'],
  ['the command lines of others', 'cat /proc/[0-9]*/cmdline', 'says'],
  ['the folders of others', 'cat /proc/[0-9]*/cwd/secret.txt', 'says'],
  ['the open files of others', 'for f in /proc/[0-9]*/fd/9; do timeout 1 cat $f; done', 'says'],
  ['the root of others', 'cat /proc/[0-9]*/root"$T/secret.txt"', 'says'],
  ['this one’s environment', 'cat "/proc/$V/environ"', 'says'],
  [
    'this one’s memory',
    `/usr/bin/perl -e 'open M, "</proc/$ARGV[0]/maps"; while (<M>) { next unless /stack/; my ($a, $b) = /^(\\w+)-(\\w+)/; open F, "</proc/$ARGV[0]/mem"; sysseek F, hex $a, 0; sysread F, my $x, hex($b) - hex($a); print $x }' "$V"`,
    'says',
  ],
  ['ps', 'ps axe', 'says'],
  ['names of sockets', 'grep -c "$(basename "$SOCK")" /proc/net/unix | grep -q "^[1-9]" && echo GOT', 'gets'],
  ['who listens', 'cat /proc/net/tcp /proc/net/tcp6 | grep -qi ":$(printf %04X "$PORT") " && echo GOT', 'gets'],
  ['the kernel’s memory', 'head -c 4 /proc/kcore | grep -q ELF && echo GOT', 'gets', 'kcore'],
  ['the kernel’s addresses', 'grep -qv "^0000000000000000" /proc/kallsyms && echo GOT', 'gets', 'kallsyms'],
  [
    'what root alone reads of the machine',
    'cat /proc/slabinfo /proc/vmallocinfo /proc/timer_list /proc/pagetypeinfo 2>/dev/null | grep -q . && echo GOT',
    'gets',
    'root alone',
  ],
  ['the keys of all', 'cat /proc/keys /proc/key-users | grep -q . && echo GOT', 'gets', 'not in every kernel'],
  ['devices of the machine', 'ls /sys/class/net /sys/block | grep -qv "^lo$" && echo GOT', 'gets', 'sysfs'],
];

export const KERNEL: readonly Attempt[] = [
  ...(x64 ? CALLS : []).map(
    ([name, args, who]): Attempt => ({
      ...{ kind: 'calls', name, script: `call ${args}`, sign: 'gets' },
      ...(/bluetooth|cipher|vsock|userfault|kexec|io_uring|syslog|_attr|module|quotactl/.test(name)
        ? { rare: 'not in every kernel' }
        : who === 'any'
          ? {}
          : ROOT_ONLY),
    }),
  ),
  ...PROC.map(([name, script, sign, rare]): Attempt => ({ kind: '/proc', name, script, sign, ...(rare === undefined ? {} : { rare }) })),
  ...SAME_AGAIN.map(
    (name): Attempt => ({
      ...{ kind: '/proc', name: `set kernel.${name}`, sign: 'gets', rare: 'read-only in containers' },
      script: `v=$(cat /proc/sys/kernel/${name}) && echo "$v" >/proc/sys/kernel/${name} && echo GOT`,
    }),
  ),
  {
    kind: '/proc',
    name: 'what the kernel lets its owner set',
    script: 'for f in /proc/* /proc/fs/*; do [ -f "$f" ] && [ -w "$f" ] && echo GOT; done',
    sign: 'gets',
    ...ROOT_ONLY,
  },
  { kind: '/proc', name: 'any setting', script: 'find /proc/sys -writable -type f | grep -q . && echo GOT', sign: 'gets', ...ROOT_ONLY },
  ...[
    ['/dev/mem', 'head -c 1 /dev/mem >/dev/null && echo GOT'],
    ['/dev/kmsg', 'dd if=/dev/kmsg iflag=nonblock bs=8192 count=1 of=/dev/null && echo GOT'],
    ['a disk made anew', 'mknod "b$N" b 8 0 && echo GOT'],
    ['a character device made anew', 'mknod "c$N" c 1 1 && echo GOT'],
    ['loop devices', 'test -w /dev/loop-control && echo GOT'],
    ['/dev/fuse', 'test -w /dev/fuse && echo GOT'],
  ].map(
    ([name, script]): Attempt => ({
      kind: 'devices',
      name: name ?? '',
      script: script ?? '',
      sign: 'gets',
      rare: 'root’s, and not everywhere',
    }),
  ),
  {
    ...{ kind: 'devices', name: 'any but those that every program has', sign: 'gets', rare: 'not everywhere' },
    script:
      'find /dev -maxdepth 2 \\( -type b -o -type c \\) ! -name null ! -name zero ! -name full ! -name random ! -name urandom ! -name tty ! -name ptmx ! -name console ! -path "/dev/pts/*" | grep -q . && echo GOT',
  },
  {
    kind: 'devices',
    name: 'memory shared by number',
    script: `/usr/bin/perl -e 'shmread shmget($ARGV[0], 0, 0), $b, 0, 64 and print $b' "$KEY"`,
    sign: 'says',
  },
  {
    ...{ kind: 'devices', name: 'a queue shared by number', sign: 'says' },
    script: `/usr/bin/perl -e 'my $q = msgget $ARGV[0], 0; msgrcv $q, $b, 64, 0, 04000 and msgsnd $q, $b, 04000 and print $b' "$KEY"`,
  },
  { kind: 'devices', name: 'memory shared by name', script: 'cat /dev/shm/"$SHM"', sign: 'says' },
  ...[
    ['another owner of a file', 'touch "o$N"; chown 4242 "o$N" && echo GOT'],
    ['su', 'su -s /bin/sh -c "echo GOT" root </dev/null'],
    ['root by number', `/usr/bin/perl -e '$< = $> = 0; print "GOT" if $> == 0'`],
    ['chroot', 'chroot / /bin/true && echo GOT'],
    ['unshare --mount', 'unshare --mount true && echo GOT'],
    ['unshare --net', 'unshare --net true && echo GOT'],
    ['unshare --pid', 'unshare --pid --fork true && echo GOT'],
    ['nsenter', 'nsenter -t "$PPID" -n true && echo GOT'],
    ['more of the processor', 'renice -n "$(($(nice) - 1))" -p $$ && echo GOT'],
    ['a mount', 'mkdir -p "m$N"; unshare -m sh -c \'mount -t tmpfs none "$0" && echo GOT\' "m$N"'],
    ['capabilities', 'grep -q "^CapEff:.*[1-9a-f]" /proc/self/status && echo GOT'],
  ].map(([name, script]): Attempt => ({ kind: 'powers', name: name ?? '', script: script ?? '', sign: 'gets', ...ROOT_ONLY })),
  { kind: 'powers', name: 'a user namespace', script: 'unshare --user true && echo GOT', sign: 'gets', rare: 'refused by some systems' },
];

const ended: Attempt['sign'] = { does: (at, n) => !at.isWell(n) };
/** One that a box should have taken along: known by how long it wants to sleep. */
const isAsleep = (n: number): boolean => pids().some((pid) => commandOf(pid) === `sleep\0${90_000 + n}\0`);
const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
const pids = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** What a program may do to another by its number. */
const BY_NUMBER: readonly (readonly [name: string, args: string, rare?: string])[] = [
  ['a handle on it', '434 "$V" 0', 'needs a kernel of 2019'],
  ['what it may use', '302 "$V" 7 0 0'],
  ['how it is scheduled', '145 "$V"'],
  ['its share of the processor', '141 0 "$V" 5'],
  ['its share of the disk', '252 1 "$V"'],
  ['where its memory is', '279 "$V" 0 0 0 0 0', 'not in every kernel'],
  ['its session', '124 "$V"'],
  ['whether they share files', '312 "$V" "$V" 2 0 0', 'not in every kernel'],
];

/** In perl, with its number as an argument. */
const SIGNALS: Readonly<Record<string, string>> = {
  'to one of its threads': 'syscall 234, $ARGV[0] + 0, $ARGV[0] + 0, 9',
  'with a word': 'my $word = pack "i i i a116", 9, 0, -1, ""; syscall 129, $ARGV[0] + 0, 9, $word',
  'by a handle': 'my $h = syscall 434, $ARGV[0] + 0, 0; syscall 424, $h, 9, 0, 0 if $h >= 0',
  'by a file whose owner it is made':
    'use Fcntl; pipe R, W; fcntl R, 8, $ARGV[0] + 0; fcntl R, 10, 9; fcntl R, F_SETFL, O_ASYNC | O_NONBLOCK; syswrite W, "x"; select undef, undef, undef, 0.2',
};

const IN_MEMORY = `my $f = $ARGV[0]; open M, "</proc/$f/maps" or exit; while (<M>) { next unless /stack/; my ($a, $b) = map { hex } /^(\\w+)-(\\w+)/; my $n = $b - $a; my $to = "\\0" x $n;
  my $mine = pack "Q Q", unpack("Q", pack "P", $to), $n; my $its = pack "Q Q", $a, $n; syscall 310, $f + 0, $mine, 1, $its, 1, 0; print $to }`;

export const PROCESSES: readonly Attempt[] = [
  ...(x64 ? BY_NUMBER : []).map(
    ([what, args, rare]): Attempt => ({
      ...{ kind: 'processes', name: `another’s, by its number: ${what}`, script: `did ${args}`, sign: 'gets' },
      ...(rare === undefined ? {} : { rare }),
    }),
  ),
  ...(x64 ? Object.entries(SIGNALS) : []).map(
    ([how, script]): Attempt => ({ kind: 'processes', name: `a signal ${how}`, script: `/usr/bin/perl -e '${script}' "$V"`, sign: ended }),
  ),
  ...(x64
    ? [{ kind: 'processes', name: 'its memory by process_vm_readv', script: `/usr/bin/perl -e '${IN_MEMORY}' "$V"`, sign: 'says' } as const]
    : []),
  ...['TERM', 'KILL', 'STOP', 'INT', 'USR1'].flatMap((signal): Attempt[] => [
    { kind: 'processes', name: `SIG${signal}`, script: `kill -${signal} "$V"`, sign: ended },
    { kind: 'processes', name: `SIG${signal} to its group`, script: `/usr/bin/perl -e 'kill "-${signal}", $ARGV[0]' "$V"`, sign: ended },
  ]),
  { kind: 'processes', name: 'pkill by its command', script: 'pkill -f "victim-$N\\$"', sign: ended, rare: 'needs pkill' },
  ...(x64 ? [{ kind: 'processes', name: 'ptrace', script: 'kill -0 "$V" && call 101 16 "$V" 0 0', sign: 'gets' } as const] : []),
  ...['nohup', 'setsid', 'setsid nohup'].map(
    (how): Attempt => ({
      ...{
        kind: 'processes',
        name: `one left behind by ${how}`,
        script: `${how} sleep $((90000 + N)) </dev/null >/dev/null 2>&1 & echo left`,
      },
      sign: { does: (_, n) => isAsleep(n) },
    }),
  ),
];
