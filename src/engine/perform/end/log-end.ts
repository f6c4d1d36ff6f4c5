import { hintOf } from '../../../core/advice/hints.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/**
 * The run's end in its own log, once, also where a daemon dies between the line and the record that it is written: what `jq 'select(.type=="error")'` shows of a failed one. Its STOP and BLOCKED.md, which are
 * judged by now, go to the run's folder, so that the next run does not meet them.
 */
export const logEnd: Performs<'log-end'> = {
  kind: 'log-end',
  async perform({ ports }, { task, run }) {
    if (run.state !== 'ended' || run.settlement.outcome === undefined) return NOTHING;
    const { outcome } = run.settlement;
    await ports.workspaces.consumeSigns(task.id, run.id);
    if (outcome.kind === 'failed') {
      const { type, message } = outcome.failure;
      const hint = hintOf(outcome.failure, { task: task.id });
      await ports.runLog.appendOnce(run, { type: 'error', run: run.id, error: { type, message, hint } }, outcome.failure.at);
    }
    const end = { type: 'tac8', event: 'run_ended', run: run.id, task: run.task, outcome: outcome.kind, exit: run.exit?.code ?? null };
    const cut = outcome.kind === 'done' && outcome.unfinished !== undefined ? { unfinished: outcome.unfinished.join(', ') } : {};
    await ports.runLog.appendOnce(run, { ...end, ...cut, pull: run.settlement.pull?.url ?? null }, run.endedAt);
    return result({ kind: 'step', done: { logged: true } }, outcome.kind);
  },
};
