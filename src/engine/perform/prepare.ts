import { messageOf } from '../../core/message-of.ts';
import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import { PortError } from '../ports.ts';
import type { Subject } from './subject.ts';

/** Makes the worktree. Killed anywhere in between, the next try finds what there is and goes on. */
export async function prepare({ ports }: Context, { task, run }: Subject, signal: AbortSignal): Promise<Result> {
  try {
    const { path, baseCommit, created } = await ports.workspaces.ensure(task, signal);
    // What an earlier run left there may be gone after this one: without a snapshot nobody starts on top of it.
    ports.workers.expect();
    if (!created) await ports.workspaces.save(task, run.id, 'before the worktree is used again');
    return result({ kind: 'prepared', baseCommit, at: ports.clock.now() }, `${created ? 'created' : 'reused'} ${path}`);
  } catch (error) {
    // Given up by us, because a person cancels it or the daemon leaves: git refused nothing.
    if (signal.aborted) throw error;
    const at = ports.clock.now();
    const message = messageOf(error);
    const hint = error instanceof PortError && error.hint !== '' ? ` — ${error.hint}` : '';
    const failure = { type: 'worktree_error', message: `${message}${hint}`, at } as const;
    return result({ kind: 'ended', at, exit: null, failedStart: failure }, failure.message);
  }
}
