import { pullBody } from '../../../core/review/pull-text.ts';
import { harmlessTitle } from '../../../core/words/harmless.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';
import { readersOf } from './readers.ts';

/** Opens the pull, or finds the one that is there: the worker's own, or that of an attempt whose answer was lost. */
export const openPull: Performs<'open-pull'> = {
  kind: 'open-pull',
  async perform(context, { task, run }, signal) {
    const { ports, settings } = context;
    if (ports.forge === null) return NOTHING;
    const base = settings.baseBranch ?? (await ports.forge.defaultBranch());
    const { pushed } = run.settlement;
    const pull = await ports.forge.openPull(
      {
        branch: task.branch,
        base,
        title: harmlessTitle(task.title),
        body: pullBody(task, run, readersOf(context, task.id)),
        draft: settings.draft,
        ...(pushed === undefined ? {} : { commit: pushed.commit }),
      },
      signal,
    );
    const isAnother = pull.number !== task.pull?.number || task.rounds === undefined;
    return result({ kind: 'step', done: { pull } }, pull.url, isAnother ? { prs_created: 1 } : {});
  },
};
