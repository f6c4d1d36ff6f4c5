/*
 * What is asked at a glance, as GraphQL. The first document is asked with every poll and takes a point or two; the second one only of what the first
 * one showed to have changed. Numbers are written into the text, as no document can have a list of aliases otherwise; names go as variables.
 */

/** What a check, a merge and a review may change without the pull being said to have changed: of open pulls of ours, by their numbers. */
const OURS = `fragment Ours on PullRequest {
  number state isDraft headRefOid baseRefName mergeable mergeStateStatus reviewDecision
  wanting: reviews(first: 1, states: [CHANGES_REQUESTED, COMMENTED]) { totalCount }
  statusCheckRollup {
    contexts(first: 100) {
      pageInfo { hasNextPage }
      nodes {
        __typename
        ... on CheckRun { name status conclusion }
        ... on StatusContext { context state }
      }
    }
  }
}`;

const NEWS = `
    databaseId
    name
    owner { login }
    defaultBranchRef { name }
    ref(qualifiedName: $ref) { target { oid } }
    pullRequests(first: $first, after: $pullsAfter, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes { number updatedAt }
    }
    issues(first: $first, after: $issuesAfter, orderBy: { field: UPDATED_AT, direction: DESC }, filterBy: { since: $since }) {
      pageInfo { hasNextPage endCursor }
      nodes { number updatedAt }
    }`;

/** All that are open, with as much as tells whether they are the ones that are known. */
export const OPEN_ONES = `query Open($owner: String!, $name: String!, $after: String) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    pullRequests(states: OPEN, first: 100, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { number headRefOid }
    }
  }
}`;

const aliased = (prefix: string, numbers: readonly number[], field: string, fragment: string): string =>
  numbers.map((number) => `\n    ${prefix}${number}: ${field}(number: ${number}) { ...${fragment} }`).join('');

/** What is new, and how these pulls stand. */
export const glanceDocument = (pulls: readonly number[]): string =>
  `query Glance($owner: String!, $name: String!, $ref: String!, $first: Int!, $since: DateTime, $pullsAfter: String, $issuesAfter: String) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {${NEWS}${aliased('p', pulls, 'pullRequest', 'Ours')}
  }
}${pulls.length === 0 ? '' : `\n${OURS}`}`;

/** How further pulls stand. */
export const standingDocument = (pulls: readonly number[]): string =>
  `query Standing($owner: String!, $name: String!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {${aliased('p', pulls, 'pullRequest', 'Ours')}
  }
}
${OURS}`;

const SAID = `comments(last: 50) { totalCount nodes { fullDatabaseId body createdAt updatedAt author { __typename login } } }`;

const WHOLE = `fragment Whole on PullRequest {
  number url title body state isDraft reviewDecision updatedAt headRefName headRefOid
  author { __typename login }
  headRepository { nameWithOwner owner { login } }
  closingIssuesReferences(first: 20) { nodes { number repository { nameWithOwner } } }
  ${SAID}
}`;

const TALK = `fragment Talk on Issue { number ${SAID} }`;

/** What changed, whole: pulls with their texts, and what was said last under pulls and issues. */
export const changedDocument = (pulls: readonly number[], issues: readonly number[]): string =>
  `query Changed($owner: String!, $name: String!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {${aliased('p', pulls, 'pullRequest', 'Whole')}${aliased('i', issues, 'issue', 'Talk')}
  }
}${pulls.length === 0 ? '' : `\n${WHOLE}`}${issues.length === 0 ? '' : `\n${TALK}`}`;
