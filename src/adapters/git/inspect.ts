import { join } from 'node:path';
import type { Inspection } from '../../core/run.ts';
import type { Task } from '../../core/task.ts';
import { PortError } from '../../engine/ports.ts';
import { kindOf, readSign } from './files.ts';
import type { Git } from './git.ts';
import { type Repository, readRef } from './repository.ts';

/**
 * The task's branch, its tree and its question, as they are now. Commits: those of the branch that neither `baseCommit` nor
 * the base branch (`baseRefs`, full names; missing ones are left out) has. Throws where git cannot tell.
 */
export async function inspectTree(
  git: Git,
  repository: Repository,
  tree: string,
  task: Task,
  baseCommit: string,
  baseRefs: readonly string[],
): Promise<Inspection> {
  const [head, dirty, question] = await Promise.all([
    readRef(git, repository, `refs/heads/${task.branch}`),
    isDirty(git, tree),
    readSign(join(tree, 'BLOCKED.md')),
  ]);
  const bases = await Promise.all(baseRefs.map((ref) => readRef(git, repository, ref)));
  const commits = head === null || head === baseCommit ? 0 : await countCommits(git, repository, head, [baseCommit, ...bases]);
  return { head, commits, dirty, question: question === null ? null : question.trim() || 'BLOCKED.md is there, but empty.' };
}

async function countCommits(git: Git, repository: Repository, head: string, without: readonly (string | null)[]): Promise<number> {
  const not = [...new Set(without.filter((commit) => commit !== null))].map((commit) => `^${commit}`);
  const { stdout } = await git(['rev-list', '--count', head, ...not, '--'], { cwd: repository.root });
  const count = Number(stdout.trim());
  if (Number.isInteger(count) && stdout.trim() !== '') return count;
  throw new PortError('unknown', `git rev-list --count answered "${stdout.trim()}"`);
}

async function isDirty(git: Git, tree: string): Promise<boolean> {
  if ((await kindOf(join(tree, '.git'))) === 'missing') return false;
  const { stdout } = await git(['status', '--porcelain', '-z', '--untracked-files=normal'], { cwd: tree });
  return stdout !== '';
}
