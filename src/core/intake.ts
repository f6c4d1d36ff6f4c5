import type { Draft } from './draft.ts';
import type { Issue } from './forge.ts';
import type { Policy } from './policy.ts';
import type { Ms } from './seen.ts';
import { DEFAULT_PRIORITY, issueNumber, type Task, type TaskId } from './task.ts';
import type { World } from './world.ts';

export const LABEL_GONE = 'label removed or issue closed';

/** Labels in, tasks out: new issues are queued, changed ones described anew, those that left the complete list are cancelled. */
export function takeIssues(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (world.forge === 'none') return;
  if (!world.issues.known) {
    draft.note(null, `GitHub: ${world.issues.because}`);
    return;
  }
  const listed = new Set<TaskId>();
  for (const issue of world.issues.value) {
    const id: TaskId = `gh-${issue.number}`;
    listed.add(id);
    const task = draft.tasks.get(id);
    if (task === undefined) queueNew(draft, world, policy, issue, now);
    else refresh(draft, world, task, issue);
  }
  cancelUnlisted(draft, listed, world.issues.at, policy, now);
}

function queueNew(draft: Draft, world: World, policy: Policy, issue: Issue, now: Ms): void {
  const id: TaskId = `gh-${issue.number}`;
  const trigger = world.triggers.get(issue.number);
  if (trigger === undefined || !trigger.known) {
    draft.wantTrigger(issue.number);
    draft.note(
      id,
      trigger === undefined ? 'who put the label on is being looked up' : `who put the label on is not known: ${trigger.because}`,
    );
    return;
  }
  if (!trigger.value.allowed) {
    draft.wantTrigger(issue.number);
    draft.note(id, `not started: ${trigger.value.why}`);
    return;
  }
  draft.addTask(
    newTask(id, issue.title, policy, now, { labels: issue.labels, armedBy: 'label', addedAt: issue.createdAt }),
    trigger.value.why,
  );
}

export function newTask(
  id: TaskId,
  title: string,
  policy: Policy,
  now: Ms,
  more: Partial<Pick<Task, 'labels' | 'armedBy' | 'addedAt' | 'priority'>>,
): Task {
  return {
    id,
    title,
    priority: more.priority ?? DEFAULT_PRIORITY,
    labels: more.labels ?? [],
    addedAt: more.addedAt ?? now,
    armedBy: more.armedBy ?? 'person',
    order: null,
    branch: `${policy.branchPrefix}${id}`,
    attempts: 0,
    runs: 0,
    pull: null,
    pausedAt: null,
    version: 1,
    state: 'pending',
    retryAt: null,
    last: null,
    resume: null,
  };
}

/** Title and labels follow the issue; a label put on again after a cancellation arms the task again. */
function refresh(draft: Draft, world: World, task: Task, issue: Issue): void {
  if (task.title !== issue.title || task.labels.join('\n') !== issue.labels.join('\n')) {
    draft.task(task.id, { kind: 'described', title: issue.title, labels: issue.labels }, 'the issue changed');
  }
  if (task.state !== 'failed' || task.failure.type !== 'cancelled' || task.armedBy !== 'label') return;
  const trigger = world.triggers.get(issue.number);
  if (trigger === undefined || !trigger.known || (trigger.at ?? 0) < task.failure.at) draft.wantTrigger(issue.number);
  else if (!draft.stopped.has(task.id) && trigger.value.allowed && trigger.value.at !== null && trigger.value.at > task.failure.at) {
    draft.task(task.id, { kind: 'rearmed', resume: null, armedBy: 'label' }, 'the label was put on again');
  }
}

/** Only a complete list that is newer than the task says that the label is gone. */
function cancelUnlisted(draft: Draft, listed: ReadonlySet<TaskId>, at: Ms, policy: Policy, now: Ms): void {
  for (const task of [...draft.tasks.values()]) {
    if (task.armedBy !== 'label' || issueNumber(task.id) === null || listed.has(task.id)) continue;
    const reason = `${LABEL_GONE} (${policy.label})`;
    if (task.state === 'active') {
      if (at > task.startedAt) draft.run(task.run, { kind: 'stop', cause: { type: 'cancelled', by: LABEL_GONE, reason, at: now } }, reason);
    } else if (task.state === 'pending' || task.state === 'blocked') {
      const failure = { type: 'cancelled', message: reason, at: now } as const;
      draft.task(task.id, { kind: 'failed', run: null, at: now, failure, burned: false }, reason);
    }
  }
}
