import { mkdir, rmdir } from 'node:fs/promises';
import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { Run } from '../core/model/run.ts';
import { known, type Ms } from '../core/model/seen.ts';
import type { TaskId } from '../core/model/task.ts';
import type { Signs } from '../core/tick/world.ts';
import type { SiteSight } from '../engine/act/site.ts';

/*
 * The worktree of a run elsewhere is on its machine. Here a folder stands in its place: a STOP file that a person lays into it counts as one in the
 * worktree does.
 */

export interface FoldersHere {
  make(task: TaskId): Promise<void>;
  /** An empty one goes. */
  remove(task: TaskId): Promise<void>;
}

export const foldersHere = ({ pathOf }: Pick<GitWorkspaces, 'pathOf'>): FoldersHere => ({
  make: async (task) => void (await mkdir(pathOf(task), { recursive: true }).catch(() => undefined)),
  remove: (task) => rmdir(pathOf(task)).catch(() => undefined),
});

/** What was read is kept with the run. */
export async function leaveFolderHere(folders: FoldersHere, workspaces: Pick<GitWorkspaces, 'consumeSigns'>, run: Run): Promise<void> {
  await workspaces.consumeSigns(run.task, run.id);
  await folders.remove(run.task);
}

/** With what lies here; what cannot be read here is not there. */
export async function withSignsHere(
  workspaces: Pick<GitWorkspaces, 'signs'>,
  runs: readonly Run[],
  sight: SiteSight,
  now: () => Ms,
): Promise<SiteSight> {
  const signs = new Map(sight.signs);
  for (const { task } of runs) {
    const there = signs.get(task);
    const here = await workspaces.signs(task).catch((): Signs => ({ stop: null, blocked: null }));
    if (here.stop === null && here.blocked === null) continue;
    const more = there?.known === true ? there.value : { stop: null, blocked: null };
    const at = there?.known === true ? there.at : now();
    signs.set(task, known({ stop: here.stop ?? more.stop, blocked: more.blocked ?? here.blocked }, at));
  }
  return { ...sight, signs };
}
