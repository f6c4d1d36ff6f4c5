import type { TaskId } from '../../../core/model/task.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { bytes, type Repository, readRef } from '../repository/repository.ts';
import { commitTree } from '../saved/save.ts';
import { listSaved, OUTSIDE_OF_RUNS, SAVED, savedMessage } from '../saved/saved-refs.ts';

interface Moving {
  readonly task: TaskId;
  readonly branch: string;
  /** What the worker began with: where nothing was taken over yet, the branch was there last. */
  readonly given?: ReadonlyMap<string, string>;
}

interface MoveParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly log: Log;
}

/** The commit of a task's branch that was taken over last; it is not there before the first. */
export const takenRef = (task: TaskId): string => `refs/tac8/taken/${task}`;

/**
 * Moves a task's branch to what was taken over. Only ever from where it was when it was taken last, or onward: what a person committed meanwhile is not lost.
 * Answers why it did not, in words; then the commits are kept among the saved work; null: it did. `branch`: a full ref. `refs`: those of the repository,
 * where they were just read; where one of the two has moved since, git refuses, and another try finds it.
 */
export async function moveBranch(
  parts: MoveParts,
  { task, branch, given }: Moving,
  tip: string | null,
  refs?: ReadonlyMap<string, string>,
): Promise<string | null> {
  const { git, repository } = parts;
  const { root } = repository;
  const taken = takenRef(task);
  const read = (ref: string): Promise<string | null> | string | null =>
    refs === undefined ? readRef(git, repository, ref) : (refs.get(ref) ?? null);
  const [here, before] = await together([read(branch), read(taken)]);
  const last = before ?? given?.get(branch) ?? null;
  if (tip === null || tip === last) return null;
  const move = (refs: readonly (readonly [string, string | null])[]): Promise<unknown> => {
    const lines = refs.map(([ref, old]) => `update ${ref}\0${tip}\0${old ?? '0'.repeat(tip.length)}\0`);
    return git(['update-ref', '-m', 'tac8: taken over from a worker', '--stdin', '-z'], { cwd: root, input: lines.join('') });
  };
  if (tip === here) {
    await move([[taken, before]]);
    return null;
  }
  const why =
    here === null || here === last || (await leadsTo(git, root, here, tip))
      ? await whyNot(git, root, here ?? last, tip)
      : `${branch.slice('refs/heads/'.length)} was moved outside meanwhile, to ${here.slice(0, 12)}`;
  if (why !== null) {
    const ref = await keep(parts, task, tip, why);
    await move([[taken, before]]);
    return `${why}; its commits are kept in ${ref}`;
  }
  await move([
    [branch, here],
    [taken, before],
  ]);
  return null;
}

const leadsTo = async (git: Git, root: string, old: string, young: string): Promise<boolean> =>
  (await git(['merge-base', '--is-ancestor', old, young], { cwd: root, codes: [0, 1] })).code === 0;

/** A repository that a commit names has settings of its own, which a person's `git status` would follow. */
async function whyNot(git: Git, root: string, from: string | null, tip: string): Promise<string | null> {
  const empty = async (): Promise<string> => (await git(['hash-object', '-t', 'tree', '--stdin'], { cwd: root })).stdout.trim();
  const args = ['diff-tree', '-r', '--raw', '-z', '--no-abbrev', '--no-renames', from ?? (await empty()), tip, '--'];
  const [path] = newGitlinks((await git(args, { cwd: root })).stdout);
  return path === undefined ? null : `it committed a repository inside of the repository, ${JSON.stringify(path)}`;
}

async function keep({ git, repository, log }: MoveParts, task: TaskId, tip: string, reason: string): Promise<string> {
  const tree = (await git(['rev-parse', `${tip}^{tree}`], { cwd: repository.root })).stdout.trim();
  const facts = { task, run: OUTSIDE_OF_RUNS, reason, head: tip, branch: null, embedded: [], incomplete: null };
  const commit = await commitTree(git, repository, tree, [tip], savedMessage(facts));
  const before = (await listSaved(git, repository, task)).filter(({ run }) => run === OUTSIDE_OF_RUNS);
  const ref = `${SAVED}/${task}/${OUTSIDE_OF_RUNS}/${1 + Math.max(0, ...before.map(({ n }) => n))}`;
  await git(['update-ref', '-m', `tac8: ${bytes(reason)}`.slice(0, 200), ref, commit, '0'.repeat(commit.length)], { cwd: repository.root });
  log.warn(`commits of a worker are not on its branch: ${reason}`, { task, ref });
  return ref;
}

/** Of an answer of `--raw -z`: places where a repository comes to stand that was none before. */
export function newGitlinks(raw: string): readonly string[] {
  return [...raw.matchAll(/:(\d{6}) 160000 [0-9a-f]+ [0-9a-f]+ [A-Z]\d*\0([^\0]*)\0/g)].flatMap(([, before, path]) =>
    before === '160000' || path === undefined ? [] : [path],
  );
}
