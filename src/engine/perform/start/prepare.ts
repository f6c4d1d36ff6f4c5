import { messageOf } from '../../../core/words/message-of.ts';
import { PortError, SetupError } from '../../ports/error.ts';
import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** Makes the worktree. Killed anywhere in between, the next try finds what there is and goes on. */
export const prepare: Performs<'prepare'> = {
  kind: 'prepare',
  async perform({ ports }, { task, run }, signal) {
    try {
      const { path, baseCommit, created } = await ports.workspaces.ensure(task, signal);
      // What an earlier run left there may be gone after this one: without a snapshot nobody starts on top of it.
      ports.workers.warmUp();
      if (!created) await ports.workspaces.save(task, run.id, 'before the worktree is used again');
      return result({ kind: 'prepared', baseCommit, at: ports.clock.now() }, `${created ? 'created' : 'reused'} ${path}`);
    } catch (error) {
      // Given up by us, because a person cancels it or the daemon leaves: git refused nothing.
      if (signal.aborted) throw error;
      const at = ports.clock.now();
      const message = messageOf(error);
      const hint = error instanceof PortError ? error.hint : '';
      const failure =
        error instanceof SetupError
          ? ({ type: 'setup_error', message, at, ...(hint === '' ? {} : { hint }) } as const)
          : ({ type: 'worktree_error', message: `${message}${hint === '' ? '' : ` — ${hint}`}`, at } as const);
      return result({ kind: 'ended', at, exit: null, failedStart: failure }, failure.message);
    }
  },
};
