import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** Snapshot of the worktree, before anything else is done with it. */
export const save: Performs<'save'> = {
  kind: 'save',
  async perform({ ports }, { task, run }) {
    const words = run.settlement.outcome?.kind ?? (run.state === 'ended' ? (run.cause?.type ?? 'ended') : 'ended');
    const { ref, commit, incomplete } = await ports.workspaces.save(task, run.id, words);
    const saved = { ref, commit, ...(incomplete == null ? {} : { incomplete }) };
    const lacks = incomplete == null ? '' : `, not whole: ${incomplete}`;
    return result({ kind: 'step', done: { saved } }, `${ref ?? 'nothing to save'}${lacks}`);
  },
};
