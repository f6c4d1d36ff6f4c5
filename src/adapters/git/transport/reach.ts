import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import { createGit } from '../call/git.ts';
import { openRepository, utf8 } from '../repository/repository.ts';
import type { Login } from './access.ts';
import type { Address } from './address.ts';
import type { RemoteMemory } from './memory.ts';
import { createRemote } from './remote.ts';

export interface ReachOptions {
  readonly root: string;
  readonly name: string | null;
  readonly memory: RemoteMemory;
  readonly login?: Login;
  readonly branchPrefix: string;
  /** Null: the remote's default branch. */
  readonly baseBranch: string | null;
  readonly timeoutMs: number;
}

/** What each way said: null: git gets through. */
export interface Reached {
  readonly address: Address;
  readonly fetch: PortError | null;
  /** Whether the base branch is there; null: it did not say. */
  readonly base: boolean | null;
  readonly push: PortError | null;
}

const IDENTITY = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
  [`GIT_${who}_NAME`, 'tac8'] as const,
  [`GIT_${who}_EMAIL`, 'tac8@localhost'] as const,
  [`GIT_${who}_DATE`, '2000-01-01T00:00:00Z'] as const,
]);

/**
 * Asks the remote as the daemon will: lists what it has, and begins a push that ends before anything is sent. Nothing is written, neither here nor
 * there. Null: there is no remote.
 */
export async function reachRemote(options: ReachOptions, signal: AbortSignal): Promise<Reached | null> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tac8-reach-'));
  try {
    const timeoutMs = (): number => options.timeoutMs;
    const git = createGit({ cwd: options.root, stateDir, timeoutMs });
    const { name, memory, login } = options;
    const asked = { name, memory, stateDir, timeoutMs, useUserGitConfig: true, ...(login === undefined ? {} : { login }) };
    const remote = createRemote(git, await openRepository(git, options.root), asked);
    const address = await remote.address();
    if (address === null) return null;
    let base: boolean | null = null;
    const wanted = options.baseBranch === null ? 'HEAD' : `refs/heads/${options.baseBranch}`;
    const fetch = await whyNot(
      remote.alone('fetch', signal, async (ask, from) => {
        const { stdout } = await ask(['ls-remote', '--quiet', '--', from, wanted]);
        base = utf8(stdout)
          .split('\n')
          .some((line) => line.split('\t')[1] === wanted);
      }),
    );
    const push = await whyNot(
      remote.alone('push', signal, async (ask, to) => {
        const tree = (await ask(['hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
        const commit = (await ask(['commit-tree', '-m', 'For nobody', tree], { env: Object.fromEntries(IDENTITY) })).stdout.trim();
        const plain = ['--dry-run', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
        await ask(['push', ...plain, '--', to, `${commit}:refs/heads/${options.branchPrefix}${commit}`]);
      }),
    );
    return { address, fetch, base, push };
  } finally {
    await removeFolder(stateDir);
  }
}

async function whyNot(trying: Promise<unknown>): Promise<PortError | null> {
  try {
    await trying;
    return null;
  } catch (error) {
    if (error instanceof PortError) return error;
    throw error;
  }
}
