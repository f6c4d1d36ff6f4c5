import type { Fake } from '../state/fake.ts';
import { rulesOf } from '../state/merging.ts';
import { findUser, may, roleOf } from '../state/people.ts';
import type { User } from '../state/state.ts';
import { fullName, type Json, nodeId, personShape, repoApi, userShape } from './shapes.ts';

const API_LINKS: readonly (readonly [string, string])[] = [
  ['forks_url', '/forks'],
  ['keys_url', '/keys{/key_id}'],
  ['collaborators_url', '/collaborators{/collaborator}'],
  ['teams_url', '/teams'],
  ['hooks_url', '/hooks'],
  ['issue_events_url', '/issues/events{/number}'],
  ['events_url', '/events'],
  ['assignees_url', '/assignees{/user}'],
  ['branches_url', '/branches{/branch}'],
  ['tags_url', '/tags'],
  ['blobs_url', '/git/blobs{/sha}'],
  ['git_tags_url', '/git/tags{/sha}'],
  ['git_refs_url', '/git/refs{/sha}'],
  ['trees_url', '/git/trees{/sha}'],
  ['statuses_url', '/statuses/{sha}'],
  ['languages_url', '/languages'],
  ['stargazers_url', '/stargazers'],
  ['contributors_url', '/contributors'],
  ['subscribers_url', '/subscribers'],
  ['subscription_url', '/subscription'],
  ['commits_url', '/commits{/sha}'],
  ['git_commits_url', '/git/commits{/sha}'],
  ['comments_url', '/comments{/number}'],
  ['issue_comment_url', '/issues/comments{/number}'],
  ['contents_url', '/contents/{+path}'],
  ['compare_url', '/compare/{base}...{head}'],
  ['merges_url', '/merges'],
  ['archive_url', '/{archive_format}{/ref}'],
  ['downloads_url', '/downloads'],
  ['issues_url', '/issues{/number}'],
  ['pulls_url', '/pulls{/number}'],
  ['milestones_url', '/milestones{/number}'],
  ['notifications_url', '/notifications{?since,all,participating}'],
  ['labels_url', '/labels{/name}'],
  ['releases_url', '/releases{/id}'],
  ['deployments_url', '/deployments'],
];

