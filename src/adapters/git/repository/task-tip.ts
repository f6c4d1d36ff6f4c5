import { readBranch, type TaskId } from '../../../core/model/task.ts';
import type { Git } from '../call/git.ts';
import { type Repository, utf8 } from './repository.ts';

/** The task's newest branch, whatever words of a title it bears, or `there`, where that is one of the task's; null: there is none. */
export async function tipOfTask(
  git: Git,
  { root }: Pick<Repository, 'root'>,
  prefix: string,
  task: TaskId,
  there: string | null,
): Promise<{ readonly branch: string; readonly commit: string } | null> {
  const name = `refs/heads/${prefix}${task}`;
  const { stdout } = await git(['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', name, `${name}-*`], { cwd: root });
  const branches = stdout.split('\n').flatMap((line) => {
    const [branch = '', commit = ''] = line.split(' ');
    const read = readBranch(branch);
    return read?.task === task ? [{ branch, nth: `refs/heads/${branch}` === there ? Number.POSITIVE_INFINITY : read.nth, commit }] : [];
  });
  return branches.sort((a, b) => b.nth - a.nth)[0] ?? null;
}

/** Who wrote the commits up to `head` that `ours` does not have, by name. */
export async function authorsOf(git: Git, { root }: Pick<Repository, 'root'>, head: string, ours: string): Promise<readonly string[]> {
  const { stdout } = await git(['log', '--max-count=50', '--format=%an', head, `^${ours}`], { cwd: root });
  return [
    ...new Set(
      utf8(stdout)
        .split('\n')
        .filter((name) => name !== ''),
    ),
  ].slice(0, 3);
}
