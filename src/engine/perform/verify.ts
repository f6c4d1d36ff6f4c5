import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** `pulls.verify` in the worktree, before the pull. */
export async function verify({ ports }: Context, { task }: Subject, signal: AbortSignal): Promise<Result> {
  const verified = await ports.surroundings.verify(task, signal);
  return result({ kind: 'step', done: { verified } }, verified.ok ? 'checks are green' : 'checks are red');
}
