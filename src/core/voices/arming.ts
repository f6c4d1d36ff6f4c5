import type { Issue } from '../model/forge.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';

/**
 * An issue that a line in `tasks.md` named is kept by that word. Where it bears the label, put on by somebody who may, the label keeps
 * it: most of all where the database was lost, and the lines that are read anew were tac8's own. Taking the label off then ends it.
 */
export function armByLabel(draft: Draft, world: World, listed: readonly Issue[]): void {
  const { unsure = [] } = draft.fleet;
  if (unsure.length === 0) return;
  const left = unsure.filter((id) => {
    const issue = listed.find(({ number }) => `gh-${number}` === id);
    const trigger = issue === undefined ? undefined : world.triggers.get(issue.number);
    if (issue === undefined) return false;
    if (trigger === undefined || !trigger.known) {
      draft.wantTrigger(issue.number);
      return true;
    }
    if (!trigger.value.allowed || draft.tasks.get(id)?.armedBy !== 'person') return false;
    draft.task(id, { kind: 'armed', by: 'label' }, trigger.value.why);
    return false;
  });
  if (left.length < unsure.length) draft.changeFleet({ kind: 'unsure', tasks: left });
}
