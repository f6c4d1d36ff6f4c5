import type { AskProgram } from '../../adapters/machine/ask-program.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { about, type Finding } from '../finding/finding.ts';

/** The oldest git that is known to do: worktrees are made and repaired with what came until then. */
const GIT_NEEDED = [2, 30] as const;

/** git is there and recent enough. */
export async function checkGit(ask: AskProgram, path: string): Promise<readonly Finding[]> {
  const { ok, bad, warn, unknown } = about('git', 'Worktrees, branches and saved work are git’s.');
  const answer = await ask('git', ['--version'], { env: { PATH: path, LC_ALL: 'C' } });
  if (answer.kind === 'late') return [unknown(`git --version did not answer within ${answer.ms / 1000} s`)];
  if (answer.kind === 'not started') return [bad(`git cannot be started: ${answer.why} on PATH ${path}`, 'apt install git')];
  const { version, major, minor } = /(?<!\d)(?<version>(?<major>\d+)\.(?<minor>\d+)\S*)/.exec(answer.out)?.groups ?? {};
  if (answer.code !== 0 || version === undefined) return [unknown(`git --version says: ${firstLine(answer.out + answer.err)}`)];
  const isOld = Number(major) < GIT_NEEDED[0] || (Number(major) === GIT_NEEDED[0] && Number(minor) < GIT_NEEDED[1]);
  return [
    isOld
      ? warn(`git ${version} is older than ${GIT_NEEDED.join('.')}`, 'apt install git (or a newer one from git-scm.com)')
      : ok(`git ${version}`),
  ];
}

/** `found`: the version of the Node that runs this. */
export function checkNode(found: string, hasSqlite: boolean): readonly Finding[] {
  const { ok, bad } = about('node', 'The store is Node’s own SQLite, and sources run as they are from 22.18.');
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const isOld = major < 22 || (major === 22 && minor < 18);
  if (isOld)
    return [bad(`Node ${found} is older than 22.18`, 'install Node 24 (https://nodejs.org), or tac8 with its optional dependencies')];
  if (!hasSqlite) return [bad(`Node ${found} was built without SQLite`, 'install a Node from https://nodejs.org')];
  return [ok(`Node ${found}`)];
}

/** What holds a worker's processes together; `look` tries it for real and throws where no run could start. */
export function checkContainment(look: () => { readonly kind: 'cgroup' | 'pidns' | 'sweep'; readonly why: string }): readonly Finding[] {
  const { ok, warn, bad } = about('containment', 'A stop has to reach every process that a worker started, even one that hides.');
  const words = { cgroup: 'a cgroup for each run', pidns: 'a PID namespace for each run', sweep: 'a search by environment marker' };
  try {
    const { kind, why } = look();
    const says = `${words[kind]}: ${why}`;
    if (kind !== 'sweep') return [ok(says)];
    return [warn(says, 'run tac8 as a service (`tac8 service install`: systemd delegates a cgroup to it), or allow user namespaces')];
  } catch (error) {
    return [bad(messageOf(error), 'apt install util-linux coreutils')];
  }
}

/** Whether two files can change places in one step. */
export async function checkExchange(
  probe: () => Promise<{ readonly lossless: boolean; readonly message: string }>,
): Promise<readonly Finding[]> {
  const { ok, warn } = about('board-exchange', 'tasks.md is written by tac8 and by people at the same time.');
  const { lossless, message } = await probe();
  return [lossless ? ok(message) : warn(message, 'apt install perl-base; keep the repository on a local disk (ext4, xfs, btrfs)')];
}

/** Whether the daemon can tell a person who gives a command from a worker who does. */
export function checkPersons(canTell: boolean): readonly Finding[] {
  const { ok, warn } = about('persons', 'Only a person may resume, answer and approve: nobody else’s word may count.');
  if (canTell) return [ok('the daemon asks the kernel who gives a command')];
  const says = 'the daemon cannot tell who gives a command: what a worker without a sandbox writes into the database counts like yours';
  return [
    warn(says, process.platform === 'linux' ? 'apt install perl-base' : 'Only Linux tells; run workers in a sandbox of another kind.'),
  ];
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 200) ?? '';
