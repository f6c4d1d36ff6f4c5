import type { Draft } from './draft.ts';
import type { Issue } from './forge.ts';
import type { Ms } from './seen.ts';
import type { Task, TaskId } from './task.ts';
import type { World } from './world.ts';

/** An issue's title and body as they stood when its label was put on. Stored under the fact of that name. */
export interface ApprovedText {
  readonly title: string;
  readonly body: string;
}
export const textFact = (id: TaskId): string => `text:${id}`;

/** From now on the task means the issue as it is now, by the word of who put the label on at that time. */
export function approve(draft: Draft, id: TaskId, issue: Issue, at: Ms): void {
  draft.task(id, { kind: 'approved', approved: { print: issue.print, at } }, '');
  draft.remember(textFact(id), { title: issue.title, body: issue.body } satisfies ApprovedText);
}

/**
 * Whoever put the label on has read the text of then. One that was changed since may be anybody's, so that it counts only when the label is
 * put on again; until then the text of then is worked from.
 */
export function minds(draft: Draft, world: World, task: Task, issue: Issue, now: Ms): void {
  if (task.armedBy !== 'label') return;
  // A task from before texts were kept, or one that was taken up without its database.
  if (task.approved === undefined) return approve(draft, task.id, issue, now);
  if (task.approved.print === issue.print) return;
  const trigger = world.triggers.get(issue.number);
  const isAgain = trigger?.known === true && trigger.value.allowed && (trigger.value.at ?? 0) > task.approved.at;
  if (isAgain) return approve(draft, task.id, issue, trigger.value.at ?? now);
  draft.wantTrigger(issue.number);
  draft.note(task.id, EDITED);
}

export const EDITED =
  'the issue was edited after its label was put on: the text of then is worked from; put the label on again for the new one';