/** The repository, or one of its forks, as other objects hold it. */
export function repoShape(fake: Fake, owner: string = fake.store.state.repo.owner): Json {
  const { repo, issues } = fake.store.state;
  const fork = owner !== repo.owner;
  const id = repo.id + (fork ? 1 + repo.forks.indexOf(owner) : 0);
  const name = `${owner}/${repo.name}`;
  const api = `${fake.url()}/repos/${name}`;
  const html = `${fake.url()}/${name}`;
  const open = fork ? 0 : issues.filter((issue) => issue.state === 'open').length;
  return {
    id,
    node_id: nodeId('R', id),
    name: repo.name,
    full_name: name,
    private: repo.private,
    owner: personShape(fake, owner),
    html_url: html,
    description: null,
    fork,
    url: api,
    ...Object.fromEntries(API_LINKS.map(([key, path]) => [key, `${api}${path}`])),
    created_at: repo.createdAt,
    updated_at: repo.pushedAt,
    pushed_at: repo.pushedAt,
    git_url: `git://${new URL(html).host}/${name}.git`,
    ssh_url: `git@${new URL(html).hostname}:${name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    mirror_url: null,
    language: null,
    license: null,
    topics: [],
    visibility: repo.private ? 'private' : 'public',
    default_branch: repo.defaultBranch,
    size: 1,
    ...Object.fromEntries(['forks', 'forks_count'].map((key) => [key, fork ? 0 : repo.forks.length])),
    ...Object.fromEntries(['open_issues', 'open_issues_count'].map((key) => [key, open])),
    ...Object.fromEntries(['stargazers_count', 'watchers', 'watchers_count'].map((key) => [key, 0])),
    ...Object.fromEntries(['has_issues', 'has_projects', 'has_wiki', 'has_downloads', 'allow_forking'].map((key) => [key, true])),
    ...Object.fromEntries(['has_pages', 'has_discussions', 'archived', 'disabled', 'is_template'].map((key) => [key, false])),
    web_commit_signoff_required: false,
  };
}

/** As `GET /repos/…` answers it to this person. */
export function fullRepoShape(fake: Fake, owner: string, viewer: User | null): Json {
  const isFork = owner !== fake.store.state.repo.owner;
  const own = isFork && viewer?.login === owner ? ALL_RIGHTS : null;
  return {
    ...repoShape(fake, owner),
    ...(isFork ? { parent: repoShape(fake), source: repoShape(fake) } : {}),
    ...(viewer === null || !may(fake, viewer, 'write') ? {} : mergeSettings(fake)),
    network_count: fake.store.state.repo.forks.length,
    subscribers_count: 0,
    ...(viewer === null ? {} : { permissions: own ?? permissionFlags(fake, viewer) }),
  };
}

/** Shown to those who may write. */
const mergeSettings = (fake: Fake): Json => ({
  ...Object.fromEntries(['allow_merge_commit', 'allow_squash_merge', 'allow_rebase_merge'].map((key) => [key, true])),
  allow_auto_merge: rulesOf(fake).autoMerge,
  delete_branch_on_merge: false,
});

const ALL_RIGHTS: Json = { admin: true, maintain: true, push: true, triage: true, pull: true };

function permissionFlags(fake: Fake, user: User): Json {
  return {
    admin: may(fake, user, 'admin'),
    maintain: may(fake, user, 'maintain'),
    push: may(fake, user, 'write'),
    triage: may(fake, user, 'triage'),
    pull: may(fake, user, 'read'),
  };
}

/** A user with what they may do here: the real or custom role's name, and the flags. */
export const collaboratorShape = (fake: Fake, user: User): Json => ({
  ...userShape(fake, user),
  permissions: permissionFlags(fake, user),
  role_name: user.roleName ?? roleOf(fake, user),
});

/** `GET /`: where everything is. */
export function rootShape(fake: Fake): Json {
  const api = fake.url();
  const paths: Readonly<Record<string, string>> = {
    current_user_url: '/user',
    current_user_authorizations_html_url: '/settings/connections/applications{/client_id}',
    authorizations_url: '/authorizations',
    code_search_url: '/search/code?q={query}{&page,per_page,sort,order}',
    commit_search_url: '/search/commits?q={query}{&page,per_page,sort,order}',
    emails_url: '/user/emails',
    emojis_url: '/emojis',
    events_url: '/events',
    feeds_url: '/feeds',
    followers_url: '/user/followers',
    following_url: '/user/following{/target}',
    gists_url: '/gists{/gist_id}',
    issue_search_url: '/search/issues?q={query}{&page,per_page,sort,order}',
    issues_url: '/issues',
    keys_url: '/user/keys',
    label_search_url: '/search/labels?q={query}&repository_id={repository_id}{&page,per_page}',
    notifications_url: '/notifications',
    organization_url: '/orgs/{org}',
    organization_repositories_url: '/orgs/{org}/repos{?type,page,per_page,sort}',
    organization_teams_url: '/orgs/{org}/teams',
    public_gists_url: '/gists/public',
    rate_limit_url: '/rate_limit',
    repository_url: '/repos/{owner}/{repo}',
    repository_search_url: '/search/repositories?q={query}{&page,per_page,sort,order}',
    current_user_repositories_url: '/user/repos{?type,page,per_page,sort}',
    starred_url: '/user/starred{/owner}{/repo}',
    starred_gists_url: '/gists/starred',
    user_url: '/users/{user}',
    user_organizations_url: '/user/orgs',
    user_repositories_url: '/users/{user}/repos{?type,page,per_page,sort}',
    user_search_url: '/search/users?q={query}{&page,per_page,sort,order}',
  };
  return Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, `${api}${path}`]));
}

/** All statuses of a commit, summed up; `statuses` as they are kept, to be paged and shaped. */
export function combinedStatusShape(fake: Fake, sha: string) {
  const all = fake.store.state.statuses.filter((status) => status.sha === sha);
  const newest = [...new Map(all.map((status) => [status.context, status])).values()];
  const has = (...states: string[]): boolean => newest.some((status) => states.includes(status.state));
  return {
    state: has('error', 'failure') ? 'failure' : newest.length === 0 || has('pending') ? 'pending' : 'success',
    statuses: newest,
    sha,
    total_count: newest.length,
    repository: repoShape(fake),
    commit_url: `${repoApi(fake)}/commits/${sha}`,
    url: `${repoApi(fake)}/commits/${sha}/status`,
  };
}

export function statusShape(fake: Fake, status: Fake['store']['state']['statuses'][number]): Json {
  const creator = findUser(fake, status.creator);
  return {
    url: `${repoApi(fake)}/statuses/${status.sha}`,
    avatar_url: null,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: creator === null ? null : userShape(fake, creator),
  };
}

/** The app that GitHub's own builds belong to. */
const actionsApp = (fake: Fake): Json => ({
  id: 15368,
  slug: 'github-actions',
  node_id: nodeId('A', 15368),
  owner: personShape(fake, fake.store.state.repo.owner),
  name: 'GitHub Actions',
  description: 'Automate your workflow from idea to production',
  external_url: 'https://help.github.com/en/actions',
  html_url: `${fake.url()}/apps/github-actions`,
  created_at: fake.store.state.repo.createdAt,
  updated_at: fake.store.state.repo.createdAt,
  permissions: { checks: 'write', contents: 'write' },
  events: [],
});

export function checkRunShape(fake: Fake, run: Fake['store']['state']['checkRuns'][number]): Json {
  const url = `${repoApi(fake)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.sha,
    external_id: '',
    url,
    html_url: `${fake.url()}/${fullName(fake)}/runs/${run.id}`,
    details_url: run.log === undefined ? null : `${fake.url()}/${fullName(fake)}/actions/runs/1/job/${run.id}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.status === 'completed' ? run.startedAt : null,
    output: { title: run.title, summary: run.summary, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: null,
    app: run.log === undefined ? null : actionsApp(fake),
    pull_requests: [],
  };
}
