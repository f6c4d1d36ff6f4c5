import type { Run } from '../model/run.ts';
import type { Task, TaskIn } from '../model/task.ts';

/** The pull that this run worked on was merged or closed before the run's work was on it. */
export const isOverMeanwhile = (task: Task, run: Run): task is TaskIn<'completed'> =>
  task.state === 'completed' && task.over !== undefined && task.run === run.id && run.settlement.pull === undefined;

/** What the run made and the pull does not have, and where it is; null: nothing. `name`: how a branch or ref is set off from the words. */
export function leftBehind(task: TaskIn<'completed'>, { settlement }: Run, name = (ref: string): string => ref): string | null {
  const { inspection, saved } = settlement;
  const head = inspection?.head ?? null;
  const where = [
    ...(head === null || head === task.commit || inspection?.commits === 0
      ? []
      : [`its commits are on branch ${name(task.branch)}, at ${head.slice(0, 7)}`]),
    ...(saved?.ref ? [`what was not committed is saved as ${name(saved.ref)}`] : []),
  ];
  return where.length === 0 ? null : where.join('; ');
}
