import {
  addComment,
  addLabels,
  changeComment,
  changeIssue,
  createIssue,
  findComment,
  findIssue,
  type IssueChange,
  removeComment,
  removeLabel,
  setLabels,
} from '../rules/issues.ts';
import {
  commentShape,
  eventShape,
  fullIssueShape,
  issueShape,
  labelsOf,
  nodeId,
  personShape,
  timelineCommentShape,
} from '../shape/shapes.ts';
import { type Answer, created, forbidden, invalid, loginNeeded, ok } from '../state/answer.ts';
import { type Fake, stamp, takeId } from '../state/fake.ts';
import { findUser, may } from '../state/people.ts';
import type { Issue, User } from '../state/state.ts';
import { choiceField, namesField, nullableText, objectBody, textField } from './body.ts';
import { type Call, numberOf, page, type Route } from './router.ts';

/** Whoever writes has to be somebody. */
export function writer(call: Call): User {
  if (call.user === null) throw loginNeeded();
  return call.user;
}

const issueOf = (fake: Fake, call: Call): Issue => findIssue(fake, numberOf(call, 'number'));

function listIssues(fake: Fake, call: Call): Answer {
  const { query } = call;
  const state = query.get('state') ?? 'open';
  if (!['open', 'closed', 'all'].includes(state)) throw invalid({ resource: 'Issue', code: 'invalid', field: 'state' });
  const labels = (query.get('labels') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const since = query.get('since');
  const creator = query.get('creator')?.toLowerCase();
  const issues = fake.store.state.issues
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((name) => issue.labels.some((one) => one.toLowerCase() === name)))
    .filter((issue) => since === null || Date.parse(issue.updatedAt) >= Date.parse(since))
    .filter((issue) => creator === undefined || issue.author.toLowerCase() === creator);
  return page(fake, call, '/issues', sortIssues(issues, query), (issue) => issueShape(fake, issue));
}

/** Newest first unless asked otherwise; equal times by number. */
export function sortIssues<T extends Issue>(issues: readonly T[], query: URLSearchParams): readonly T[] {
  const key = (issue: Issue): string => (query.get('sort') === 'updated' ? issue.updatedAt : issue.createdAt);
  const sign = query.get('direction') === 'asc' ? 1 : -1;
  return [...issues].sort((a, b) => sign * (key(a).localeCompare(key(b)) || a.number - b.number));
}

function postIssue(fake: Fake, call: Call): Answer {
  const as = writer(call);
  const body = objectBody(call);
  const title = textField(body, 'title');
  if (title === undefined) throw invalid({ resource: 'Issue', code: 'missing_field', field: 'title' });
  const labels = namesField(body.labels ?? []);
  return created(fullIssueShape(fake, createIssue(fake, as, { title, body: nullableText(body, 'body') ?? null, labels })));
}

/** The fields of a change, for issues and pulls alike. */
export function changeOf(body: Readonly<Record<string, unknown>>): IssueChange {
  const title = textField(body, 'title');
  const text = nullableText(body, 'body');
  const state = choiceField(body, 'state', ['open', 'closed']);
  const stateReason = choiceField(body, 'state_reason', ['completed', 'not_planned', 'reopened', 'duplicate']);
  return {
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { body: text }),
    ...(state === undefined ? {} : { state }),
    ...(stateReason === undefined ? {} : { stateReason }),
    ...(body.labels === undefined ? {} : { labels: namesField(body.labels) }),
  };
}

function patchIssue(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  changeIssue(fake, writer(call), issue, changeOf(objectBody(call)));
  return ok(fullIssueShape(fake, issue));
}

/** Who may not be assigned is left out without a word. */
function postAssignees(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  if (!may(fake, writer(call), 'triage')) throw forbidden();
  const named = namesField(objectBody(call).assignees ?? []).filter((login) => findUser(fake, login) !== null);
  issue.assignees = [...new Set([...(issue.assignees ?? []), ...named])];
  issue.updatedAt = stamp(fake);
  fake.store.touch();
  return created(fullIssueShape(fake, issue));
}

const labelNames = (call: Call): readonly string[] => namesField(objectBody(call).labels ?? []);

function postLabels(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  addLabels(fake, writer(call), issue, labelNames(call));
  return ok(labelsOf(fake, issue));
}

function putLabels(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const as = writer(call);
  if (!may(fake, as, 'triage')) throw forbidden();
  setLabels(fake, as, issue, labelNames(call));
  return ok(labelsOf(fake, issue));
}

function deleteLabel(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  removeLabel(fake, writer(call), issue, call.params.name ?? '');
  return ok(labelsOf(fake, issue));
}

function listComments(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const since = call.query.get('since');
  const comments = fake.store.state.comments
    .filter((comment) => comment.issue === issue.number)
    .filter((comment) => since === null || Date.parse(comment.updatedAt) >= Date.parse(since));
  return page(fake, call, `/issues/${issue.number}/comments`, comments, (comment) => commentShape(fake, comment));
}

