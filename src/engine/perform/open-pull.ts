import { pullBody } from '../../core/pull-text.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** Opens the pull, or finds the one that is there: the worker's own, or that of an attempt whose answer was lost. */
export async function openPull({ ports, settings }: Context, { task, run }: Subject, signal: AbortSignal): Promise<Result> {
  if (ports.forge === null) return NOTHING;
  const base = settings.baseBranch ?? (await ports.forge.defaultBranch());
  const pull = await ports.forge.openPull(
    { branch: task.branch, base, title: task.title, body: pullBody(task, run), draft: settings.draft },
    signal,
  );
  return result({ kind: 'step', done: { pull } }, pull.url, { prs_created: 1 });
}
