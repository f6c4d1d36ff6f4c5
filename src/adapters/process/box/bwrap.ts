import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Box } from '../../../engine/ports/machine/box.ts';
import { isProgram } from '../child/programs.ts';
import { BRIDGE_SCRIPT } from './bridge.ts';
import { seccompFilter } from './filter.ts';
import { EGRESS_INSIDE, MADE, madeFiles, systemOf, systemWords, userInside, viewWords } from './view.ts';

const PLACES = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'];

/** Never one that a worker could have put on the PATH. */
export const findBwrap = (): string | null => PLACES.find(isProgram) ?? null;

/** Namespaces of its own for all that has some, no power over any, and a terminal of nobody's. Never without a user namespace: as root, bwrap would leave it root's powers. */
export function wallWords({ nested }: Pick<Box, 'nested'>, inTerminal: boolean): readonly string[] {
  const { uid, gid } = userInside();
  return [
    ...['--unshare-user', '--uid', String(uid), '--gid', String(gid)],
    ...['--unshare-pid', '--as-pid-1', '--unshare-ipc', '--unshare-uts', '--hostname', 'box', '--unshare-cgroup-try', '--unshare-net'],
    ...(nested ? [] : ['--disable-userns']),
    ...['--cap-drop', 'ALL'],
    ...(inTerminal ? ['--die-with-parent'] : ['--new-session']),
  ];
}

/** `inTerminal`: it stays at the person's terminal, and ends with this process. Writes into the run's folder what bwrap is told: options of its own go by a file, so that `ps` shows none of them. */
export function writeBox(folder: string, box: Box, inTerminal = false): void {
  const words = [...wallWords(box, inTerminal), ...viewWords(box, folder)];
  if (box.egress !== null) words.splice(words.length - 2, 0, '--ro-bind', box.egress, EGRESS_INSIDE);
  words.push('--chdir', folder);
  const wrong = words.find((word) => word.includes('\0'));
  if (wrong !== undefined) throw new PortError('terminal', `a path holds a NUL character: ${JSON.stringify(wrong)}`);
  const made = madeFiles(box.home);
  for (const name of MADE) writeFileSync(join(folder, `etc-${name}`), made[name], { mode: 0o644 });
  if (box.egress !== null) writeFileSync(join(folder, 'bridge'), BRIDGE_SCRIPT, { mode: 0o600 });
  writeFileSync(join(folder, 'filter'), filterFor(box), { mode: 0o600 });
  writeFileSync(join(folder, 'box'), words.map((word) => `${word}\0`).join(''), { mode: 0o600 });
}

function filterFor({ nested }: Pick<Box, 'nested'>): Buffer {
  const filter = seccompFilter(process.arch, nested);
  if (filter !== null) return filter;
  throw new PortError('terminal', `the sandbox does not start: tac8 knows no system calls of ${process.arch}`);
}

const TRY_LIMIT = 10_000;
const LACKS = 77;
/** `$0`: who it is to be. */
const TRIAL = `for one; do [ -x "$one" ] || { echo "$one"; exit ${LACKS}; }; done
/usr/bin/perl -e 'exit($> == shift() ? 0 : 1)' "$0" && [ ! -e /etc/shadow ] && read -r x </proc/self/stat`;
const NAMES: Readonly<Record<string, string>> = { darwin: 'macOS', win32: 'Windows' };

/** What every box runs besides its agent. */
const RUN = ['/bin/sh', '/usr/bin/env', '/usr/bin/perl', '/usr/bin/setsid', '/usr/bin/git'];

/** Why no box can be made here, in one sentence; null: it works. Tried for real, with every wall. `system`: the folder with the files that stand in the place of this machine's. */
export function whyNoBox(system?: string, platform: NodeJS.Platform = process.platform): string | null {
  if (platform !== 'linux') return `bubblewrap needs Linux, and this is ${NAMES[platform] ?? platform}`;
  const bwrap = findBwrap();
  if (bwrap === null) return 'bubblewrap is not installed (Debian and Ubuntu: apt-get install bubblewrap)';
  const filter = seccompFilter(process.arch);
  if (filter === null) return `tac8 knows no system calls of ${process.arch}`;
  const { uid } = userInside();
  const words = [
    ...wallWords({ nested: false }, false),
    ...(system === undefined ? systemWords() : systemOf(system, ['/etc/shadow'])),
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/', '--seccomp', '0'],
    ...['--', '/bin/sh', '-c', TRIAL, String(uid), ...RUN],
  ];
  // The filter comes by stdin.
  const tried = spawnSync(bwrap, words, { input: filter, timeout: TRY_LIMIT, encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  if (tried.status === 0) return null;
  if (tried.status === LACKS)
    return `${system === undefined ? 'this machine' : 'the image'} lacks ${tried.stdout.trim()}, which every worker needs`;
  const said = (tried.stderr || String(tried.error ?? `exit code ${tried.status}`)).trim().split('\n').at(-1) ?? '';
  return `bubblewrap makes no sandbox here: ${said}${advice(said)}`;
}

/** What grants it, where that is known. */
function advice(said: string): string {
  if (/uid map|user namespace|new namespace|Operation not permitted|No permissions|EPERM/i.test(said))
    return ' (this system refuses user namespaces: on Ubuntu an AppArmor profile for bwrap lifts that, in a container the runtime must allow them)';
  return '';
}
