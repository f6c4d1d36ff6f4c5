import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId, Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { together } from '../call/together.ts';
import { madeHere } from '../repository/made-here.ts';
import { readRef } from '../repository/repository.ts';
import { locate, type Source } from '../repository/source.ts';
import { kindOf, moveAside } from '../view/files.ts';
import { type SaveParts, saveSource } from './save.ts';

/** What was set right, in words for a log; empty: nothing was amiss. */
export interface Mended {
  readonly done: readonly string[];
  /** The snapshot taken before anything was changed; it holds what the branch does not. Null: nothing was there to save. */
  readonly saved: string | null;
}

/** Operations that git leaves half done, the files that show it, and how git itself forgets about them. */
const UNDER_WAY = [
  { name: 'rebase', files: ['rebase-merge'], quit: ['rebase', '--quit'] },
  { name: 'am or rebase', files: ['rebase-apply'], quit: ['rebase', '--quit'] },
  { name: 'merge', files: ['MERGE_HEAD', 'MERGE_AUTOSTASH'], quit: ['merge', '--quit'] },
  { name: 'cherry-pick', files: ['CHERRY_PICK_HEAD', 'sequencer'], quit: ['cherry-pick', '--quit'] },
  { name: 'revert', files: ['REVERT_HEAD'], quit: ['revert', '--quit'] },
] as const;

/**
 * Brings the worktree of a dead run into a state in which a plain commit works: no lock of its, nothing half done, HEAD on the
 * task's branch. Saves everything first. Commits made elsewhere (detached, or on a branch of the agent's own) come onto the task's
 * branch when that is a fast-forward; else the branch stays, its files are put back, and the snapshot holds the rest.
 * The caller guarantees that no process of the run lives. Repeating it is harmless.
 */
export async function mendTree(parts: SaveParts, task: Task, run: RunId | null): Promise<Mended> {
  const tree = parts.places.tree(task.id);
  const source = await locate(parts.repository, tree, task);
  if (source === null || source.tree === null || source.record === null) return { done: [], saved: null };
  const ref = `refs/heads/${task.branch}`;
  const locks = await present([
    join(source.gitDir, 'index.lock'),
    join(source.gitDir, 'HEAD.lock'),
    join(parts.repository.commonDir, `${ref}.lock`),
  ]);
  const under = [];
  for (const one of UNDER_WAY) {
    if ((await present(one.files.map((file) => join(source.gitDir, file)))).length > 0) under.push(one);
  }
  const astray = source.record.branch !== ref || (await readRef(parts.git, parts.repository, ref)) === null;
  if (locks.length === 0 && under.length === 0 && !astray) return { done: [], saved: null };

  const { ref: saved } = await saveSource(parts, source, task, run, 'before mending what a dead run left');
  const done: string[] = [];
  for (const lock of locks) {
    await unlink(lock);
    done.push(`lock of a dead git removed: ${lock}`);
  }
  for (const one of under) done.push(await quit(parts, source, one));
  if (under.length > 0 && !astray)
    await parts.git(['read-tree', '--reset', 'HEAD'], { cwd: source.gitDir, env: { GIT_DIR: source.gitDir } });
  if (astray) done.push(await backToBranch(parts, source, task, saved));
  for (const what of done) parts.log.warn('set right after a dead run', { task: task.id, run, what, saved });
  return { done, saved };
}

async function present(paths: readonly string[]): Promise<string[]> {
  const kinds = await together(paths.map(kindOf));
  return paths.filter((_, n) => kinds[n] !== 'missing');
}

async function quit(parts: SaveParts, source: Source, one: (typeof UNDER_WAY)[number]): Promise<string> {
  const cwd = source.tree ?? source.gitDir;
  await parts.git(one.quit, { cwd, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: cwd }, codes: [0, 1, 128] });
  // State that git does not understand any more (the run died while writing it) is put out of git's sight, not deleted.
  for (const left of await present(one.files.map((file) => join(source.gitDir, file)))) {
    await moveAside(left, source.gitDir, `tac8-left-${left.slice(source.gitDir.length + 1)}`);
  }
  return `${one.name} under way was given up`;
}

async function backToBranch(parts: SaveParts, source: Source, task: Task, saved: string | null): Promise<string> {
  const { git, repository } = parts;
  const cwd = source.tree ?? source.gitDir;
  const call = { cwd, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: cwd } };
  const ref = `refs/heads/${task.branch}`;
  const [{ code, stdout }, tip] = await together([
    git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { ...call, codes: [0, 1, 128] }),
    readRef(git, repository, ref),
  ]);
  const head = code === 0 ? stdout.trim() : null;
  if (head === null && tip === null) {
    throw new PortError('terminal', `neither HEAD of ${cwd} nor the branch ${task.branch} names a commit`, {
      hint: `The files are saved in ${saved ?? 'no snapshot'}; remove the worktree, then retry.`,
    });
  }
  if (
    head !== null &&
    (tip === null || tip === head || ((await isAncestor(parts, tip, head)) && (await isItsOwn(parts, source, tip, head))))
  ) {
    await git(['update-ref', '-m', 'tac8: commits of a dead run', ref, head, tip ?? '0'.repeat(head.length)], call);
    await git(['symbolic-ref', '-m', 'tac8: back on the branch', 'HEAD', ref], call);
    return `HEAD was not on ${task.branch}: the branch now has its commits, up to ${head.slice(0, 12)}`;
  }
  // The files belong to other commits than the branch's: both the commits and the files are in the snapshot.
  await git(['symbolic-ref', '-m', 'tac8: back on the branch', 'HEAD', ref], call);
  await git(['read-tree', '--reset', '-u', ref], call);
  return `HEAD was at ${head?.slice(0, 12) ?? 'no commit'}, which ${task.branch} does not lead to: back on the branch; the rest is in ${saved ?? 'no snapshot'}`;
}

/** A branch that it only looked at is somebody else's. A HEAD on no branch was brought where it is by work. */
async function isItsOwn({ git, repository }: SaveParts, source: Source, tip: string, head: string): Promise<boolean> {
  if (source.record?.branch == null) return true;
  const { commits } = await madeHere(repository, source);
  const { stdout } = await git(['rev-list', head, `^${tip}`, '--'], { cwd: repository.root });
  return stdout.split('\n').every((id) => id === '' || commits.has(id));
}

export async function isAncestor(parts: Pick<SaveParts, 'git' | 'repository'>, old: string, young: string): Promise<boolean> {
  const { code } = await parts.git(['merge-base', '--is-ancestor', old, young], { cwd: parts.repository.root, codes: [0, 1] });
  return code === 0;
}
