import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** The worktree of a run that was cut off, brought to where git works in it again. The snapshot was taken before. */
export const mend: Performs<'mend'> = {
  kind: 'mend',
  async perform({ ports }, { task, run }) {
    const { done } = await ports.workspaces.mendAfterKill(task, run.id);
    return result({ kind: 'step', done: { mended: { done } } }, done.length === 0 ? 'nothing amiss' : done.join('; '));
  },
};
