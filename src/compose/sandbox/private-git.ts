import { createPrivateGit, type PrivateGit, type ReadInBox } from '../../adapters/git/private/private.ts';
import type { Settings } from '../../config/settings.ts';
import type { Log } from '../../engine/ports/records/log.ts';

export type { PrivateGit } from '../../adapters/git/private/private.ts';

/** The folders of git that workers in boxes have. `read`: left out, what makes a box is loaded with the first. */
export const composePrivateGit = (
  root: string,
  { worktrees, branchPrefix, git, limits }: Settings,
  log?: () => Log,
  read: ReadInBox = async (what) => (await import('../../adapters/process/box/reading.ts')).readInBox(what),
): PrivateGit =>
  createPrivateGit({
    ...{ root, dir: worktrees.dir, branchPrefix, filters: git.filters, gitTimeoutMs: () => limits.git },
    ...(log === undefined ? {} : { log }),
    read,
  });
