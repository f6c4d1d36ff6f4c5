import { mkdir, rmdir } from 'node:fs/promises';
import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { Run } from '../core/model/run.ts';
import { known } from '../core/model/seen.ts';
import type { TaskId } from '../core/model/task.ts';
import type { Signs } from '../core/tick/world.ts';
import type { SiteSight } from '../engine/act/site.ts';

/*
 * The worktree of a run elsewhere is on its machine. Here a folder stands in its place: a STOP file that a person lays into it counts as one in the
 * worktree does.
 */

type Here = Pick<GitWorkspaces, 'pathOf' | 'signs' | 'consumeSigns'>;

export async function makeFolderHere(workspaces: Here, task: TaskId): Promise<void> {
  await mkdir(workspaces.pathOf(task), { recursive: true }).catch(() => undefined);
}

/** What was read is kept with the run, and an empty folder goes. */
export async function leaveFolderHere(workspaces: Here, { task, id }: Run): Promise<void> {
  await workspaces.consumeSigns(task, id);
  await rmdir(workspaces.pathOf(task)).catch(() => undefined);
}

/** With what lies here; what cannot be read here is not there. */
export async function withSignsHere(workspaces: Here, runs: readonly Run[], sight: SiteSight): Promise<SiteSight> {
  const signs = new Map(sight.signs);
  for (const { task } of runs) {
    const there = signs.get(task);
    const here = await workspaces.signs(task).catch((): Signs => ({ stop: null, blocked: null }));
    if (here.stop === null && here.blocked === null) continue;
    const more = there?.known === true ? there.value : { stop: null, blocked: null };
    const at = there?.known === true ? there.at : Date.now();
    signs.set(task, known({ stop: here.stop ?? more.stop, blocked: more.blocked ?? here.blocked }, at));
  }
  return { ...sight, signs };
}
