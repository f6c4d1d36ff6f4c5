import { blockedBy, blocks } from '../state/dependencies.ts';
import type { Fake } from '../state/fake.ts';
import { association, findUser } from '../state/people.ts';
import type { Comment, Issue, IssueEvent, Label, User } from '../state/state.ts';

/** JSON as GitHub's description of its API asks for it. The contract tests hold each shape against that description. */
export type Json = Record<string, unknown>;

export const nodeId = (kind: string, id: number): string => `${kind}_kwDO${Buffer.from(String(id)).toString('base64url')}`;

export const repoApi = (fake: Fake): string => `${fake.url()}/repos/${fullName(fake)}`;
export const repoHtml = (fake: Fake): string => `${fake.url()}/${fullName(fake)}`;
export const fullName = (fake: Fake): string => `${fake.store.state.repo.owner}/${fake.store.state.repo.name}`;

/** Everybody whose account was deleted. */
const GHOST = { id: 10137, login: 'ghost', type: 'User' } as const;

export function userShape(fake: Fake, user: Pick<User, 'id' | 'login' | 'type'>): Json {
  const url = `${fake.url()}/users/${user.login}`;
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('U', user.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${user.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${fake.url()}/${user.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: user.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

export const personShape = (fake: Fake, login: string): Json => userShape(fake, findUser(fake, login) ?? GHOST);

/** Issue events of a deleted account have no actor at all, unlike texts, which the ghost gets. */
function actorShape(fake: Fake, login: string): Json | null {
  const user = findUser(fake, login);
  return user === null ? null : userShape(fake, user);
}

export function ownUserShape(fake: Fake, user: User): Json {
  return {
    ...userShape(fake, user),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 1,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: user.createdAt,
    updated_at: user.createdAt,
  };
}

export const labelShape = (fake: Fake, label: Label): Json => ({
  id: label.id,
  node_id: nodeId('LA', label.id),
  url: `${repoApi(fake)}/labels/${encodeURIComponent(label.name)}`,
  name: label.name,
  color: label.color,
  default: false,
  description: label.description,
});

export function labelsOf(fake: Fake, issue: Issue): Json[] {
  const { labels } = fake.store.state;
  return issue.labels.flatMap((name) => labels.filter((label) => label.name === name).map((label) => labelShape(fake, label)));
}

export function reactions(url: string): Json {
  const kinds = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'];
  return { url: `${url}/reactions`, total_count: 0, ...Object.fromEntries(kinds.map((kind) => [kind, 0])) };
}

/** As it stands in a list of issues: pulls too, told apart by `pull_request`. */
export function issueShape(fake: Fake, issue: Issue): Json {
  const url = `${repoApi(fake)}/issues/${issue.number}`;
  const html = `${repoHtml(fake)}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}`;
  return {
    url,
    repository_url: repoApi(fake),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId(issue.pull === null ? 'I' : 'PR', issue.id),
    number: issue.number,
    title: issue.title,
    user: personShape(fake, issue.author),
    labels: labelsOf(fake, issue),
    state: issue.state,
    locked: issue.locked === true,
    assignee: null,
    assignees: (issue.assignees ?? []).map((login) => personShape(fake, login)),
    milestone: milestoneShape(fake, issue),
    comments: fake.store.state.comments.filter((comment) => comment.issue === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(fake, issue.author),
    type: null,
    active_lock_reason: null,
    sub_issues_summary: { total: 0, completed: 0, percent_completed: 0 },
    issue_dependencies_summary: dependenciesSummary(fake, issue),
    body: issue.body,
    reactions: reactions(url),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: issue.stateReason,
    ...(issue.pull === null ? {} : { draft: issue.pull.draft, pull_request: pullLinks(fake, issue) }),
  };
}

/** Open ones, and all. */
function dependenciesSummary(fake: Fake, issue: Issue): Json {
  const open = (all: readonly { readonly state: string }[]): number => all.filter(({ state }) => state === 'open').length;
  const [by, on] = [blockedBy(fake, issue), blocks(fake, issue)];
  return { blocked_by: open(by), total_blocked_by: by.length, blocking: open(on), total_blocking: on.length };
}

function pullLinks(fake: Fake, issue: Issue): Json {
  const html = `${repoHtml(fake)}/pull/${issue.number}`;
  return {
    url: `${repoApi(fake)}/pulls/${issue.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: issue.pull?.mergedAt ?? null,
  };
}

/** One issue asked for by its number knows who closed it, besides. */
export const fullIssueShape = (fake: Fake, issue: Issue): Json => ({
  ...issueShape(fake, issue),
  closed_by: issue.closedBy === null ? null : personShape(fake, issue.closedBy),
});

/** The only one of that title that there is, as far as tac8 looks at it. */
function milestoneShape(fake: Fake, { milestone }: Issue): Json | null {
  if (milestone == null) return null;
  const url = `${repoApi(fake)}/milestones/1`;
  return {
    ...{ url, html_url: `${repoHtml(fake)}/milestone/1`, labels_url: `${url}/labels`, id: 1, node_id: nodeId('MI', 1), number: 1 },
    ...{ title: milestone, description: null, creator: personShape(fake, fake.store.state.repo.owner), open_issues: 1, closed_issues: 0 },
    ...{ state: 'open', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', closed_at: null, due_on: null },
  };
}

export function commentShape(fake: Fake, comment: Comment): Json {
  const url = `${repoApi(fake)}/issues/comments/${comment.id}`;
  const issue = fake.store.state.issues.find((one) => one.number === comment.issue);
  return {
    url,
    html_url: `${repoHtml(fake)}/${issue?.pull == null ? 'issues' : 'pull'}/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${repoApi(fake)}/issues/${comment.issue}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: personShape(fake, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(fake, comment.author),
    body: comment.body,
    reactions: reactions(url),
    performed_via_github_app: null,
  };
}

export function eventShape(fake: Fake, event: IssueEvent): Json {
  return {
    id: event.id,
    node_id: nodeId('LE', event.id),
    url: `${repoApi(fake)}/issues/events/${event.id}`,
    actor: actorShape(fake, event.actor),
    event: event.event,
    commit_id: event.commit ?? null,
    commit_url: event.commit === undefined ? null : `${repoApi(fake)}/commits/${event.commit}`,
    created_at: event.createdAt,
    ...(event.label === undefined ? {} : { label: event.label }),
    ...(event.rename === undefined ? {} : { rename: event.rename }),
    ...(event.stateReason === undefined ? {} : { state_reason: event.stateReason }),
    performed_via_github_app: null,
  };
}

/** A comment as an entry of the timeline. */
export const timelineCommentShape = (fake: Fake, comment: Comment): Json => ({
  ...commentShape(fake, comment),
  event: 'commented',
  actor: personShape(fake, comment.author),
});
