import type { Run } from '../../../core/model/run.ts';
import { guardedIn } from '../../../core/review/guard.ts';
import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** The head that tac8 itself pushed last; null: none. */
const lastPushed = (runs: readonly Run[]): string | null =>
  runs.findLast(({ settlement }) => settlement.pushed?.remote != null)?.settlement.pushed?.commit ?? null;

/** The branch to the remote, unless a person has to see first what is in it; repeated, it pushes nothing. Without a remote the branch is the result. */
export const push: Performs<'push'> = {
  kind: 'push',
  async perform({ ports, policy }, { task, run }, signal) {
    const { allow } = policy().pulls;
    const guard = { guarded: (paths: readonly string[]) => guardedIn(paths, allow), approved: run.settlement.approved ?? null };
    const done = await ports.workspaces.push(task, signal, guard, lastPushed(ports.store.runsOf(task.id)));
    const { commit, remote, held, overtaken } = done;
    if (overtaken !== undefined) return result({ kind: 'step', done: { overtaken } }, `commits of ${overtaken.by.join(', ')} are there`);
    if (held !== undefined) return result({ kind: 'step', done: { held } }, `not pushed: it changes ${held.paths.join(', ')}`);
    return result(
      { kind: 'step', done: { pushed: { commit, remote } } },
      `${task.branch} at ${commit.slice(0, 7)}${remote === null ? ', no remote' : ''}`,
    );
  },
};
