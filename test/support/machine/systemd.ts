import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { type Ended, startProgram, until } from '../world/program.ts';

/** A real systemd of the person's kind (`systemd --user`), in a PID namespace and a cgroup of its own. */
export interface UserSystemd {
  /** Runs a program beside it, in the folder `/`, so that `systemctl --user` finds it. */
  run(argv: readonly [string, ...string[]]): Promise<Ended>;
}

const SYSTEMD = ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'].find((path) => existsSync(path));

/** Moves itself into the cgroups, hides the machine's /run, and starts systemd; $1: the cgroup's name, $2: systemd. */
const BEGIN = `set -e
for mount in $(awk '$3 == "cgroup2" || ($3 == "cgroup" && $4 ~ /name=systemd/) { print $2 }' /proc/mounts); do
  mkdir -p "$mount/$1" && echo $$ >"$mount/$1/cgroup.procs"
done
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
# Not by exec: as the first process it would take itself for the machine's.
"$2" --user --log-target=console --unit=basic.target
exit $?
`;

/**
 * Null, and why, where this machine does not let one run: no systemd, no root, no cgroups to write to. Everything in it is gone after the
 * test. `env`: the whole environment of everything in it; `dir`: a short path for its sockets.
 */
export async function userSystemd(
  context: Pick<TestContext, 'onTestFinished'>,
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<UserSystemd | string> {
  if (SYSTEMD === undefined) return 'systemd is not installed';
  if (process.getuid?.() !== 0) return 'only root can make the namespace';
  const group = `tac8-test-${process.pid}`;
  mkdirSync(dir, { mode: 0o700 });
  const own = { ...env, XDG_RUNTIME_DIR: dir };
  const words = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '/bin/sh', '-c', BEGIN, 'sh', group, SYSTEMD];
  const program = startProgram(['/usr/bin/unshare', ...words], { cwd: dir, env: own });
  context.onTestFinished(async () => {
    if (program.isRunning()) await program.end('SIGKILL');
    await until('the end of the cgroups', () => removeGroups(group), { every: 100 });
  }, 40_000);

  const run: UserSystemd['run'] = async (argv) => {
    const pid = childOf(program.pid);
    if (pid === null) throw new Error(`systemd has ended: ${program.out()}${program.err()}`);
    return startProgram(['/usr/bin/nsenter', '-t', String(pid), '-m', '-p', '--', ...argv], { cwd: dir, env: own }).ended;
  };
  const answers = async (): Promise<boolean> => {
    if (!program.isRunning()) return true;
    if (childOf(program.pid) === null || !existsSync(join(dir, 'systemd/private'))) return false;
    return (await run(['systemctl', '--user', 'show', '--property=Version'])).code === 0;
  };
  await until('an answer of systemd', answers, { every: 100, why: program.err });
  return program.isRunning() ? { run } : `systemd does not run here: ${(await program.ended).err.trim().split('\n').at(-1) ?? ''}`;
}

/** The one that unshare started. */
function childOf(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]) || null;
  } catch {
    return null; // it has ended
  }
}

/** True when none is left. One that still holds a process stays for the next try. */
function removeGroups(group: string): boolean {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type, options]) => type === 'cgroup2' || (type === 'cgroup' && options?.includes('name=systemd')))
    .map(([, point = '']) => join(point, group));
  return mounts.map(removeGroup).every(Boolean);
}

function removeGroup(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(path, entry.name));
    rmdirSync(path);
  } catch {
    return !existsSync(path); // busy, or removed meanwhile
  }
  return true;
}
