import { join } from 'node:path';
import type { Inspection } from '../../../core/model/run.ts';
import { isRacer, type Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { madeHere, treesBelow } from '../repository/made-here.ts';
import { lookFor } from '../repository/position.ts';
import { type Repository, readRef, utf8 } from '../repository/repository.ts';
import { fromRecord } from '../repository/source.ts';
import type { KeptIndexes } from '../saved/kept-index.ts';
import { kindOf, readSign } from '../view/files.ts';
import { findElsewhere } from './elsewhere.ts';

export interface InspectParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly kept: Pick<KeptIndexes, 'wasClean'>;
}

/** So many files that were left lying are named. */
const NAMED = 10;
const NO_FILES = { names: [], count: 0 };

/**
 * The task's branch, its tree and its question, as they are now. Commits: those of the branch that neither `baseCommit` nor
 * the base branch (`bases`, its commits here and at the remote; null: it is not there) has. Throws where git cannot tell.
 */
export async function inspectTree(
  { git, repository, kept }: InspectParts,
  tree: string,
  task: Task,
  baseCommit: string,
  bases: readonly (string | null)[],
): Promise<Inspection> {
  const branch = `refs/heads/${task.branch}`;
  const [head, question] = await together([readRef(git, repository, branch), readSign(join(tree, 'BLOCKED.md'))]);
  const left = await leftIn({ git, repository, kept }, tree, branch, head);
  const without = [baseCommit, ...bases];
  const commits = head === null || head === baseCommit ? 0 : await countCommits(git, repository, head, without);
  const base = bases.findLast((id) => id !== null) ?? baseCommit;
  const files = head === null || commits === 0 ? NO_FILES : await changedIn(git, repository, base, head);
  // Of several attempts the size is compared.
  const lines = isRacer(task.id) && files !== null && files.count > 0 && head !== null ? await linesIn(git, repository, base, head) : null;
  const elsewhere = await beside(git, repository, tree, task, [head, ...without], commits);
  return {
    head,
    commits,
    dirty: left.count > 0,
    question: question === null ? null : question.trim() || 'BLOCKED.md is there, but empty.',
    changed: files === null || files.count > 0,
    ...(files === null || files.count === 0 ? {} : { files }),
    ...(lines === null ? {} : { lines }),
    ...(left.count > 0 && left.names.length > 0 ? { left } : {}),
    ...(elsewhere.length === 0 ? {} : { elsewhere }),
  };
}

async function countCommits(git: Git, repository: Repository, head: string, without: readonly (string | null)[]): Promise<number> {
  const not = [...new Set(without.filter((commit) => commit !== null))].map((commit) => `^${commit}`);
  const { stdout } = await git(['rev-list', '--count', head, ...not, '--'], { cwd: repository.root });
  const count = Number(stdout.trim());
  if (Number.isInteger(count) && stdout.trim() !== '') return count;
  throw new PortError('unknown', `git rev-list --count answered "${stdout.trim()}"`);
}

/** The files of that which the branch goes back to, and which it changes; names alone are compared, no content is read. Null: all of it is its own. */
async function changedIn(git: Git, repository: Repository, base: string, head: string): Promise<NonNullable<Inspection['files']> | null> {
  const { code, stdout } = await compared('--name-only', git, repository, base, head);
  // Histories without a common commit.
  if (code !== 0) return null;
  const names = stdout.split('\0').filter((name) => name !== '');
  return { names: names.slice(0, NAMED).map(utf8), count: names.length };
}

/** Lines that are added and taken out; of a file that is no text nothing is known, and it counts as one. Null: git cannot tell. */
async function linesIn(git: Git, repository: Repository, base: string, head: string): Promise<number | null> {
  const { code, stdout } = await compared('--numstat', git, repository, base, head);
  if (code !== 0) return null;
  const counts = stdout
    .split('\0')
    .flatMap((line) => (line === '' ? [] : [line.split('\t', 2).map((part) => (part === '-' ? 0.5 : Number(part) || 0))]));
  return counts.reduce((sum, [added = 0, gone = 0]) => sum + added + gone, 0);
}

/** What the branch changes since it went off, in a form for programs: nothing of the repository's own is run for it, and a submodule is its commit. */
const compared = (form: '--name-only' | '--numstat', git: Git, repository: Repository, base: string, head: string): ReturnType<Git> =>
  git(['diff', form, '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none', `${base}...${head}`, '--'], {
    cwd: repository.root,
    codes: [0, 128],
  });

/** Commits on no branch are told of where the branch has none itself: else they are those that it replaced. */
async function beside(
  git: Git,
  repository: Repository,
  tree: string,
  task: Task,
  without: readonly (string | null)[],
  commits: number,
): Promise<NonNullable<Inspection['elsewhere']>> {
  const position = await lookFor(repository, tree);
  if (position.kind !== 'ready') return [];
  const source = fromRecord(position.record, tree);
  const all = await findElsewhere(git, repository, source, task.branch, await madeHere(repository, source), without);
  return all.filter(({ branch }) => branch !== null || commits === 0);
}

/** What a submodule has changed in itself does not count: to look there, git would do what its settings say. */
async function leftIn(
  { git, repository, kept }: InspectParts,
  tree: string,
  branch: string,
  head: string | null,
): Promise<NonNullable<Inspection['left']>> {
  const nothing = { names: [], count: 0 };
  if ((await kindOf(join(tree, '.git'))) === 'missing') return nothing;
  const position = await lookFor(repository, tree);
  // Its `.git` leads elsewhere: what git would say of that is not about this worktree.
  if (position.kind !== 'ready') return { names: [], count: 1 };
  // To start git costs the daemon more than all else of a look, and a run that ends was saved just now.
  if (head !== null && position.record.branch === branch && (await kept.wasClean(fromRecord(position.record, tree), head))) return nothing;
  const env = { GIT_DIR: position.record.adminDir, GIT_WORK_TREE: tree };
  const below = await treesBelow(repository, tree);
  const without = below.length === 0 ? [] : ['--', '.', ...below.map((path) => `:(exclude,top,literal)${path}`)];
  const { stdout } = await git(
    ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=dirty', '--no-renames', ...without],
    { cwd: tree, env },
  );
  const names = stdout.split('\0').flatMap((entry) => (entry === '' ? [] : [utf8(entry.slice(3))]));
  return { names: names.slice(0, NAMED), count: names.length };
}
