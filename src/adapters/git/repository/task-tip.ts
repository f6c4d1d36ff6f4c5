import { readBranch, type TaskId } from '../../../core/model/task.ts';
import type { Git } from '../call/git.ts';
import { type Repository, utf8 } from './repository.ts';

/** Where the task's newest branch stands, whatever words of a title it bears; null: there is none. */
export async function tipOfTask(git: Git, { root }: Pick<Repository, 'root'>, prefix: string, task: TaskId): Promise<string | null> {
  const name = `refs/heads/${prefix}${task}`;
  const { stdout } = await git(['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', name, `${name}-*`], { cwd: root });
  const branches = stdout.split('\n').flatMap((line) => {
    const [branch = '', commit = ''] = line.split(' ');
    const read = readBranch(branch);
    return read?.task === task ? [{ nth: read.nth, commit }] : [];
  });
  return branches.sort((a, b) => b.nth - a.nth)[0]?.commit ?? null;
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
