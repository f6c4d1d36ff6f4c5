import { findIssue } from '../rules/issues.ts';
import { issueShape, type Json, repoApi, repoHtml } from '../shape/shapes.ts';
import { type Answer, created, invalid, ok } from '../state/answer.ts';
import { addDependency, blockedBy, blocks, isElsewhere, removeDependency } from '../state/dependencies.ts';
import type { Fake } from '../state/fake.ts';
import type { Elsewhere, Issue } from '../state/state.ts';
import { objectBody } from './body.ts';
import { type Call, numberOf, page, type Route } from './router.ts';
import { writer } from './routes-issues.ts';

const issueOf = (fake: Fake, call: Call): Issue => findIssue(fake, numberOf(call, 'number'));

/** One of another repository has the shape of ours under other addresses. */
function shapeOf(fake: Fake, one: Issue | Elsewhere, like: Issue): Json {
  if (!isElsewhere(one)) return issueShape(fake, one);
  const { id, repo, number, state } = one;
  const text = JSON.stringify({ ...issueShape(fake, { ...like, id, number, state, title: `${repo}#${number}`, labels: [] }) });
  const moved = text.replaceAll(repoApi(fake), `${fake.url()}/repos/${repo}`).replaceAll(repoHtml(fake), `${fake.url()}/${repo}`);
  return JSON.parse(moved) as Json;
}

function listBlockedBy(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  return page(fake, call, `/issues/${issue.number}/dependencies/blocked_by`, blockedBy(fake, issue), (one) => shapeOf(fake, one, issue));
}

function listBlocking(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  return page(fake, call, `/issues/${issue.number}/dependencies/blocking`, blocks(fake, issue), (one) => issueShape(fake, one));
}

function postBlockedBy(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  const id = objectBody(call).issue_id;
  if (typeof id !== 'number') throw invalid({ resource: 'IssueDependency', code: 'missing_field', field: 'issue_id' });
  addDependency(fake, writer(call), issue, id);
  return created(issueShape(fake, issue));
}

function deleteBlockedBy(fake: Fake, call: Call): Answer {
  const issue = issueOf(fake, call);
  removeDependency(fake, writer(call), issue, numberOf(call, 'id'));
  return ok(issueShape(fake, issue));
}

export const dependencyRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/issues/:number/dependencies/blocked_by', handle: listBlockedBy },
  { method: 'POST', pattern: '/issues/:number/dependencies/blocked_by', handle: postBlockedBy },
  { method: 'DELETE', pattern: '/issues/:number/dependencies/blocked_by/:id', handle: deleteBlockedBy },
  { method: 'GET', pattern: '/issues/:number/dependencies/blocking', handle: listBlocking },
];
