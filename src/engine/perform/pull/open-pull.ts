import { isFree, moneyWords } from '../../../core/limits/spend.ts';
import { withRun } from '../../../core/limits/spending.ts';
import type { Run } from '../../../core/model/run.ts';
import { isRacer, rootOf, type Task } from '../../../core/model/task.ts';
import { comparedOf, keptOf } from '../../../core/race/compare.ts';
import { pullBody, type Readers } from '../../../core/review/pull-text.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { inTemplate, PLAIN_FORM, pullTitle } from '../../../core/words/pull-form.ts';
import type { Context } from '../../ports/context.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';
import { readersOf } from './readers.ts';

/** Opens the pull, or finds the one that is there: the worker's own, or that of an attempt whose answer was lost. */
export const openPull: Performs<'open-pull'> = {
  kind: 'open-pull',
  async perform(context, { task, run }, signal) {
    const { ports, settings, policy } = context;
    const form = policy().pulls.form ?? PLAIN_FORM;
    if (ports.forge === null) return NOTHING;
    const base = settings.baseBranch ?? (await ports.forge.defaultBranch());
    const { pushed } = run.settlement;
    const body = inTemplate(
      pullBody(task, run, { ...readersOf(context, task.id), cost: costOf(task, run), attempts: attemptsOf(context, task) }),
      await template(context),
    );
    const pull = await ports.forge.openPull(
      {
        branch: task.branch,
        base,
        title: pullTitle(form.title, task),
        body,
        draft: settings.draft,
        ...(pushed === undefined ? {} : { commit: pushed.commit }),
      },
      signal,
    );
    const isAnother = pull.number !== task.pull?.number || task.rounds === undefined;
    // What it says is of the run before; a person's own words stay.
    if (pull.number === task.pull?.number && pull.state === undefined) await ports.forge.rewritePull(pull.number, body, signal);
    // A round goes onto a pull that people may have dressed otherwise since.
    const refused = task.pull === null && pull.state === undefined ? await ports.forge.dress(pull.number, form, signal) : [];
    for (const words of refused) ports.log.warn(`pull #${pull.number}: ${words}`, { task: task.id });
    return result({ kind: 'step', done: { pull } }, [pull.url, ...refused].join('; '), isAnother ? { prs_created: 1 } : {});
  },
};

/** Where several attempts were made side by side: the chosen one first. */
function attemptsOf({ ports: { store } }: Context, { id }: Task): NonNullable<Readers['attempts']> {
  const race = isRacer(id) ? store.task(rootOf(id))?.race : undefined;
  if (race?.winner !== id) return [];
  const all = [id, ...race.racers.filter((one) => one !== id)].flatMap((one) => {
    const task = store.task(one);
    return task === null ? [] : [{ task, run: store.runsOf(one).at(-1) ?? null }];
  });
  return all.map((one) => ({ id: one.task.id, words: comparedOf(one), kept: one.task.id === id ? null : (keptOf(one) ?? 'nothing') }));
}

/** With the runs before this one. */
function costOf({ spent }: Task, { stream }: Run): string {
  const all = withRun(spent, stream.spend);
  return isFree(all) ? '' : moneyWords(all);
}

/** What cannot be read is no reason to keep the work back. */
async function template({ ports }: Context): Promise<string | null> {
  try {
    return await ports.workspaces.pullTemplate();
  } catch (error) {
    ports.log.debug(`the repository's form of a pull: ${messageOf(error)}`);
    return null;
  }
}
