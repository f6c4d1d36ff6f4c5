import type { RunId, Task } from '../../core/task.ts';
import { type Log, PortError } from '../../engine/ports.ts';
import type { Git } from './git.ts';
import { NO_DATE } from './git-dir.ts';
import { looseCommits } from './loose-commits.ts';
import { checkedRun, checkedTask, type Places } from './places.ts';
import { bytes, type Repository } from './repository.ts';
import { listSaved, SAVED, type Saved, savedMessage } from './saved-refs.ts';
import { takeSnapshot } from './snapshot.ts';
import { locate, type Source } from './source.ts';

export interface SaveParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly places: Places;
  readonly saveGlobs: readonly string[];
  /** For the steps that read every file. */
  readonly timeoutMs: number;
  readonly log: Log;
}

/** All that would be lost with a worktree, written into git but not yet named by a ref. */
export interface Picture {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly facts: Pick<Saved, 'head' | 'branch' | 'embedded' | 'incomplete'>;
  /** False: the branch holds it all. */
  readonly worthKeeping: boolean;
}

/** Writes the objects of a snapshot; no ref, nothing of the worktree's is touched. */
export async function takePicture(parts: SaveParts, source: Source): Promise<Picture> {
  const { git, repository, places } = parts;
  const at = { cwd: source.gitDir, env: { GIT_DIR: source.gitDir } };
  const { code, stdout } = await git(['rev-parse', '--verify', '--quiet', `${source.head}^{commit}`], { ...at, codes: [0, 1, 128] });
  const head = code === 0 ? stdout.trim() : null;
  const headTree = head === null ? await emptyTree(git, repository) : (await git(['rev-parse', `${head}^{tree}`], at)).stdout.trim();
  const { scratch } = places;
  const options = {
    scratch,
    saveGlobs: parts.saveGlobs,
    embedded: 'content',
    commonDir: repository.commonDir,
    timeoutMs: parts.timeoutMs,
  } as const;
  const { tree, embedded, incomplete, staged } =
    source.tree === null ? { tree: headTree, embedded: [], incomplete: null, staged: null } : await takeSnapshot(git, source, options);
  const extra = await looseCommits(git, repository, source, head);
  if (staged !== null && staged !== headTree && staged !== tree) extra.push(await contentCommit(git, repository, staged));
  for (const one of embedded) {
    if (one.gitDir !== null) extra.push(one.gitDir);
    if (one.own && one.head !== null && one.head !== head) extra.push(one.head);
  }
  const parents = [...new Set([...(head === null ? [] : [head]), ...extra])];
  const branch = source.record === null ? null : source.record.branch;
  const held = head === null || branch !== null || (await isHeld(git, repository, head));
  return { tree, parents, facts: { head, branch, embedded, incomplete }, worthKeeping: tree !== headTree || extra.length > 0 || !held };
}

/**
 * A snapshot of the task's worktree under `refs/tac8/saved/<task>/<run>/<n>`. No new ref when nothing changed since the newest
 * one of the task; null where there is nothing that a branch does not hold. A crash leaves objects without a ref: harmless.
 */
export async function saveTree(
  parts: SaveParts,
  task: Task,
  run: RunId,
  reason: string,
): Promise<{ ref: string | null; commit: string | null; print?: string }> {
  const source = await locate(parts.repository, parts.places.tree(task.id), task);
  if (source === null) return { ref: null, commit: null };
  return saveSource(parts, source, task, run, reason);
}

export async function saveSource(
  parts: SaveParts,
  source: Source,
  task: Pick<Task, 'id'>,
  run: RunId,
  reason: string,
): Promise<{ ref: string | null; commit: string | null; print?: string }> {
  const { git, repository, log } = parts;
  const picture = await takePicture(parts, source);
  const print = `${picture.tree} ${picture.facts.head ?? ''}`;
  if (!picture.worthKeeping) return { ref: null, commit: null, print };
  const saved = await listSaved(git, repository, task.id);
  const last = saved[0];
  if (last !== undefined && samePicture(last, picture)) return { ref: last.ref, commit: last.commit, print };
  if (picture.facts.incomplete !== null) log.warn('a snapshot is not whole', { task: task.id, run, because: picture.facts.incomplete });
  const message = savedMessage({ task: task.id, run, reason, ...picture.facts });
  const commit = await commitTree(git, repository, picture.tree, picture.parents, message);
  const n = 1 + Math.max(0, ...saved.filter((one) => one.run === run).map((one) => one.n));
  const ref = `${SAVED}/${checkedTask(task.id)}/${checkedRun(run)}/${n}`;
  // Only if it does not exist: two savers at once end with two snapshots or one error, never with one overwritten.
  await git(['update-ref', '-m', `tac8: ${reason}`.slice(0, 200), ref, commit, '0'.repeat(commit.length)], { cwd: repository.root });
  log.info('work saved', { task: task.id, run, ref, reason });
  return { ref, commit, print };
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
