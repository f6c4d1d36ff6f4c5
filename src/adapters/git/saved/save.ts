import type { RunId, Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { Snapshot } from '../../../engine/ports/repository/workspaces.ts';
import type { Git } from '../call/git.ts';
import { checkedRun, checkedTask, type Places } from '../repository/places.ts';
import { bytes, type Repository, readRef } from '../repository/repository.ts';
import { locate, type Source } from '../repository/source.ts';
import { NO_DATE } from './git-dir.ts';
import { headOf } from './head.ts';
import type { KeptIndexes } from './kept-index.ts';
import { looseCommits } from './loose-commits.ts';
import { listSaved, OUTSIDE_OF_RUNS, SAVED, type Saved, savedMessage } from './saved-refs.ts';
import { takeSnapshot } from './snapshot.ts';

export interface SaveParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly places: Places;
  readonly saveGlobs: readonly string[];
  /** For the steps that read every file. */
  readonly timeoutMs: () => number;
  readonly kept: KeptIndexes;
  readonly log: Log;
}

/** All that would be lost with a worktree, written into git but not yet named by a ref. */
export interface Picture {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly facts: Pick<Saved, 'head' | 'branch' | 'embedded' | 'incomplete'>;
  /** False: the branch holds it all. */
  readonly worthKeeping: boolean;
  /** Its objects were written by an earlier look. */
  readonly isOld: boolean;
}

/** Writes the objects of a snapshot; no ref, nothing of the worktree's is touched. */
export async function takePicture(parts: SaveParts, source: Source): Promise<Picture> {
  try {
    return await paint(parts, source);
  } catch (error) {
    if (!(error instanceof PortError) || error.sort === 'retryable' || !(await parts.kept.forget(source))) throw error;
    // It may rest on objects of an earlier look that a sweep has taken.
    return paint(parts, source);
  }
}

async function paint(parts: SaveParts, source: Source): Promise<Picture> {
  const { git, repository, places } = parts;
  const { commit: head, tree: known } = await headOf(git, repository, source);
  const headTree = known ?? (await emptyTree(git, repository));
  const { scratch } = places;
  const options = {
    scratch,
    saveGlobs: parts.saveGlobs,
    embedded: 'content',
    commonDir: repository.commonDir,
    timeoutMs: parts.timeoutMs(),
    kept: parts.kept,
    head: known,
  } as const;
  const nothing = { tree: headTree, embedded: [], incomplete: null, staged: null, isOld: false };
  const { tree, embedded, incomplete, staged, isOld } = source.tree === null ? nothing : await takeSnapshot(git, source, options);
  if (isOld && head !== null && tree === headTree && staged === headTree) parts.kept.noteClean(source, head);
  const extra = await looseCommits(git, repository, source, head);
  if (staged !== null && staged !== headTree && staged !== tree) extra.push(await contentCommit(git, repository, staged));
  for (const one of embedded) {
    if (one.gitDir !== null) extra.push(one.gitDir);
    if (one.own && one.head !== null && one.head !== head) extra.push(one.head);
  }
  const parents = [...new Set([...(head === null ? [] : [head]), ...extra])];
  const branch = source.record === null ? null : source.record.branch;
  const held = head === null || branch !== null || (await isHeld(git, repository, head));
  return {
    tree,
    parents,
    facts: { head, branch, embedded, incomplete },
    worthKeeping: tree !== headTree || extra.length > 0 || !held,
    isOld,
  };
}

/**
 * A snapshot of the task's worktree under `refs/tac8/saved/<task>/<run>/<n>`; `run` null: outside of any. No new ref when nothing changed since the newest
 * one of the task; null where there is nothing that a branch does not hold. A crash leaves objects without a ref: harmless.
 */
export async function saveTree(parts: SaveParts, task: Task, run: RunId | null, reason: string): Promise<Snapshot> {
  const source = await locate(parts.repository, parts.places.tree(task.id), task);
  if (source === null) return { ref: null, commit: null };
  return saveSource(parts, source, task, run, reason);
}