/** All comments of the repository, on issues and pulls. */
function listAllComments(fake: Fake, call: Call): Answer {
  const since = call.query.get('since');
  const sort = call.query.get('sort');
  const key = (one: { createdAt: string; updatedAt: string; id: number }): number =>
    sort === null ? one.id : Date.parse(sort === 'updated' ? one.updatedAt : one.createdAt);
  const way = call.query.get('direction') === 'desc' ? -1 : 1;
  const comments = fake.store.state.comments
    .filter((comment) => since === null || Date.parse(comment.updatedAt) >= Date.parse(since))
    .sort((a, b) => way * (key(a) - key(b) || a.id - b.id));
  return page(fake, call, '/issues/comments', comments, (comment) => commentShape(fake, comment));
}

/** The same one by the same person again is answered with the one that is there. */
function postReaction(fake: Fake, call: Call): Answer {
  const as = writer(call);
  const comment = findComment(fake, numberOf(call, 'id'));
  const content = choiceField(objectBody(call), 'content', ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes']);
  if (content === undefined) throw invalid({ resource: 'Reaction', code: 'missing_field', field: 'content' });
  const reactions = comment.reactions ?? [];
  const there = reactions.find((one) => one.user === as.login && one.content === content);
  const reaction = there ?? { id: takeId(fake), user: as.login, content, createdAt: stamp(fake) };
  if (there === undefined) comment.reactions = [...reactions, reaction];
  fake.store.touch();
  const shape = {
    ...{ id: reaction.id, node_id: nodeId('REA', reaction.id), content },
    ...{ user: personShape(fake, as.login), created_at: reaction.createdAt },
  };
  return { status: there === undefined ? 201 : 200, body: shape };
}

function postComment(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const body = textField(objectBody(call), 'body') ?? '';
  return created(commentShape(fake, addComment(fake, writer(call), issue, body)));
}

function patchComment(fake: Fake, call: Call): Answer {
  const comment = findComment(fake, numberOf(call, 'id'));
  changeComment(fake, writer(call), comment, textField(objectBody(call), 'body') ?? '');
  return ok(commentShape(fake, comment));
}

function deleteComment(fake: Fake, call: Call): Answer {
  removeComment(fake, writer(call), findComment(fake, numberOf(call, 'id')));
  return { status: 204 };
}

function listEvents(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const events = fake.store.state.events.filter((event) => event.issue === issue.number);
  return page(fake, call, `/issues/${issue.number}/events`, events, (event) => eventShape(fake, event));
}

/** Events and comments in the order in which they happened: ids only grow. */
function listTimeline(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const { events, comments } = fake.store.state;
  const entries = [
    ...events.filter((event) => event.issue === issue.number).map((event) => ({ id: event.id, shape: eventShape(fake, event) })),
    ...comments.filter((one) => one.issue === issue.number).map((one) => ({ id: one.id, shape: timelineCommentShape(fake, one) })),
  ].sort((a, b) => a.id - b.id);
  return page(fake, call, `/issues/${issue.number}/timeline`, entries, (entry) => entry.shape);
}

export const issueRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/issues', handle: listIssues },
  { method: 'POST', pattern: '/issues', handle: postIssue },
  { method: 'GET', pattern: '/issues/comments', handle: listAllComments },
  { method: 'POST', pattern: '/issues/comments/:id/reactions', handle: postReaction },
  {
    method: 'GET',
    pattern: '/issues/comments/:id',
    handle: (fake, call) => ok(commentShape(fake, findComment(fake, numberOf(call, 'id')))),
  },
  { method: 'PATCH', pattern: '/issues/comments/:id', handle: patchComment },
  { method: 'DELETE', pattern: '/issues/comments/:id', handle: deleteComment },
  { method: 'GET', pattern: '/issues/:number', handle: (fake, call) => ok(fullIssueShape(fake, issueOf(fake, call))) },
  { method: 'PATCH', pattern: '/issues/:number', handle: patchIssue },
  {
    method: 'GET',
    pattern: '/issues/:number/labels',
    handle: (fake, call) => {
      const issue = issueOf(fake, call);
      return page(fake, call, `/issues/${issue.number}/labels`, labelsOf(fake, issue), (label) => label);
    },
  },
  { method: 'POST', pattern: '/issues/:number/labels', handle: postLabels },
  { method: 'POST', pattern: '/issues/:number/assignees', handle: postAssignees },
  { method: 'PUT', pattern: '/issues/:number/labels', handle: putLabels },
  { method: 'DELETE', pattern: '/issues/:number/labels/:name', handle: deleteLabel },
  { method: 'GET', pattern: '/issues/:number/comments', handle: listComments },
  { method: 'POST', pattern: '/issues/:number/comments', handle: postComment },
  { method: 'GET', pattern: '/issues/:number/events', handle: listEvents },
  { method: 'GET', pattern: '/issues/:number/timeline', handle: listTimeline },
];
