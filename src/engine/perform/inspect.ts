import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** What the run left: commits, changes, a question. */
export async function inspect({ ports }: Context, { task, run }: Subject): Promise<Result> {
  if (run.state !== 'ended' || run.baseCommit === null) return NOTHING;
  const inspection = await ports.workspaces.inspect(task, run.baseCommit);
  const words = `${inspection.commits} commits${inspection.dirty ? ', uncommitted changes' : ''}${inspection.question === null ? '' : ', a question'}`;
  return result({ kind: 'step', done: { inspection } }, words);
}
