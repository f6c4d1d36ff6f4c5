import type { Inspection } from '../../../core/model/run.ts';
import { commitsOf, elsewhereOf, leftOf } from '../../../core/words/left-words.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** What the run left: commits, changes, a question. One that ended by itself may have worked beside its branch: that is set right first. */
export const inspect: Performs<'inspect'> = {
  kind: 'inspect',
  async perform({ ports }, { task, run }) {
    if (run.state !== 'ended' || run.baseCommit === null) return NOTHING;
    const mended = run.settlement.mended ?? (await ports.workspaces.mendAfterKill(task, run.id));
    const inspection = await ports.workspaces.inspect(task, run.baseCommit);
    const words = [...mended.done, ...wordsOf(inspection)].join('; ');
    return result({ kind: 'step', done: { inspection, mended: { done: mended.done } } }, words);
  },
};

function wordsOf(inspection: Inspection): readonly string[] {
  const { commits, changed, dirty, elsewhere = [], question } = inspection;
  return [
    `${commitsOf(commits)}${commits > 0 && changed === false ? ', no file changed' : ''}`,
    ...(dirty ? [leftOf(inspection) ?? 'uncommitted changes'] : []),
    ...(elsewhere.length === 0 ? [] : [elsewhereOf(elsewhere)]),
    ...(question === null ? [] : ['a question']),
  ];
}
