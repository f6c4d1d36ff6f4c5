import type { Issue } from '../model/forge.ts';
import type { Ms } from '../model/seen.ts';
import type { Task, TaskId } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';

/** An issue's title and body as they stood when its label was put on. Stored under the fact of that name. */
export interface ApprovedText {
  readonly title: string;
  readonly body: string;
}
export const textFact = (id: TaskId): `text:${TaskId}` => `text:${id}`;

/** From now on the task means the issue as it is now, by the word of who put the label on at that time. */
export function approve(draft: Draft, id: TaskId, issue: Issue, at: Ms): void {
  draft.task(id, { kind: 'approved', approved: { print: issue.print, at } }, '');
  draft.remember(textFact(id), { title: issue.title, body: issue.body } satisfies ApprovedText);
}

/**
 * The person who put the label on read the text as it was then. A later edit may come from anyone, so it counts only when the label is put
 * on again; until then tac8 works from the older text.
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
  'the issue was edited after its label was put on: tac8 works from the text as it was then; put the label on again to use the new text';
