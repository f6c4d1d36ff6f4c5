import type { Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { locate } from '../repository/source.ts';
import { commitTree, type SaveParts } from './save.ts';
import { takeSnapshot } from './snapshot.ts';

/**
 * Commits everything in the worktree (tracked, untracked and not ignored; not repositories inside) onto the task's branch.
 * Without hooks, editor or signing, whatever is staged. Null: nothing to commit. Throws a terminal PortError when HEAD is not on
 * the branch: mend first. A crash between the commit and the index leaves an old index; the next call brings it up to date.
 */
export async function commitWip(parts: SaveParts, task: Task, message: string): Promise<string | null> {
  const { git, repository, places } = parts;
  const source = await locate(repository, places.tree(task.id), task);
  if (source === null || source.tree === null || source.record === null) return null;
  const ref = `refs/heads/${task.branch}`;
  if (source.record.branch !== ref) {
    throw new PortError('terminal', `${source.tree} has ${source.record.branch ?? 'a detached HEAD'} checked out, not ${task.branch}`, {
      hint: `Check ${task.branch} out in it.`,
    });
  }
  const call = { cwd: source.tree, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: source.tree } };
  const { code, stdout } = await git(['rev-parse', '--quiet', 'HEAD', 'HEAD^{tree}'], { ...call, codes: [0, 1, 128] });
  const [head = null, headTree = null] = code === 0 ? stdout.trim().split('\n') : [];
  const options = {
    scratch: places.scratch,
    saveGlobs: [],
    embedded: 'leave out',
    commonDir: repository.commonDir,
    timeoutMs: parts.timeoutMs(),
    kept: parts.kept,
    head: headTree,
  } as const;
  const { tree, incomplete } = await takeSnapshot(git, source, options);
  if (incomplete !== null) parts.log.warn('not everything could be committed', { task: task.id, because: incomplete });
  const commit = tree === headTree ? null : await commitTree(git, repository, tree, head === null ? [] : [head], message);
  if (commit !== null) {
    const subject = message.split('\n')[0] ?? '';
    await git(['update-ref', '-m', `commit: ${subject}`, ref, commit, head ?? '0'.repeat(commit.length)], call);
  }
  // Without this an old index would look like staged reversals of the new commit.
  if (commit !== null || head !== null) await git(['read-tree', '--reset', 'HEAD'], call);
  await git(['update-index', '-q', '--refresh'], { ...call, codes: [0, 1] });
  return commit;
}
