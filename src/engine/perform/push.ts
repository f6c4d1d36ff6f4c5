import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** The branch to the remote; repeated, it pushes nothing. Without a remote the branch is the result. */
export async function push({ ports }: Context, { task }: Subject, signal: AbortSignal): Promise<Result> {
  const pushed = await ports.workspaces.push(task, signal);
  return result(
    { kind: 'step', done: { pushed } },
    `${task.branch} at ${pushed.commit.slice(0, 7)}${pushed.remote === null ? ', no remote' : ''}`,
  );
}
