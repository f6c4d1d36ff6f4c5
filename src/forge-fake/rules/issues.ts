import { forbidden, invalid, notFound } from '../state/answer.ts';
import { type Fake, stamp, takeId } from '../state/fake.ts';
import { may } from '../state/people.ts';
import type { Comment, EventName, Issue, IssueEvent, Label, PullFacts, User } from '../state/state.ts';

/*
 * What people do to issues. Every function takes the person, holds to GitHub's rules on what they may do, and records the events.
 * Nothing here waits, so two requests never mix.
 */

const BODY_LIMIT = 65_536;
const TITLE_LIMIT = 256;

export const findIssue = (fake: Fake, number: number): Issue => {
  const issue = fake.store.state.issues.find((one) => one.number === number);
  if (issue === undefined) throw notFound();
  return issue;
};

/** What no webhook is sent of here. */
const UNSENT: ReadonlySet<EventName> = new Set([
  'head_ref_deleted',
  'base_ref_deleted',
  'automatic_base_change_succeeded',
  'added_to_merge_queue',
  'removed_from_merge_queue',
  'auto_merge_enabled',
  'auto_merge_disabled',
]);

export function record(fake: Fake, issue: Issue, actor: string, event: EventName, extra: Partial<IssueEvent> = {}): void {
  fake.store.state.events.push({ id: takeId(fake), issue: issue.number, actor, event, createdAt: stamp(fake), ...extra });
  issue.updatedAt = stamp(fake);
  const action = event === 'merged' ? 'closed' : event === 'renamed' ? 'edited' : event;
  if (!UNSENT.has(event))
    fake.hooks.send(issue.pull === null ? 'issues' : 'pull_request', action, issue.number, { label: extra.label?.name });
}

/** Refuses what GitHub refuses: too long, or empty where it must not be. */
export function checkText(resource: string, field: 'title' | 'body', text: string): void {
  const limit = field === 'title' ? TITLE_LIMIT : BODY_LIMIT;
  if ([...text].length > limit) {
    throw invalid({ resource, code: 'custom', field, message: `${field} is too long (maximum is ${limit} characters)` });
  }
}

export interface NewIssue {
  readonly title: string;
  readonly body: string | null;
  readonly labels: readonly string[];
  /** By an issue form: its labels are put on for anyone. */
  readonly form?: boolean;
  readonly pull?: PullFacts;
}

export function createIssue(fake: Fake, as: User, wanted: NewIssue): Issue {
  const resource = wanted.pull === undefined ? 'Issue' : 'PullRequest';
  if (wanted.title.trim() === '') throw invalid({ resource, code: 'missing_field', field: 'title' });
  checkText(resource, 'title', wanted.title);
  checkText(resource, 'body', wanted.body ?? '');
  const { state } = fake.store;
  const now = stamp(fake);
  const issue: Issue = {
    id: takeId(fake),
    number: state.nextNumber,
    title: wanted.title,
    body: wanted.body,
    author: as.login,
    labels: [],
    state: 'open',
    stateReason: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    pull: wanted.pull ?? null,
  };
  state.nextNumber += 1;
  state.issues.push(issue);
  fake.hooks.send(issue.pull === null ? 'issues' : 'pull_request', 'opened', issue.number);
  // Without push access the labels are dropped without a word.
  if (wanted.form === true || may(fake, as, 'write')) for (const name of wanted.labels) putLabel(fake, as, issue, name);
  fake.store.touch();
  return issue;
}

export interface IssueChange {
  readonly title?: string;
  readonly body?: string | null;
  readonly state?: 'open' | 'closed';
  readonly stateReason?: Issue['stateReason'];
  readonly labels?: readonly string[];
}

export function changeIssue(fake: Fake, as: User, issue: Issue, change: IssueChange): void {
  if (issue.author !== as.login && !may(fake, as, 'triage')) throw forbidden();
  const resource = issue.pull === null ? 'Issue' : 'PullRequest';
  if (change.title !== undefined) {
    checkText(resource, 'title', change.title);
    if (change.title.trim() === '') throw invalid({ resource, code: 'missing_field', field: 'title' });
    if (change.title !== issue.title) record(fake, issue, as.login, 'renamed', { rename: { from: issue.title, to: change.title } });
    issue.title = change.title;
  }
  if (change.body !== undefined) {
    checkText(resource, 'body', change.body ?? '');
    issue.body = change.body;
    fake.hooks.send(issue.pull === null ? 'issues' : 'pull_request', 'edited', issue.number);
    issue.edits = [...(issue.edits ?? []), { by: as.login, at: stamp(fake) }];
  }
  if (change.labels !== undefined && may(fake, as, 'write')) setLabels(fake, as, issue, change.labels);
  if (change.state !== undefined) setState(fake, as.login, issue, change.state, change.stateReason);
  issue.updatedAt = stamp(fake);
  fake.store.touch();
}

