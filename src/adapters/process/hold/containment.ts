import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { isProgram } from '../child/programs.ts';
import { readProc } from '../proc/proc.ts';
import { chooseBase, findMount } from './cgroup.ts';
import { groupOf } from './strays.ts';

export type ContainmentKind = 'cgroup' | 'pidns' | 'sweep';

/** How runs started from now on are held together, and why so. */
export interface Containment {
  readonly kind: ContainmentKind;
  readonly why: string;
  /** The directory that a run's cgroup is made in. */
  readonly cgroupBase: string | null;
  /** Null where a run's memory can be limited, else why not. */
  readonly memory: string | null;
  /** The words that make the program after them a subreaper, which is given all orphans of a run; null where that is not possible. */
  readonly subreaper: readonly string[] | null;
  /** Where a run's cgroups are mounted: it can be given a view of its own there, which shows its own alone. Null: not possible here. */
  readonly cgroupMount: string | null;
  /** Options of `unshare` besides the common ones, for a user who is not root. */
  readonly userns: string;
}

/** The programs of the machine that a run's parent needs, as absolute paths. */
export interface Tools {
  readonly sh: string;
  readonly setsid: string;
  readonly unshare: string | null;
  readonly mount: string | null;
  /** What gives SIGINT and SIGQUIT back their meaning for the agent. */
  readonly reset: { readonly kind: 'env' | 'perl'; readonly path: string } | { readonly kind: 'none'; readonly path: '' };
}

export const TOOL_PATH = [
  ...new Set(['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', ...(process.env.PATH ?? '').split(':')]),
]
  .filter((dir) => dir.startsWith('/'))
  .join(':');

/** Throws a terminal PortError when the machine lacks what no run can do without. */
export function findTools(): Tools {
  const setsid = find('setsid');
  if (setsid === null || find('mkfifo') === null) {
    throw new PortError('terminal', `no ${setsid === null ? 'setsid' : 'mkfifo'} in ${TOOL_PATH}`, {
      hint: 'Install util-linux and coreutils (or busybox).',
    });
  }
  return { sh: '/bin/sh', setsid, unshare: find('unshare'), mount: find('mount'), reset: findReset() };
}

const NO_CGROUP = 'there is no cgroup for each run';

/** Tries each kind for real and takes the best one that works, or exactly the one asked for. */
export function chooseContainment(asked: ContainmentKind | 'auto', runsDir: string, tools: Tools): Containment {
  const refusals: string[] = [];
  const subreaper = findSubreaper();
  if (asked === 'cgroup' || asked === 'auto') {
    const base = chooseBase(groupOf(runsDir));
    if (base.path !== null) {
      const held = { kind: 'cgroup', why: base.why, cgroupBase: base.path, memory: base.memory } as const;
      return { ...held, subreaper, cgroupMount: findCgroupMount(tools, dirname(base.path)), userns: '' };
    }
    refusals.push(base.why);
  }
  if (asked === 'pidns' || asked === 'auto') {
    const userns = process.getuid?.() === 0 ? '' : '--user --map-root-user';
    const refusal = tryNamespace(tools, userns);
    if (refusal === null)
      return {
        kind: 'pidns',
        why: [...refusals, 'PID namespaces work'].join('; '),
        cgroupBase: null,
        memory: NO_CGROUP,
        subreaper,
        cgroupMount: null,
        userns,
      };
    refusals.push(refusal);
  }
  if (asked === 'sweep' || asked === 'auto') {
    refusals.push(subreaper === null ? 'a process that hides before tac8 sees it is not found' : 'orphans are kept by their parent');
    return { kind: 'sweep', why: refusals.join('; '), cgroupBase: null, memory: NO_CGROUP, subreaper, cgroupMount: null, userns: '' };
  }
  throw new PortError('terminal', `containment ${asked} does not work here: ${refusals.join('; ')}`, { hint: 'Use containment auto.' });
}

/**
 * A process that sees no other cgroup than that of its run can move to no other, and change nobody's limits. Tried for real: root may.
 * An ordinary user would need a user namespace for it, in which `sudo` and the like no longer work; theirs are found by the subreaper.
 */
function findCgroupMount({ unshare, mount, sh }: Tools, some: string): string | null {
  const point = findMount(readProc('/proc/self/mountinfo') ?? '')?.point;
  if (unshare === null || mount === null || point === undefined || process.getuid?.() !== 0) return null;
  const argv = [...OWN_CGROUPS, sh, '-c', OWN_CGROUPS_SCRIPT, mount, some, point, sh, '-c', 'test -e "$0/cgroup.procs"', point];
  return spawnSync(unshare, argv, { timeout: 5000, env: { PATH: TOOL_PATH } }).status === 0 ? point : null;
}

/** What the host mounts later is seen inside, too. */
export const OWN_CGROUPS = ['--cgroup', '--mount', '--propagation', 'slave', '--'] as const;
/** The program to mount with, the run's own cgroup, where all of them are, then what is become. */
export const OWN_CGROUPS_SCRIPT = '"$0" --bind "$1" "$2" || exit 125; shift 2; exec "$@"';

function tryNamespace(tools: Tools, userns: string): string | null {
  if (tools.unshare === null) return 'there is no unshare program';
  const options = ['--mount', '--pid', '--fork', '--kill-child', ...userns.split(' ').filter(Boolean), '--'];
  const back =
    userns === '' ? [] : [tools.unshare, '--user', `--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`, '--'];
  const script = 'mount -t proc proc /proc && "$@"';
  const tried = spawnSync(
    tools.unshare,
    [...options, tools.sh, '-c', script, 'sh', ...back, tools.sh, '-c', 'read -r x </proc/self/stat'],
    {
      timeout: 5000,
      encoding: 'utf8',
      env: { PATH: TOOL_PATH },
    },
  );
  return tried.status === 0 ? null : `PID namespaces are refused: ${(tried.stderr || String(tried.error ?? tried.status)).trim()}`;
}

function findReset(): Tools['reset'] {
  const env = find('env');
  if (env !== null && spawnSync(env, ['--default-signal=INT,QUIT', 'true'], { timeout: 5000, env: { PATH: TOOL_PATH } }).status === 0) {
    return { kind: 'env', path: env };
  }
  const perl = find('perl');
  return perl === null ? { kind: 'none', path: '' } : { kind: 'perl', path: perl };
}

/** The number of the system call prctl, which no shell can make and perl can. */
const PRCTL: Readonly<Record<string, number>> = {
  x64: 157,
  arm64: 167,
  arm: 172,
  ia32: 172,
  riscv64: 167,
  loong64: 167,
  ppc64: 171,
  s390x: 172,
};

function findSubreaper(): readonly string[] | null {
  const [perl, call] = [find('perl'), PRCTL[process.arch]];
  if (perl === null || call === undefined) return null;
  const program = `syscall(${call}, 36, 1, 0, 0, 0) == 0 or $ARGV[0] ne "true" or exit 1; exec @ARGV`;
  const words = [perl, '-e', program];
  return spawnSync(perl, ['-e', program, 'true'], { timeout: 5000, env: { PATH: TOOL_PATH } }).status === 0 ? words : null;
}

function find(name: string): string | null {
  return (
    TOOL_PATH.split(':')
      .map((dir) => join(dir, name))
      .find(isProgram) ?? null
  );
}
