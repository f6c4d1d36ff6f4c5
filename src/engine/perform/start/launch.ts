import type { RunId, Task } from '../../../core/model/task.ts';
import { isFromBefore } from '../../../core/settle/explain.ts';
import { EDITED } from '../../../core/voices/approval.ts';
import type { Ports } from '../../ports/context.ts';
import { PortError } from '../../ports/error.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';
import { failedStart } from './failed-start.ts';

/** Writes the prompt and starts the agent, at most once per run however often this is repeated. */
export const launch: Performs<'launch'> = {
  kind: 'launch',
  async perform({ ports }, { task, run, issue }) {
    if (run.state !== 'starting') return NOTHING;
    try {
      const workspace = { path: ports.workspaces.pathOf(task.id), baseCommit: run.baseCommit };
      await putAsideOld(ports, task, run.id);
      const plan = await ports.agents.prepare(task, run, issue?.issue ?? null, workspace);
      await ports.runLog.append(run, {
        type: 'tac8',
        event: 'run_started',
        run: run.id,
        task: task.id,
        attempt: run.attempt,
        resumes: run.resumes?.run ?? null,
        ...(plan.prices !== undefined && { prices: plan.prices }),
      });
      const process = await ports.workers.launch(plan);
      const words = [`pid ${process.pid}`, ...(issue?.isEdited ? [EDITED] : []), ...(plan.note === null ? [] : [plan.note])].join('; ');
      return result({ kind: 'launched', process, at: ports.clock.now() }, words, { workers_launched: 1 });
    } catch (error) {
      if (!(error instanceof PortError) || error.sort !== 'terminal') throw error;
      return failedStart(ports.clock.now(), `${error.message}${error.hint === '' ? '' : ` — ${error.hint}`}`);
    }
  },
};

/** Where an old STOP cannot be read or moved, the run meets it. */
async function putAsideOld({ workspaces }: Pick<Ports, 'workspaces'>, task: Task, run: RunId): Promise<void> {
  const signs = await workspaces.signs(task.id).catch(() => null);
  if (signs !== null && isFromBefore(task, signs)) await workspaces.consumeSigns(task.id, run).catch(() => undefined);
}
