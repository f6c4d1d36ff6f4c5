import { execute, type Points } from '../graphql/execute.ts';
import { addComment, createIssue, record } from '../rules/issues.ts';
import { createPull } from '../rules/pulls.ts';
import { dequeue } from '../rules/queue.ts';
import { nodeId, repoHtml } from '../shape/shapes.ts';
import { isPull, type Pull } from '../shape/shapes-pull.ts';
import { type Answer, loginNeeded, notFound, Refused, refusal } from '../state/answer.ts';
import { type Fake, stamp } from '../state/fake.ts';
import { disableAutoMerge, enableAutoMerge, enqueue } from '../state/merging.ts';
import { may } from '../state/people.ts';
import type { MergeMethod, User } from '../state/state.ts';

/*
 * The few mutations that have no path in the REST API, by name: a document that asks for another is refused as one that the schema does not know.
 * Whether tac8's documents fit GitHub's own schema is for the contract tests.
 */

type Input = Readonly<Record<string, unknown>>;
type Mutation = (fake: Fake, as: User, one: Pull, input: Input) => unknown;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  markPullRequestReadyForReview: (fake, as, one) => {
    if (one.pull.draft) {
      one.pull.draft = false;
      record(fake, one, as.login, 'ready_for_review');
      one.updatedAt = stamp(fake);
      fake.store.touch();
    }
    return { pullRequest: { isDraft: false } };
  },
  enablePullRequestAutoMerge: (fake, as, one, { mergeMethod, expectedHeadOid }) => {
    const method = String(mergeMethod ?? 'MERGE').toLowerCase() as MergeMethod;
    enableAutoMerge(fake, as, one, method, typeof expectedHeadOid === 'string' ? expectedHeadOid : null);
    record(fake, one, as.login, 'auto_merge_enabled');
    return { pullRequest: { autoMergeRequest: { mergeMethod: method.toUpperCase() } } };
  },
  disablePullRequestAutoMerge: (fake, as, one) => {
    disableAutoMerge(fake, one);
    record(fake, one, as.login, 'auto_merge_disabled', { reason: 'disabled' });
    return { pullRequest: { id: nodeId('PR', one.pull.id) } };
  },
  dequeuePullRequest: async (fake, as, one) => {
    if (one.pull.queuedBy === undefined) throw refusal(422, 'Pull request is not in the merge queue');
    await dequeue(fake, one, { reason: 'manual', failing: [], as: as.login });
    return { mergeQueueEntry: null };
  },
  enqueuePullRequest: (fake, as, one, { expectedHeadOid }) => {
    enqueue(fake, as, one, typeof expectedHeadOid === 'string' ? expectedHeadOid : null);
    record(fake, one, as.login, 'added_to_merge_queue');
    return { mergeQueueEntry: { position: 1 } };
  },
};

/** What `gh` makes things with, beside what REST has for it. */
const MAKING: Readonly<Record<string, (fake: Fake, as: User, input: Input) => unknown>> = {
  createIssue: (fake, as, input) => {
    ofRepository(fake, input);
    const { id, number } = createIssue(fake, as, { title: String(input.title), body: String(input.body ?? ''), labels: [] });
    return { issue: { id: nodeId('I', id), url: `${repoHtml(fake)}/issues/${number}` } };
  },
  addComment: (fake, as, { subjectId, body }) => {
    const issue = fake.store.state.issues.find((one) => nodeId(isPull(one) ? 'PR' : 'I', one.pull?.id ?? one.id) === subjectId);
    if (issue === undefined) throw refusal(404, `Could not resolve to a node with the global id of '${String(subjectId)}'`);
    const { id } = addComment(fake, as, issue, String(body));
    return { commentEdge: { node: { url: `${repoHtml(fake)}/${isPull(issue) ? 'pull' : 'issues'}/${issue.number}#issuecomment-${id}` } } };
  },
  createPullRequest: async (fake, as, input) => {
    ofRepository(fake, input);
    const text = (key: string): string => String(input[key] ?? '');
    const [title, body, head, base] = [text('title'), text('body'), text('headRefName'), text('baseRefName')];
    const { number, pull } = await createPull(fake, as, { title, body, head, base, draft: input.draft === true });
    return { pullRequest: { id: nodeId('PR', pull.id), url: `${repoHtml(fake)}/pull/${number}` } };
  },
};

function ofRepository(fake: Fake, { repositoryId }: Input): void {
  if (repositoryId !== nodeId('R', fake.store.state.repo.id)) throw refusal(404, 'Could not resolve to a Repository');
}

export async function answerGraphql(fake: Fake, user: User | null, body: unknown, points: Points): Promise<Answer> {
  if (user === null) throw loginNeeded();
  const { query = '', variables = {} } = (typeof body === 'object' && body !== null ? body : {}) as { query?: string; variables?: Input };
  const name = /\{\s*(\w+)/.exec(query)?.[1] ?? '';
  if (!/^\s*mutation\b/.test(query)) {
    const found = await execute(fake, user, { query, variables }, points);
    if (found !== null) points.spend(found.cost);
    if (found !== null) return found.answer;
    // Beside a published tac8 there is no schema, and so no GraphQL but for what tac8 cannot do without.
    if (name !== 'repository' || !query.includes('userContentEdits')) throw notFound();
    return said(editsOf(fake, variables));
  }
  points.spend(1);
  const input = (variables.input ?? {}) as Input;
  const making = MAKING[name];
  const refuse = (type: string, message: string): Answer => said({ data: { [name]: null }, errors: [{ type, path: [name], message }] });
  if (making !== undefined) {
    try {
      return said({ data: { [name]: await making(fake, user, input) } });
    } catch (error) {
      if (error instanceof Refused) return refuse('UNPROCESSABLE', error.message.replace(/^\d+ /, ''));
      throw error;
    }
  }
  const mutation = MUTATIONS[name];
  if (!/^\s*mutation\b/.test(query) || mutation === undefined)
    return said({ errors: [{ message: `Field '${name}' doesn't exist on type '${/^\s*mutation/.test(query) ? 'Mutation' : 'Query'}'` }] });
  const one = fake.store.state.issues.filter(isPull).find(({ pull }) => nodeId('PR', pull.id) === (input.pullRequestId ?? input.id));
  if (one === undefined)
    return refuse('NOT_FOUND', `Could not resolve to a node with the global id of '${String(input.pullRequestId ?? input.id)}'`);
  if (!may(fake, user, 'write')) return refuse('FORBIDDEN', `${user.login} does not have the correct permissions to execute \`${name}\``);
  try {
    return said({ data: { [name]: await mutation(fake, user, one, input) } });
  } catch (error) {
    if (error instanceof Refused) return refuse('UNPROCESSABLE', error.message.replace(/^422 /, ''));
    throw error;
  }
}

/** Who edited an issue. */
function editsOf(fake: Fake, { owner, name, number }: Input): unknown {
  const { repo, issues } = fake.store.state;
  const issue = owner === repo.owner && name === repo.name ? issues.find((one) => one.number === number && one.pull === null) : undefined;
  if (issue === undefined)
    return { data: { repository: null }, errors: [{ type: 'NOT_FOUND', path: ['repository'], message: 'Could not resolve' }] };
  const nodes = (issue.edits ?? []).map(({ by, at }) => ({ editedAt: at, editor: { __typename: 'User', login: by } })).reverse();
  return { data: { repository: { issue: { body: issue.body ?? '', userContentEdits: { nodes } } } } };
}

/** An allowance of its own. */
const said = (body: unknown): Answer => ({ status: 200, body, headers: { 'x-ratelimit-resource': 'graphql' } });
