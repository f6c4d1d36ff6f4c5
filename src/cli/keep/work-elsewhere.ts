import type { Premises } from '../../compose/premises.ts';
import { machineOf } from '../../core/model/fleet.ts';
import type { Task } from '../../core/model/task.ts';
import type { Project } from '../../place/project.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { sayAside } from '../ground/say.ts';

/** Of a task that is worked on by another machine, what it has now is brought here first; where that cannot be had, a line says so. */
export async function bringFromElsewhere(project: Project, { store, workspaces }: Premises, task: Task): Promise<void> {
  const run = store.openRuns().find((one) => one.task === task.id);
  const machine = run === undefined ? null : machineOf(run);
  // Before it is prepared there is nothing, and after its end what it came to is here.
  if (run === undefined || machine === null || (run.state !== 'running' && run.state !== 'stopping')) return;
  const { bringWorkNow } = await import('../../machines/work-now.ts');
  const why = await bringWorkNow(project, process.env, await workspaces(), { machine, task, run });
  if (why !== null) sayAside(`${cleanLine(`${task.id} is on ${machine}, and this is what had come from there before: ${why}`)}\n`);
}
