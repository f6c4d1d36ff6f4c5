import { hostname } from 'node:os';
import { isTaskId, type TaskId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { ClaimChange, ClaimPushed, Claims } from '../../../engine/ports/repository/claims.ts';
import { cloneOf } from '../../../files/clone.ts';
import type { GitOutput } from '../call/git.ts';
import { sortGitFailure } from '../call/sort-failure.ts';
import { bytes, type Repository, utf8 } from '../repository/repository.ts';
import type { Remote } from './remote.ts';

/*
 * A claim is a commit without files under a ref of its own at the remote. Nothing of it comes into the repository here: it is made, sent and
 * read in a repository that lasts for one call.
 */

const BELOW = 'refs/tac8/claim/';
const refOf = (task: TaskId): string => `${BELOW}${task}`;
const AUTHOR = ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_NAME`, 'tac8', `GIT_${who}_EMAIL`, 'tac8@localhost'] as const);
const IDENTITY = Object.fromEntries(AUTHOR.flatMap(([name, is, email, at]) => [[name, is] as const, [email, at] as const]));

/** So many are read in one call. */
const READ_AT_ONCE = 200;

export function createClaims(repository: () => Promise<Repository>, remote: () => Promise<Remote>): Claims {
  return {
    whoami: async () => ({ owner: await cloneOf((await repository()).commonDir), machine: hostname() }),
    push: async (changes, text, signal) =>
      (await remote()).alone('push', signal, async (git, to) => {
        const tree = (await git(['hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
        const id = (await git(['commit-tree', tree], { input: bytes(text), env: IDENTITY })).stdout.trim();
        const leases = changes.map(({ task, from }) => `--force-with-lease=${refOf(task)}:${from ?? ''}`);
        const specs = changes.map(({ task, to: what }) => `${what === 'claim' ? id : ''}:${refOf(task)}`);
        const args = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', ...leases];
        return { id, of: told(changes, await git([...args, '--', to, ...specs], { codes: [0, 1] })) };
      }),
    read: async (tasks, signal) =>
      (await remote()).alone('fetch', signal, async (git, from) => {
        const wanted = tasks.slice(0, READ_AT_ONCE).map(refOf);
        const { stdout } = await git(['ls-remote', '--', from, 'HEAD', ...wanted]);
        // git takes any page for a list without refs; a repository in which issues are worked on has some.
        if (stdout.trim() === '' && (await git(['ls-remote', '--', from, 'refs/heads/*'])).stdout.trim() === '')
          throw new PortError('retryable', 'the remote tells no refs at all', { hint: 'tac8 asks again.' });
        const there = [...utf8(stdout).matchAll(/^([0-9a-f]{40,64})\t(\S+)$/gm)].flatMap(([, id = '', ref = '']) => {
          const task = ref.slice(BELOW.length);
          return wanted.includes(ref) && isTaskId(task) ? [{ task, id, ref }] : [];
        });
        if (there.length === 0) return new Map();
        const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];
        await git(['fetch', ...quiet, '--', from, ...there.map(({ ref }) => `+${ref}:${ref}`)]);
        const found = new Map<TaskId, { readonly id: string; readonly text: string }>();
        for (const { task, id } of there) {
          const { code, stdout: said } = await git(['cat-file', 'commit', refOf(task)], { codes: [0, 1, 128] });
          found.set(task, { id, text: code === 0 ? utf8(said) : '' });
        }
        return found;
      }),
  };
}

/** Another was faster between the look and the change: the remote says so in its own words. */
const FASTER = /failed to update|cannot lock|lock ref|already exists|incorrect old value|stale info|fetch first/i;

/** What the remote said of each. */
function told(changes: readonly ClaimChange[], { code, stdout, stderr }: GitOutput): ReadonlyMap<TaskId, ClaimPushed> {
  const of = new Map<TaskId, ClaimPushed>();
  for (const [, flag = '', ref = '', words = ''] of utf8(stdout).matchAll(/^([ +\-*=!])\t[^:\t]*:(\S+)\t(.*)$/gm)) {
    const task = ref.slice(BELOW.length);
    if (!ref.startsWith(BELOW) || !isTaskId(task)) continue;
    of.set(task, flag !== '!' ? 'done' : FASTER.test(words) ? 'other' : { refused: words });
  }
  if (changes.every(({ task }) => of.has(task))) return of;
  if (code !== 0) throw sortGitFailure(['push'], { code, stdout, stderr });
  throw new PortError('unknown', 'the remote did not say what became of a claim');
}
