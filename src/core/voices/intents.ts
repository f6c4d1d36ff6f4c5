import type { BoardIntent } from '../board/text/view.ts';
import type { Ms } from '../model/seen.ts';
import { isRacer, issueNumber, racerName, type TaskId } from '../model/task.ts';
import { cancelTask, isLabelled, REMOVED, retryTask } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { newTask } from './intake.ts';

/** What a person's edit of `tasks.md` asks for becomes events. An intent that does not fit changes nothing and is noted. */
export function takeIntents(draft: Draft, world: World, policy: Policy, now: Ms): void {
  // A number that a line bears already is not given to another one beside it.
  for (const intent of world.intents)
    if (intent.kind === 'add' && intent.task !== undefined) draft.changeFleet({ kind: 'numbered', task: intent.task });
  for (const intent of world.intents) takeIntent(draft, world, policy, now, intent);
}

function takeIntent(draft: Draft, world: World, policy: Policy, now: Ms, intent: BoardIntent): void {
  switch (intent.kind) {
    case 'add':
      add(draft, world, policy, now, intent);
      return;
    case 'cancel':
      cancel(draft, world, policy, now, intent);
      return;
    case 'retry':
      retryTask(draft, intent.task, {
        why: 'its line was moved back under Pending in tasks.md',
        now,
        isLabelled: isLabelled(world, intent.task),
        pulls: world.pullSights,
      });
      return;
    case 'remove':
      if (draft.tasks.get(intent.task)?.state === 'pending') cancelTask(draft, intent.task, 'tasks.md', REMOVED, now);
      return;
    case 'priority':
      draft.task(intent.task, { kind: 'prioritised', priority: intent.priority }, `tasks.md: priority ${intent.priority}`);
      return;
    case 'retitle': {
      const task = draft.tasks.get(intent.task);
      if (task !== undefined) draft.task(task.id, { kind: 'described', title: intent.title, labels: task.labels }, 'tasks.md: new title');
      return;
    }
    case 'order':
      intent.tasks.forEach((id, index) => {
        if (draft.tasks.get(id)?.order !== index) draft.task(id, { kind: 'ordered', order: index }, `tasks.md: place ${index + 1}`);
      });
      return;
  }
}

function cancel(draft: Draft, world: World, policy: Policy, now: Ms, intent: Extract<BoardIntent, { kind: 'cancel' }>): void {
  const { task: id, reason } = intent;
  const isKnown = draft.tasks.has(id);
  if (!isKnown) addUnknown(draft, world, policy, now, id);
  const agent = racerName(id);
  if (!isKnown && agent !== null) draft.task(id, { kind: 'assigned', agent }, 'it is what it is called');
  cancelTask(draft, id, 'tasks.md', reason ?? 'cancelled in tasks.md', now);
}

/**
 * What a person does not want, and of which nothing was known yet (the database was lost, say): it is kept, so that neither the label of an issue
 * nor the race of an attempt starts it.
 */
function addUnknown(draft: Draft, world: World, policy: Policy, now: Ms, id: TaskId): void {
  const number = issueNumber(id);
  if (number === null ? !isRacer(id) : world.forge === 'none') return;
  const title = world.issues.known ? world.issues.value.find((issue) => issue.number === number)?.title : undefined;
  draft.addTask(newTask(id, title ?? id, policy, now, { armedBy: isLabelled(world, id) ? 'label' : 'person' }), 'tasks.md');
}

function add(draft: Draft, world: World, policy: Policy, now: Ms, intent: Extract<BoardIntent, { kind: 'add' }>): void {
  const id: TaskId = intent.task ?? (intent.number === null ? `local-${draft.fleet.nextLocal}` : `gh-${intent.number}`);
  if (intent.number !== null && world.forge === 'none' && !draft.tasks.has(id)) {
    // Said where it lasts: on the board, in the line's place.
    draft.addTask(newTask(id, intent.title, policy, now, { priority: intent.priority }), `tasks.md line ${intent.line}`);
    draft.addKeys.set(id, intent.key);
    const reason = `${id} names an issue, but there is no GitHub repository: write the line without a number`;
    cancelTask(draft, id, 'tasks.md', reason, now, 'no_forge');
    return;
  }
  if (draft.tasks.has(id)) {
    const retried = retryTask(draft, id, {
      why: 'added again in tasks.md',
      now,
      isLabelled: isLabelled(world, id),
      pulls: world.pullSights,
    });
    if (!retried) draft.note(id, `tasks.md line ${intent.line}: ${id} is there already`);
    return;
  }
  const task = newTask(id, intent.title, policy, now, { priority: intent.priority });
  const agent = racerName(id);
  draft.addTask(agent === null ? task : { ...task, agent }, `tasks.md line ${intent.line}`);
  draft.addKeys.set(id, intent.key);
  if (intent.number !== null) draft.changeFleet({ kind: 'unsure', tasks: [...(draft.fleet.unsure ?? []), id] });
}
