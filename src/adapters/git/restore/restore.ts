import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RunId, Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { readRef } from '../repository/repository.ts';
import { callFor, locate, type Source } from '../repository/source.ts';
import { isAncestor, mendTree } from '../saved/mend.ts';
import { withOwnIndex } from '../saved/own-index.ts';
import { type SaveParts, saveSource } from '../saved/save.ts';
import { listSaved, type Saved } from '../saved/saved-refs.ts';
import { absent } from '../view/files.ts';
import { putBackRepositories, writeFiles } from './put-back.ts';

export interface RestoreRequest {
  /** A ref under refs/tac8/saved, whole or from the run on (`w-1a2b3c/2`); default: the newest of the task. */
  readonly ref?: string;
  /** A folder that is empty or does not exist yet; default: the task's worktree. */
  readonly to?: string;
}

export interface Restored {
  readonly ref: string;
  readonly path: string;
  /** The commit that the saved files belong on; null: there was none. */
  readonly head: string | null;
  /** Repositories inside that have their commits back, and those that have their files alone. */
  readonly repositories: { readonly restored: readonly string[]; readonly filesOnly: readonly string[] };
}

/** Puts a snapshot back: into a folder of its own, or into the task's worktree. Nothing that is there is lost: it is saved first. */
export async function restoreSaved(
  parts: SaveParts,
  task: Task,
  request: RestoreRequest,
  ensure: () => Promise<unknown>,
): Promise<Restored> {
  const saved = await choose(parts, task, request.ref);
  const path = request.to === undefined ? parts.places.tree(task.id) : resolve(request.to);
  if (request.to === undefined) await intoTree(parts, task, saved, ensure);
  else await intoFolder(parts, saved, path);
  const repositories = await putBackRepositories({ ...parts, scratch: parts.places.scratch }, saved, path);
  parts.log.info('saved work put back', { task: task.id, ref: saved.ref, path });
  return { ref: saved.ref, path, head: saved.head, repositories };
}

async function choose(parts: SaveParts, task: Task, ref: string | undefined): Promise<Saved> {
  const all = await listSaved(parts.git, parts.repository, task.id);
  const found = ref === undefined ? all[0] : all.find((one) => one.ref === ref || one.ref.endsWith(`/${task.id}/${ref}`));
  if (found !== undefined) return found;
  const there = all.length === 0 ? 'nothing is saved' : `these are saved: ${all.map((one) => one.ref).join(', ')}`;
  throw new PortError('terminal', `${ref ?? 'a snapshot'} of ${task.id} is not there: ${there}`, {
    hint: `\`git for-each-ref refs/tac8/saved\` lists all.`,
  });
}

async function intoFolder(parts: SaveParts, saved: Saved, folder: string): Promise<void> {
  const there = await readdir(folder).catch(absent<string[]>([]));
  if (there.length > 0) throw new PortError('terminal', `${folder} is not empty`, { hint: 'Name a folder that does not exist yet.' });
  await mkdir(folder, { recursive: true });
  await writeFiles({ ...parts, scratch: parts.places.scratch }, saved.tree, folder);
}

async function intoTree(parts: SaveParts, task: Task, saved: Saved, ensure: () => Promise<unknown>): Promise<void> {
  const { git, repository, places } = parts;
  const ref = `refs/heads/${task.branch}`;
  const tip = await readRef(git, repository, ref);
  await refuseApart(parts, task, saved, tip);
  if (tip === null && saved.head !== null) {
    await git(['update-ref', '-m', 'tac8: restore', ref, saved.head, '0'.repeat(saved.head.length)], { cwd: repository.root });
  }
  await ensure();
  await mendTree(parts, task, saved.run as RunId);
  const source = await locate(repository, places.tree(task.id), task);
  if (source === null || source.tree === null) throw new PortError('retryable', `${places.tree(task.id)} is gone again`);
  await saveSource(parts, source, task, saved.run as RunId, `before ${saved.ref} was put back`);
  await replaceFiles(parts, source, saved);
  const call = { cwd: source.tree, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: source.tree } };
  if (tip !== null && saved.head !== null && tip !== saved.head) {
    await git(['update-ref', '-m', 'tac8: restore', ref, saved.head, tip], call);
  }
  await git(['read-tree', '--reset', 'HEAD'], { ...call, codes: [0, 128] });
  await git(['update-index', '-q', '--refresh'], { ...call, codes: [0, 1] });
}

/** The branch must lead up to the saved commit: else the files would look like a removal of what came after. */
async function refuseApart(parts: SaveParts, task: Task, saved: Saved, tip: string | null): Promise<void> {
  if (tip === null || tip === saved.head) return;
  if (saved.head !== null && (await isAncestor(parts, tip, saved.head))) return;
  const { stdout } = await parts.git(['rev-parse', `${tip}^{tree}`], { cwd: parts.repository.root });
  if (stdout.trim() === saved.tree) return;
  throw new PortError(
    'terminal',
    `${task.branch} has moved on since ${saved.ref} was saved (at ${saved.head?.slice(0, 12) ?? 'no commit'})`,
    {
      hint: 'Put it into a folder of its own with --to DIR, and take what you want from there.',
    },
  );
}

/** Makes the folder's files those of the snapshot; what git ignores stays. */
async function replaceFiles(parts: SaveParts, source: Source, saved: Saved): Promise<void> {
  await withOwnIndex(parts.git, source, parts.places.scratch, async (index) => {
    const call = { ...callFor(source, index), timeoutMs: parts.timeoutMs() };
    await parts.git(['add', '-A'], { ...call, codes: [0, 1, 128] });
    await parts.git(['read-tree', '--reset', '-u', saved.tree], call);
  });
}
