import type { Daemon } from '../compose/daemon.ts';
import type { Saved } from '../compose/premises.ts';
import { bearerOf, type Task, type TaskId, unknownTask } from '../core/model/task.ts';
import type { Workers } from '../engine/ports/machine/workers.ts';
import type { Store } from '../engine/ports/records/store.ts';

/** Why something is not done, and what to do about it. */
export interface Hindrance {
  readonly message: string;
  readonly hint: string;
}

export interface InUse {
  readonly store: Store;
  readonly workers: Pick<Workers, 'strays' | 'probe'>;
  readonly hasDaemon: boolean;
}

/** Nobody's hands meet in one worktree: not while a worker lives there, nor when one could come at any moment. Null: it is free. */
export async function whyInUse({ store, workers, hasDaemon }: InUse, task: Task): Promise<Hindrance | null> {
  const hint = `\`tac8 stop ${task.id}\` ends it; --to DIR puts the work into a folder of its own.`;
  const [stray] = (await workers.strays(() => false)).filter((one) => one.task === task.id);
  if (stray !== undefined) return { message: `a worker of ${task.id} lives: ${stray.run}, pid ${stray.process.pid}`, hint };
  for (const run of store.openRuns().filter((one) => one.task === task.id)) {
    const process = run.state === 'running' || run.state === 'stopping' ? run.process : null;
    const seen = await workers.probe(run.id, process);
    if (seen.kind === 'alive' || seen.kind === 'remains') return { message: `a worker of ${task.id} lives: ${run.id}`, hint };
    if (hasDaemon) return { message: `${run.id} of ${task.id} is ${run.state}: the daemon is at work on it`, hint };
  }
  if (hasDaemon && task.version > 0 && task.state === 'pending' && task.pausedAt === null)
    return {
      message: `${task.id} is in the queue: a worker may start in its worktree at any moment`,
      hint: `\`tac8 pause ${task.id}\` pauses it; --to DIR puts the work into a folder of its own.`,
    };
  return null;
}

export const shortName = ({ run, n }: Pick<Saved, 'run' | 'n'>): string => `${run}/${n}`;

/** The snapshot of that name, or the newest; else why there is none. */
export function chooseSaved(all: readonly Saved[], id: TaskId, ref: string | null): Saved | Hindrance {
  const found = ref === null ? all[0] : all.find((one) => one.ref === ref || shortName(one) === ref);
  if (found !== undefined) return found;
  if (all.length === 0) return { message: `nothing is saved of ${id}`, hint: 'Work is saved while a worker runs and when it ends.' };
  return {
    message: `there is no snapshot ${ref ?? ''} of ${id}`,
    hint: `\`tac8 restore ${id} --list\` shows them: ${all.map(shortName).join(', ')}`,
  };
}

export interface RestoreAt {
  readonly store: Store;
  readonly workers: InUse['workers'];
  readonly workspaces: Pick<Daemon['workspaces'], 'listSaved' | 'restore'>;
  readonly branchPrefix: string;
}

/** Puts a snapshot back into the task's worktree; what is there now is saved first. Says what came of it. */
export async function restoreInto(
  at: RestoreAt,
  asked: TaskId,
  ref: string | null,
): Promise<{ readonly ok: boolean; readonly message: string }> {
  const { store, workers, workspaces, branchPrefix } = at;
  const id = bearerOf(asked, store.task(asked));
  const saved = chooseSaved(await workspaces.listSaved(id), id, ref);
  if ('message' in saved) return { ok: false, message: `${saved.message}. ${saved.hint}` };
  const task = store.task(id) ?? unknownTask(id, branchPrefix);
  const inUse = await whyInUse({ store, workers, hasDaemon: true }, task);
  if (inUse !== null) return { ok: false, message: `${inUse.message}. ${inUse.hint}` };
  const { path, head, repositories } = await workspaces.restore(task, { ref: saved.ref });
  const lacks =
    repositories.filesOnly.length === 0
      ? ''
      : `; repositories inside, of which only the files came back: ${repositories.filesOnly.join(', ')}`;
  return { ok: true, message: `${shortName(saved)} is put back into ${path}${head === null ? '' : `, on ${head.slice(0, 12)}`}${lacks}` };
}
