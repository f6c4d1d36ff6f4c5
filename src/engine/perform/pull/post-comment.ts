import { issueNumber } from '../../../core/model/task.ts';
import { commentBody, commentMarker } from '../../../core/review/pull-text.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';
import { readersOf } from './readers.ts';

/** Tells the issue how the run ended, once: the forge looks for our marker before it posts. */
export const postComment: Performs<'comment'> = {
  kind: 'comment',
  async perform(context, { task, run }, signal) {
    const { ports } = context;
    const number = issueNumber(task.id);
    if (ports.forge === null || number === null) return NOTHING;
    const { url, posted } = await ports.forge.comment(
      number,
      commentMarker(run),
      commentBody(task, run, readersOf(context, task.id)),
      signal,
    );
    return result({ kind: 'step', done: { commented: { url } } }, posted ? url : `${url}, it was there`);
  },
};
