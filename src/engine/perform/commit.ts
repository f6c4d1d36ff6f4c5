import { wipMessage } from '../../core/end-words.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Salvaging } from './abilities.ts';
import type { Subject } from './subject.ts';

/** What a stopped run left uncommitted, as a commit on the task's branch. Repeated after a crash, there is nothing more to commit. */
export async function commit({ ports }: Context, { task, run }: Subject): Promise<Result> {
  if (run.state !== 'ended' || run.cause === null) return NOTHING;
  const workspaces: Salvaging = ports.workspaces;
  const made = (await workspaces.commitWip?.(task, wipMessage(run.cause))) ?? null;
  return result({ kind: 'step', done: { wip: { commit: made } } }, made ?? 'nothing to commit');
}
