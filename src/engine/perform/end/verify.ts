import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** `pulls.verify` in the worktree, before the pull. */
export const verify: Performs<'verify'> = {
  kind: 'verify',
  async perform({ ports }, { task }, signal) {
    const verified = await ports.surroundings.verify(task, signal);
    return result({ kind: 'step', done: { verified } }, verified.ok ? 'checks are green' : 'checks are red');
  },
};
