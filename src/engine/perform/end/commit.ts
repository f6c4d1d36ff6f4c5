import { wipMessage } from '../../../core/words/end-words.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** What a stopped run left uncommitted, as a commit on the task's branch. Repeated after a crash, there is nothing more to commit. */
export const commit: Performs<'commit'> = {
  kind: 'commit',
  async perform({ ports }, { task, run }) {
    if (run.state !== 'ended' || run.cause === null) return NOTHING;
    const made = await ports.workspaces.commitWip(task, wipMessage(run.cause));
    return result({ kind: 'step', done: { wip: { commit: made } } }, made ?? 'nothing to commit');
  },
};