export async function saveSource(
  parts: SaveParts,
  source: Source,
  task: Pick<Task, 'id'>,
  run: RunId | null,
  reason: string,
): Promise<Snapshot> {
  const { git, repository, log } = parts;
  const [picture, saved] = await pictureAndSaved(parts, source, task);
  const print = `${picture.tree} ${picture.facts.head ?? ''}`;
  const { incomplete } = picture.facts;
  if (!picture.worthKeeping) return { ref: null, commit: null, print, incomplete };
  const last = saved[0];
  if (last !== undefined && samePicture(last, picture)) return { ref: last.ref, commit: last.commit, print, incomplete };
  if (incomplete !== null) log.warn('a snapshot is not whole', { task: task.id, run, because: incomplete });
  const by = run === null ? OUTSIDE_OF_RUNS : checkedRun(run);
  const message = savedMessage({ task: task.id, run: by, reason, ...picture.facts });
  const commit = await commitTree(git, repository, picture.tree, picture.parents, message);
  const ref = nextRef(task, by, saved);
  // Only if it does not exist: two savers at once end with two snapshots or one error, never with one overwritten.
  await git(['update-ref', '-m', `tac8: ${reason}`.slice(0, 200), ref, commit, '0'.repeat(commit.length)], { cwd: repository.root });
  log.info('work saved', { task: task.id, run, ref, reason });
  return { ref, commit, print, incomplete };
}

const nextRef = (task: Pick<Task, 'id'>, run: string, saved: readonly Saved[]): string =>
  `${SAVED}/${checkedTask(task.id)}/${run}/${1 + Math.max(0, ...saved.filter((one) => one.run === run).map((one) => one.n))}`;

/** A branch as a snapshot, which holds its commits whatever becomes of the branch. Answers its commit; null: there is no such branch. */
export async function saveBranch({ git, repository, log }: SaveParts, task: Task, branch: string, reason: string): Promise<string | null> {
  const head = await readRef(git, repository, branch);
  if (head === null) return null;
  const saved = await listSaved(git, repository, task.id);
  if (saved.some((one) => one.head === head && one.reason === reason)) return head;
  const { stdout } = await git(['rev-parse', `${head}^{tree}`], { cwd: repository.root });
  const facts = { task: task.id, run: OUTSIDE_OF_RUNS, reason, head, branch, embedded: [], incomplete: null };
  const commit = await commitTree(git, repository, stdout.trim(), [head], savedMessage(facts));
  const ref = nextRef(task, OUTSIDE_OF_RUNS, saved);
  await git(['update-ref', '-m', `tac8: ${reason}`, ref, commit, '0'.repeat(commit.length)], { cwd: repository.root });
  log.info('branch saved', { task: task.id, branch, ref, reason });
  return head;
}

/** The picture, and the task's snapshots where there is something to compare with them. */
async function pictureAndSaved(parts: SaveParts, source: Source, task: Pick<Task, 'id'>): Promise<[Picture, Saved[]]> {
  const picture = await takePicture(parts, source);
  if (!picture.worthKeeping) return [picture, []];
  const saved = await listSaved(parts.git, parts.repository, task.id);
  if (!picture.isOld || saved[0]?.tree === picture.tree) return [picture, saved];
  // No snapshot holds these objects any more, so a sweep may have taken them.
  await parts.kept.forget(source);
  return [await takePicture(parts, source), saved];
}

export const samePicture = (saved: Saved, picture: Picture): boolean =>
  saved.tree === picture.tree && saved.parents.join() === picture.parents.join() && saved.branch === picture.facts.branch;

async function emptyTree(git: Git, repository: Repository): Promise<string> {
  return (await git(['hash-object', '-t', 'tree', '-w', '--stdin'], { cwd: repository.root })).stdout.trim();
}

/** What is staged, as a commit that a snapshot can name as a parent. */
async function contentCommit(git: Git, repository: Repository, tree: string): Promise<string> {
  const { stdout } = await git(['commit-tree', tree, '-m', 'What was staged'], { cwd: repository.root, env: NO_DATE });
  return stdout.trim();
}

async function isHeld(git: Git, repository: Repository, commit: string): Promise<boolean> {
  const args = ['for-each-ref', '--count=1', `--contains=${commit}`, 'refs/heads', 'refs/remotes', 'refs/tags'];
  return (await git(args, { cwd: repository.root })).stdout !== '';
}

export async function commitTree(
  git: Git,
  repository: Repository,
  tree: string,
  parents: readonly string[],
  message: string,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  const { stdout } = await git(args, { cwd: repository.root, input: bytes(message) });
  const commit = stdout.trim();
  if (/^[0-9a-f]{40,64}$/.test(commit)) return commit;
  throw new PortError('unknown', `git commit-tree answered "${commit}"`);
}
