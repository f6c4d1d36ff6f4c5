import { type Issue, whyUnwanted } from '../model/forge.ts';
import type { Ms } from '../model/seen.ts';
import { branchOf, DEFAULT_PRIORITY, issueNumber, rootOf, type Task, type TaskId, type TaskIn } from '../model/task.ts';
import { isPullOver } from '../review/review.ts';
import { pathsIn } from '../route/paths-in.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { approve, minds } from './approval.ts';
import { armByLabel } from './arming.ts';

/** Who ends a task whose label was taken off or whose issue was closed. */
export const LABEL_GONE = 'GitHub';

/** Labels in, tasks out: new issues are queued, changed ones described anew, those that left the complete list are cancelled. */
export function takeIssues(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (world.forge === 'none') return;
  if (!world.issues.known) {
    draft.note(null, `GitHub: ${world.issues.because}`);
    return;
  }
  armByLabel(draft, world, world.issues.value);
  const listed = new Set<TaskId>();
  for (const issue of world.issues.value) {
    const id: TaskId = `gh-${issue.number}`;
    listed.add(id);
    const task = draft.tasks.get(id);
    if (task === undefined) queueNew(draft, world, policy, issue, now);
    else refresh(draft, world, policy, task, issue, now);
  }
  for (const task of draft.tasks.all()) {
    const number = issueNumber(task.id);
    const isOpen = task.state === 'active' || task.state === 'pending' || task.state === 'blocked';
    if (isOpen && task.armedBy === 'label' && number !== null && !listed.has(rootOf(task.id)))
      judgeUnlisted(draft, world, task, number, world.issues.at, policy, now);
  }
}

function queueNew(draft: Draft, world: World, policy: Policy, issue: Issue, now: Ms): void {
  const id: TaskId = `gh-${issue.number}`;
  const trigger = world.triggers.get(issue.number);
  if (trigger === undefined || !trigger.known) {
    draft.wantTrigger(issue.number);
    draft.note(
      id,
      trigger === undefined ? 'tac8 is looking up who put the label on' : `tac8 does not know who put the label on: ${trigger.because}`,
    );
    return;
  }
  if (!trigger.value.allowed) {
    draft.wantTrigger(issue.number);
    draft.note(id, `not started: ${trigger.value.why}`);
    return;
  }
  const paths = pathsOf(policy, issue);
  const task = newTask(id, issue.title, policy, now, { labels: issue.labels, armedBy: 'label', addedAt: issue.createdAt });
  draft.addTask(paths === undefined ? task : { ...task, paths }, trigger.value.why);
  approve(draft, id, issue, trigger.value.at ?? now);
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
    branch: branchOf(policy.branchPrefix, policy.branchName ?? '{task}', id, title === id ? '' : title),
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

/** Looked for where a route asks for them alone. */
const pathsOf = ({ routes }: Policy, issue: Issue): readonly string[] | undefined =>
  routes.some(({ when }) => when.paths !== undefined) ? pathsNamedBy(issue) : undefined;

/** Once for each text, not at each tick. */
const named = new WeakMap<Issue, readonly string[]>();
function pathsNamedBy(issue: Issue): readonly string[] {
  const found = named.get(issue) ?? pathsIn(issue.body);
  named.set(issue, found);
  return found;
}

/** Title and labels follow the issue; a label put on again after a cancellation arms the task again. */
function refresh(draft: Draft, world: World, policy: Policy, task: Task, issue: Issue, now: Ms): void {
  minds(draft, world, task, issue, now);
  const paths = pathsOf(policy, issue);
  const isSame = (one: readonly string[], other: readonly string[]): boolean => one.join('\n') === other.join('\n');
  if (task.title !== issue.title || !isSame(task.labels, issue.labels) || (paths !== undefined && !isSame(task.paths ?? [], paths))) {
    const described = { kind: 'described', title: issue.title, labels: issue.labels, ...(paths === undefined ? {} : { paths }) } as const;
    draft.task(task.id, described, 'the issue changed');
  }
  if (task.state === 'completed' && isPullOver(task, world.pullSights)) return refreshDone(draft, world, task, issue, now);
  if (task.state !== 'failed' || task.failure.type !== 'cancelled' || task.armedBy !== 'label') return;
  const trigger = world.triggers.get(issue.number);
  if (trigger === undefined || !trigger.known || (trigger.at ?? 0) < task.failure.at) draft.wantTrigger(issue.number);
  else if (!draft.stopped.has(task.id) && trigger.value.allowed && trigger.value.at !== null && trigger.value.at > task.failure.at) {
    const labelled = steadied(task, now);
    const why =
      labelled.notBefore === null ? 'the label was put on again' : 'people put the label on and take it off: tac8 waits until it stays';
    draft.task(task.id, { kind: 'rearmed', resume: null, armedBy: 'label', at: now, labelled }, why);
    approve(draft, task.id, issue, trigger.value.at);
  }
}

/** Twice in a while is a person's change of mind; more often it is a label that flaps, which starts nothing until it stays. */
const FLAPS: Ms = 2 * 60_000;
const AT_ONCE = 2;

function steadied({ labelled = [] }: Task, now: Ms): { readonly at: Ms; readonly notBefore: Ms | null } {
  const recent = labelled.filter((at) => at <= now && now - at < FLAPS);
  return { at: now, notBefore: recent.length < AT_ONCE ? null : now + FLAPS };
}

/** A label put on again after the pull was merged or closed asks for more work. Asked for when the issue changed, not with each list. */
function refreshDone(draft: Draft, world: World, task: TaskIn<'completed'>, issue: Issue, now: Ms): void {
  const trigger = world.triggers.get(issue.number);
  if (trigger === undefined || !trigger.known || trigger.at < Math.max(task.at, issue.updatedAt)) draft.wantTrigger(issue.number);
  if (trigger?.known !== true || draft.stopped.has(task.id) || !trigger.value.allowed) return;
  const { at } = trigger.value;
  if (at === null || at <= task.at) return;
  const event = { kind: 'rearmed', resume: null, armedBy: 'label', at: now, afresh: true } as const;
  if (draft.task(task.id, event, 'the label was put on again after its pull was over')) approve(draft, task.id, issue, at);
}

/**
 * A list can be short though it looks whole. So an issue that is missing from it is asked for by itself, and that answer alone says that
 * nobody wants the work any more.
 */
function judgeUnlisted(draft: Draft, world: World, task: Task, number: number, listedAt: Ms, policy: Policy, now: Ms): void {
  const own = world.singles.get(number);
  draft.wantIssue(number);
  if (own === undefined) return draft.note(task.id, 'its issue is missing from the list: tac8 asks for it by itself');
  if (!own.known)
    return draft.note(task.id, `kept: its issue is missing from the list, and tac8 does not know what has become of it: ${own.because}`);
  const why = whyUnwanted(own.value, policy);
  if (why === null) return draft.note(task.id, 'kept: its issue is missing from the list, but is open and bears the label');
  if (task.state === 'active') {
    // Both are newer than the start: an answer from before it may be about an earlier life of the task.
    if (Math.min(listedAt, own.at) > task.startedAt)
      draft.run(task.run, { kind: 'stop', cause: { type: 'cancelled', by: LABEL_GONE, reason: why, at: now } }, why);
    return;
  }
  draft.task(
    task.id,
    {
      kind: 'failed',
      run: null,
      at: now,
      failure: { type: 'cancelled', message: why, at: now, cause: 'issue', by: LABEL_GONE },
      burned: false,
    },
    why,
  );
}
