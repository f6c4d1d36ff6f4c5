import { nodeId, repoHtml } from '../shape/shapes.ts';
import { isPull, type Pull } from '../shape/shapes-pull.ts';
import { barePath, type Fake, stamp } from '../state/fake.ts';
import { readBranches } from '../state/git.ts';
import { roleOf } from '../state/people.ts';
import type { Issue, User } from '../state/state.ts';
import { connection, ordered, type Slice } from './connection.ts';
import { actor, issueRoot, label } from './issue-root.ts';
import { pullRoot } from './pull-root.ts';

type Listed = Slice & {
  readonly orderBy?: { readonly field: string; readonly direction: 'ASC' | 'DESC' } | null;
  readonly states?: readonly string[] | null;
};

const branch = async (fake: Fake, name: string) => {
  const oid = (await readBranches(barePath(fake))).get(name);
  return oid === undefined ? null : { id: nodeId('REF', 1), name, prefix: 'refs/heads/', target: { __typename: 'Commit', oid } };
};

/** GitHub's own error for what is not there: the field is null, and the rest is answered. */
export class NotThere extends Error {
  readonly extensions = { type: 'NOT_FOUND' };
}

export function repositoryRoot(fake: Fake, viewer: User) {
  const { repo, issues } = fake.store.state;
  const one = (number: number, what: string): Issue => {
    const found = issues.find((issue) => issue.number === number && (what === '' || (what === 'PullRequest') === isPull(issue)));
    if (found === undefined)
      throw new NotThere(`Could not resolve to ${what === '' ? 'an issue or pull request' : `a ${what}`} with the number of ${number}.`);
    return found;
  };
  const root = (issue: Issue) => (isPull(issue) ? pullRoot(fake, issue, viewer) : issueRoot(fake, issue, viewer));
  const role = roleOf(fake, viewer).toUpperCase();
  return {
    __typename: 'Repository',
    id: nodeId('R', repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: `${repo.owner}/${repo.name}`,
    description: null,
    url: repoHtml(fake),
    isPrivate: repo.private,
    owner: actor(fake, repo.owner),
    hasIssuesEnabled: true,
    hasWikiEnabled: false,
    mergeCommitAllowed: true,
    rebaseMergeAllowed: true,
    squashMergeAllowed: true,
    parent: null,
    viewerPermission: role === 'NONE' ? null : role,
    defaultBranchRef: () => branch(fake, repo.defaultBranch),
    ref: ({ qualifiedName }: { readonly qualifiedName: string }) => branch(fake, qualifiedName.replace(/^refs\/heads\//, '')),
    labels: (slice: Slice) =>
      connection(
        fake.store.state.labels.map(({ name }) => label(fake, name)),
        slice,
      ),
    issue: ({ number }: { readonly number: number }) => issueRoot(fake, one(number, 'Issue'), viewer),
    pullRequest: ({ number }: { readonly number: number }) => pullRoot(fake, one(number, 'PullRequest') as Pull, viewer),
    issueOrPullRequest: ({ number }: { readonly number: number }) => root(one(number, '')),
    issues: ({ orderBy, states, filterBy, ...slice }: Listed & { readonly filterBy?: { readonly since?: string | null } | null }) => {
      const since = filterBy?.since == null ? null : Date.parse(String(filterBy.since));
      const found = issues.filter(
        (issue) =>
          !isPull(issue) &&
          states?.includes(issue.state.toUpperCase()) !== false &&
          (since === null || Date.parse(issue.updatedAt) >= since),
      );
      const page = connection(ordered(found, orderBy), slice);
      return { ...page, nodes: page.nodes.map((issue) => issueRoot(fake, issue, viewer)) };
    },
    pullRequests: ({
      orderBy,
      states,
      headRefName,
      baseRefName,
      ...slice
    }: Listed & { readonly headRefName?: string | null; readonly baseRefName?: string | null }) => {
      const state = ({ pull, state: now }: Pull): string => (pull.mergedAt !== null ? 'MERGED' : now.toUpperCase());
      const found = issues
        .filter(isPull)
        .filter(
          (pull) =>
            states?.includes(state(pull)) !== false &&
            (headRefName == null || pull.pull.head.ref === headRefName) &&
            (baseRefName == null || pull.pull.base.ref === baseRefName),
        );
      const page = connection(ordered(found, orderBy), slice);
      return { ...page, nodes: page.nodes.map((pull) => pullRoot(fake, pull, viewer)) };
    },
  };
}

/** The root of all questions; `now` is for what is said of the limit. */
export function queryRoot(
  fake: Fake,
  viewer: User,
  limit: { readonly cost: number; readonly remaining: number; readonly limit: number; readonly used: number },
) {
  const { repo } = fake.store.state;
  return {
    viewer: () => actor(fake, viewer.login),
    rateLimit: () => ({ ...limit, nodeCount: 0, resetAt: stamp(fake) }),
    node: ({ id }: { readonly id: string }) => {
      const found = fake.store.state.issues.find((one) => (isPull(one) ? nodeId('PR', one.pull.id) : nodeId('I', one.id)) === id);
      if (found === undefined) throw new NotThere(`Could not resolve to a node with the global id of '${id}'`);
      return isPull(found) ? pullRoot(fake, found, viewer) : issueRoot(fake, found, viewer);
    },
    repository: ({ owner, name }: { readonly owner: string; readonly name: string }) => {
      const asked = `${owner}/${name}`.toLowerCase();
      const isOurs = [`${repo.owner}/${repo.name}`, ...repo.formerNames].some((one) => one.toLowerCase() === asked);
      if (!isOurs || roleOf(fake, viewer) === 'none')
        throw new NotThere(`Could not resolve to a Repository with the name '${owner}/${name}'.`);
      return repositoryRoot(fake, viewer);
    },
  };
}
