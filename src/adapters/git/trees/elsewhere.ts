import type { Elsewhere } from '../../../core/model/run.ts';
import type { Task } from '../../../core/model/task.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { KEPT } from '../private/make.ts';
import { type MadeHere, madeHere } from '../repository/made-here.ts';
import { type Repository, readRef } from '../repository/repository.ts';
import { locate, type Source } from '../repository/source.ts';
import { isAncestor } from '../saved/mend.ts';
import type { Kit } from './kit.ts';

const MOST = 5;

/**
 * Where commits that were made in the task's worktree, or in one below it, ended that neither its branch nor `bases` have. Those that no
 * branch names any more are among them: an amended commit as well as one that was thrown away.
 */
export async function findElsewhere(
  git: Git,
  repository: Repository,
  source: Source,
  branch: string,
  made: MadeHere,
  without: readonly (string | null)[],
): Promise<readonly Elsewhere[]> {
  if (made.commits.size === 0 || (made.end !== null && without.includes(made.end))) return [];
  const input = [...made.commits, ...without.flatMap((commit) => (commit === null ? [] : [`^${commit}`]))];
  const args = ['rev-list', '--parents', '--ignore-missing', '--stdin'];
  const { stdout } = await git(args, { cwd: repository.root, input: input.map((line) => `${line}\n`).join('') });
  const lines = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));
  const parents = new Set(lines.flatMap((ids) => ids.slice(1)));
  const tips = lines.flatMap(([id]) => (id === undefined || parents.has(id) ? [] : [id])).slice(0, MOST);
  if (tips.length === 0) return [];
  const points = tips.map((id) => `--points-at=${id}`);
  // A worker in a box has branches of its own, which are kept with its worktree.
  const places = ['refs/heads', `${KEPT}/heads`];
  const env = { GIT_DIR: source.gitDir };
  const refs = (await git(['for-each-ref', '--format=%(objectname) %(refname)', ...points, ...places], { cwd: source.gitDir, env })).stdout;
  const named = new Map(refs.split('\n').map((line) => line.split(' ', 2) as [string, string]));
  return tips.map((head) => {
    const ref = named.get(head);
    const name = ref?.slice((places.find((place) => ref.startsWith(`${place}/`)) ?? '').length + 1) ?? null;
    return { head, branch: name === branch ? null : name };
  });
}

/**
 * Commits that the agent made beside its branch come onto it where that is plain: there is one end of them, it goes on from the branch, all that
 * lies between was made here, and no file of the worktree stands against it. Answers what was done, in words, or null.
 */
export async function bringOver(kit: Kit, task: Task): Promise<string | null> {
  const { git, repository, places } = kit;
  const source = await locate(repository, places.tree(task.id), task);
  const ref = `refs/heads/${task.branch}`;
  if (source?.tree == null || source.record?.branch !== ref) return null;
  const tip = await readRef(git, repository, ref);
  const made = await madeHere(repository, source);
  if (tip === null || made.commits.size === 0 || made.end === tip) return null;
  const bases = await basesOf(kit);
  const named = (await findElsewhere(git, repository, source, task.branch, made, [tip, ...bases])).filter(({ branch }) => branch !== null);
  const [one] = named;
  if (one === undefined || named.length > 1 || !(await isAncestor(kit, tip, one.head))) return null;
  if (!(await areAllMade(git, repository, made, one.head, [tip, ...bases]))) return null;
  return (await takeOver(git, source, source.tree, ref, tip, one.head)) ? `${task.branch} has the commits of ${one.branch} now` : null;
}

/** Files first: ended in between, the next call does the rest. False: a file that is not committed is in the way. */
async function takeOver(git: Git, source: Source, tree: string, ref: string, tip: string, head: string): Promise<boolean> {
  const call = { cwd: tree, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: tree } };
  await git(['update-index', '-q', '--refresh'], { ...call, codes: [0, 1] });
  if ((await git(['read-tree', '-m', '-u', tip, head], { ...call, codes: [0, 128] })).code !== 0) return false;
  await git(['update-ref', '-m', 'tac8: commits of another branch', ref, head, tip], call);
  return true;
}

/** Is nothing between them that somebody else may have made? */
async function areAllMade(
  git: Git,
  repository: Repository,
  made: MadeHere,
  head: string,
  without: readonly (string | null)[],
): Promise<boolean> {
  const not = without.flatMap((commit) => (commit === null ? [] : [`^${commit}`]));
  const { stdout } = await git(['rev-list', head, ...not, '--'], { cwd: repository.root });
  return stdout.split('\n').every((id) => id === '' || made.commits.has(id));
}

/** The commits at which the base branch stands: as the remote tells; where it does not, by the refs here. */
export async function basesOf({ base, options, git, repository }: Kit): Promise<readonly (string | null)[]> {
  const told = await base.asTold();
  if (told !== null) return [told];
  const branch = await base.known();
  if (branch === null) return [];
  const refs = [`refs/heads/${branch}`, ...(options.remote === null ? [] : [`refs/remotes/${options.remote}/${branch}`])];
  return together(refs.map((ref) => readRef(git, repository, ref)));
}
