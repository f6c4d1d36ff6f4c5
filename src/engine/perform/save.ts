import { type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** Snapshot of the worktree, before anything else is done with it. */
export async function save({ ports }: Context, { task, run }: Subject): Promise<Result> {
  const words = run.settlement.outcome?.kind ?? (run.state === 'ended' ? (run.cause?.type ?? 'ended') : 'ended');
  const saved = await ports.workspaces.save(task, run.id, words);
  return result({ kind: 'step', done: { saved } }, saved.ref ?? 'nothing to save');
}
