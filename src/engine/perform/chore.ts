import { type Chore, nameOf, type Removal } from '../../core/model/household.ts';
import { type RunId, type Task, unknownTask } from '../../core/model/task.ts';
import type { Policy } from '../../core/tick/policy.ts';
import type { Ports } from '../ports/context.ts';
import { PortError } from '../ports/error.ts';

/** What chores are done with; a command without a daemon has as much. */
export type Means = Pick<Ports, 'store' | 'workspaces' | 'housekeeping' | 'log' | 'clock'> & {
  readonly policy: Pick<Policy, 'keep' | 'branchPrefix'>;
};

/**
 * Does one chore; repeating it is harmless. `isLate`: the daemon is leaving, nothing is written into the store any more.
 * Answers what stands in the worktree, for a snapshot, and what it takes of the disk, for a measure.
 */
export async function performChore(means: Means, chore: Chore, isLate: () => boolean): Promise<string | number | null> {
  if (chore.kind === 'measure') return means.housekeeping.sizeOf(chore.task);
  if (chore.kind !== 'snapshot') return remove(means, chore, isLate).then(() => null);
  const task = means.store.task(chore.task);
  const run = means.store.run(chore.run);
  // It ended meanwhile: its end saves. One on another machine has no worktree here.
  if (task === null || run?.state !== 'running' || run.machine !== undefined) return null;
  return (await means.workspaces.save(task, chore.run, chore.why)).print ?? null;
}

async function remove(means: Means, removal: Removal, isLate: () => boolean): Promise<void> {
  const { housekeeping, log, clock, policy } = means;
  switch (removal.kind) {
    case 'remove-tree':
      await removeTree(means, removal, isLate);
      break;
    case 'remove-log':
      await housekeeping.removeLog(removal.task, removal.run);
      break;
    case 'remove-run-folder':
      await housekeeping.removeRunFolder(removal.run);
      break;
    case 'remove-home':
      await housekeeping.removeHome(removal.task);
      break;
    case 'drop-saved':
      await housekeeping.dropSaved(policy.keep.saved, clock.now());
  }
  log.info(nameOf(removal), { why: removal.why });
}

/** The owner is looked at once more right before: a retry may have come while this waited. Then save, then remove; git refuses what is not saved. */
async function removeTree(
  means: Means,
  { task: id, why, path }: Extract<Removal, { kind: 'remove-tree' }>,
  isLate: () => boolean,
): Promise<void> {
  const { store, clock } = means;
  const task = store.task(id);
  if (task !== null && task.state !== 'completed' && task.state !== 'failed') return;
  if (store.openRuns().some((run) => run.task === id)) return;
  const run = await saveAndRemove(means, task ?? unknownTask(id, means.policy.branchPrefix), path);
  if (isLate()) return;
  const entry = { at: clock.now(), task: id, run: task === null ? null : run, event: 'cleaned', detail: `${path}: ${why}` };
  store.commit({ history: [entry] });
}

/** Throws while a process works there, or where git would lose something. Answers the run that the save bears the name of. */
async function saveAndRemove({ store, workspaces, housekeeping }: Means, task: Task, path: string): Promise<RunId | null> {
  const users = await housekeeping.usersOf(path);
  if (users.length > 0) throw new PortError('retryable', `${path} is not removed: process ${users.slice(0, 3).join(', ')} works in it`);
  const run = ('run' in task ? task.run : null) ?? store.runsOf(task.id).at(-1)?.id ?? null;
  await workspaces.save(task, run, 'before its worktree is removed');
  await workspaces.remove(task, run);
  return run;
}
