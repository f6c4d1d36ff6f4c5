import { commentBody, commentMarker } from '../../core/pull-text.ts';
import { issueNumber } from '../../core/task.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './subject.ts';

/** Tells the issue how the run ended, once: the forge looks for our marker before it posts. */
export async function postComment({ ports }: Context, { task, run }: Subject, signal: AbortSignal): Promise<Result> {
  const number = issueNumber(task.id);
  if (ports.forge === null || number === null) return NOTHING;
  const { url, posted } = await ports.forge.comment(number, commentMarker(run), commentBody(task, run), signal);
  return result({ kind: 'step', done: { commented: { url } } }, posted ? url : `${url}, it was there`);
}
