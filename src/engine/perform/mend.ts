import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Salvaging } from './abilities.ts';
import type { Subject } from './subject.ts';

/** The worktree of a run that was cut off, brought to where git works in it again. The snapshot was taken before. */
export async function mend({ ports }: Context, { task, run }: Subject): Promise<Result> {
  const workspaces: Salvaging = ports.workspaces;
  const { done } = (await workspaces.mendAfterKill?.(task, run.id)) ?? { done: [] };
  return result({ kind: 'step', done: { mended: { done } } }, done.length === 0 ? 'nothing amiss' : done.join('; '));
}
