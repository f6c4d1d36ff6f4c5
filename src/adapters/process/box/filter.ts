/*
 * The system calls that a namespace does not hold, refused by the kernel itself: a filter in the machine language of seccomp, as bwrap takes it
 * from a file. Without it a process with no network has vsock, the keyring of the session it was started in, and io_uring.
 */

/** Numbers of system calls, and what the kernel calls the processor. */
interface Numbers {
  readonly audit: number;
  readonly socket: number;
  readonly socketpair: number;
  readonly ioctl: number;
  readonly clone: number;
  readonly unshare: number;
  readonly refused: readonly number[];
}

/** io_uring, clone3: "there is no such call", so that programs take the older way. */
const UNKNOWN_CALLS = [425, 426, 427, 435];
/** The newer calls about mounts, and pidfd_getfd: the same everywhere. */
const NEWER = [428, 429, 430, 431, 432, 433, 438, 442, 467];

const NUMBERS: Readonly<Record<string, Numbers>> = {
  x64: {
    audit: 0xc000003e,
    ...{ socket: 41, socketpair: 53, ioctl: 16, clone: 56, unshare: 272 },
    // mount umount2 pivot_root chroot bpf perf_event_open userfaultfd open_by_handle_at setns keys modules kexec reboot swap acct quotactl syslog
    refused: [165, 166, 155, 161, 321, 298, 323, 304, 308, 248, 249, 250, 175, 313, 176, 246, 320, 169, 167, 168, 163, 179, 443, 103],
  },
  arm64: {
    audit: 0xc00000b7,
    ...{ socket: 198, socketpair: 199, ioctl: 29, clone: 220, unshare: 97 },
    refused: [40, 39, 41, 51, 280, 241, 282, 265, 268, 217, 218, 219, 105, 273, 106, 104, 294, 142, 224, 225, 89, 60, 443, 116],
  },
};

const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];
/** unix, inet, inet6, netlink. */
const FAMILIES = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX type into the terminal of whoever shares it. */
const IOCTLS = [0x5412, 0x541c];
const NEW_USER = 0x1000_0000;
const NEW_MOUNTS = 0x0002_0000;
const X32 = 0x4000_0000;

type Step = readonly [code: number, yes: number, no: number, value: number];

const load = (at: number): Step => [0x20, 0, 0, at];
const answer = (value: number): Step => [0x06, 0, 0, value];
const refuse = (error: number): Step => answer(0x0005_0000 | error);
const ALLOW = answer(0x7fff_0000);
const [CALL, PROCESSOR, ARGUMENT, SECOND] = [0, 4, 16, 24];

/** Where the accumulator is `value`, the steps; else behind them. */
const when = (value: number, steps: readonly Step[]): readonly Step[] => [[0x15, 0, steps.length, value], ...steps];
/** Where it has one of the bits. */
const whenBits = (bits: number, steps: readonly Step[]): readonly Step[] => [[0x45, 0, steps.length, bits], ...steps];
/** Where it is none of the values. */
const unlessOneOf = (values: readonly number[], steps: readonly Step[]): readonly Step[] => [
  ...values.map((value, n): Step => [0x15, values.length - n - 1 + steps.length, 0, value]),
  ...steps,
];

/** `nested`: a program inside may make namespaces of its own, as a browser does for its own sandbox. Null: no numbers are known here. */
export function seccompFilter(processor: string, nested = false): Buffer | null {
  const numbers = NUMBERS[processor];
  if (numbers === undefined) return null;
  const { audit, socket, socketpair, ioctl, clone, unshare, refused } = numbers;
  const steps: Step[] = [
    load(PROCESSOR),
    [0x15, 1, 0, audit],
    refuse(ENOSYS),
    load(CALL),
    ...(processor === 'x64' ? ([[0x35, 0, 1, X32], refuse(ENOSYS)] satisfies Step[]) : []),
    ...[...UNKNOWN_CALLS].flatMap((call) => when(call, [refuse(ENOSYS)])),
    ...[...refused, ...NEWER].flatMap((call) => when(call, [refuse(EPERM)])),
    ...[socket, socketpair].flatMap((call) => when(call, [load(ARGUMENT), ...unlessOneOf(FAMILIES, [refuse(EAFNOSUPPORT)]), ALLOW])),
    ...when(ioctl, [load(SECOND), ...IOCTLS.flatMap((value) => when(value, [refuse(EPERM)])), ALLOW]),
    ...(nested
      ? []
      : [clone, unshare].flatMap((call) => when(call, [load(ARGUMENT), ...whenBits(NEW_USER | NEW_MOUNTS, [refuse(EPERM)]), ALLOW]))),
    ALLOW,
  ];
  const bytes = Buffer.alloc(steps.length * 8);
  for (const [n, [code, yes, no, value]] of steps.entries()) {
    bytes.writeUInt16LE(code, n * 8);
    bytes.writeUInt8(yes, n * 8 + 2);
    bytes.writeUInt8(no, n * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, n * 8 + 4);
  }
  return bytes;
}
