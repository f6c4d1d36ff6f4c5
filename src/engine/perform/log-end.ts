import { HINTS } from '../../core/failure.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/**
 * The run's end in its own log: what `jq 'select(.type=="error")'` shows of a failed one. Its STOP and BLOCKED.md, which are
 * judged by now, go to the run's folder, so that the next run does not meet them.
 */
export async function logEnd({ ports }: Context, { task, run }: Subject): Promise<Result> {
  if (run.state !== 'ended' || run.settlement.outcome === undefined) return NOTHING;
  const { outcome } = run.settlement;
  await ports.workspaces.consumeSigns(task.id, run.id);
  if (outcome.kind === 'failed') {
    const { type, message } = outcome.failure;
    await ports.runLog.append(run, { type: 'error', run: run.id, error: { type, message, hint: HINTS[type] } });
  }
  const end = { type: 'tac8', event: 'run_ended', run: run.id, task: run.task, outcome: outcome.kind, exit: run.exit?.code ?? null };
  await ports.runLog.append(run, { ...end, pull: run.settlement.pull?.url ?? null });
  return result({ kind: 'step', done: { logged: true } }, outcome.kind);
}