/** Opens or closes; nothing happens when it is so already. */
export function setState(
  fake: Fake,
  actor: string,
  issue: Issue,
  to: 'open' | 'closed',
  reason?: Issue['stateReason'],
  commit?: string,
): void {
  if (issue.state === to) return;
  issue.state = to;
  issue.closedAt = to === 'closed' ? stamp(fake) : null;
  issue.closedBy = to === 'closed' ? actor : null;
  if (to === 'closed' && issue.pull?.autoMerge != null && issue.pull.mergedAt === null) {
    issue.pull.autoMerge = null;
    record(fake, issue, actor, 'auto_merge_disabled', { reason: 'closed' });
  }
  issue.stateReason = issue.pull !== null ? null : to === 'closed' ? (reason ?? 'completed') : 'reopened';
  record(fake, issue, actor, to === 'closed' ? 'closed' : 'reopened', {
    stateReason: to === 'closed' ? issue.stateReason : null,
    ...(commit === undefined ? {} : { commit }),
  });
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The repository's label of that name in any case; made when it is not there, as GitHub does. */
export function ensureLabel(fake: Fake, name: string, color = 'ededed', description: string | null = null): Label {
  const { labels } = fake.store.state;
  const known = labels.find((label) => sameName(label.name, name));
  if (known !== undefined) return known;
  if (name.trim() === '' || [...name].length > 50) throw invalid({ resource: 'Label', code: 'invalid', field: 'name' });
  const label: Label = { id: takeId(fake), name, color, description };
  labels.push(label);
  return label;
}

function putLabel(fake: Fake, as: User, issue: Issue, name: string): void {
  const label = ensureLabel(fake, name);
  if (issue.labels.includes(label.name)) return;
  issue.labels.push(label.name);
  record(fake, issue, as.login, 'labeled', { label: { name: label.name, color: label.color } });
}

function dropLabel(fake: Fake, as: User, issue: Issue, name: string): void {
  const label = ensureLabel(fake, name);
  issue.labels = issue.labels.filter((one) => one !== label.name);
  record(fake, issue, as.login, 'unlabeled', { label: { name: label.name, color: label.color } });
}

/** Whoever may triage may label; `force` is for what is not a person's hand: a form, an automation. */
export function addLabels(fake: Fake, as: User, issue: Issue, names: readonly string[], force = false): void {
  if (!force && !may(fake, as, 'triage')) throw forbidden();
  for (const name of names) putLabel(fake, as, issue, name);
  fake.store.touch();
}

export function removeLabel(fake: Fake, as: User, issue: Issue, name: string, force = false): void {
  if (!force && !may(fake, as, 'triage')) throw forbidden();
  const there = issue.labels.find((one) => sameName(one, name));
  if (there === undefined) throw notFound('Label does not exist');
  dropLabel(fake, as, issue, there);
  fake.store.touch();
}

/** These and no others. */
export function setLabels(fake: Fake, as: User, issue: Issue, names: readonly string[]): void {
  const wanted = names.map((name) => ensureLabel(fake, name).name);
  for (const name of issue.labels.filter((one) => !wanted.includes(one))) dropLabel(fake, as, issue, name);
  for (const name of wanted) putLabel(fake, as, issue, name);
  fake.store.touch();
}

export function addComment(fake: Fake, as: User, issue: Issue, body: string): Comment {
  if (body.trim() === '') throw invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' });
  checkText('IssueComment', 'body', body);
  const now = stamp(fake);
  const comment: Comment = { id: takeId(fake), issue: issue.number, author: as.login, body, createdAt: now, updatedAt: now };
  fake.store.state.comments.push(comment);
  issue.updatedAt = now;
  fake.hooks.send('issue_comment', 'created', issue.number, { comment: comment.id });
  fake.store.touch();
  return comment;
}

export function findComment(fake: Fake, id: number): Comment {
  const comment = fake.store.state.comments.find((one) => one.id === id);
  if (comment === undefined) throw notFound();
  return comment;
}

export function changeComment(fake: Fake, as: User, comment: Comment, body: string): void {
  if (comment.author !== as.login && !may(fake, as, 'write')) throw forbidden();
  if (body.trim() === '') throw invalid({ resource: 'IssueComment', code: 'missing_field', field: 'body' });
  checkText('IssueComment', 'body', body);
  comment.body = body;
  comment.updatedAt = stamp(fake);
  fake.hooks.send('issue_comment', 'edited', comment.issue, { comment: comment.id });
  fake.store.touch();
}

export function removeComment(fake: Fake, as: User, comment: Comment): void {
  if (comment.author !== as.login && !may(fake, as, 'write')) throw forbidden();
  const { state } = fake.store;
  state.comments = state.comments.filter((one) => one !== comment);
  fake.store.touch();
}
