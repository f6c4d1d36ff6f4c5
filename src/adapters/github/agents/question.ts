import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql/language/index.js';
import { parse } from 'graphql/language/parser.js';
import type { Named } from '../login/heads.ts';

/*
 * Whether a question in GraphQL stays within one repository and only reads. What is not known here is refused: from almost every object of the schema
 * a way leads to others, and the token that asks sees more than an agent is to see.
 */

/** Fields with fields of their own that stay in the repository. */
const INSIDE = new Set([
  ...['issues', 'issue', 'issueOrPullRequest', 'pullRequests', 'pullRequest', 'nodes', 'edges', 'node', 'pageInfo', 'labels', 'label'],
  ...[
    'comments',
    'reviews',
    'latestReviews',
    'latestOpinionatedReviews',
    'commits',
    'commit',
    'statusCheckRollup',
    'contexts',
    'checkSuite',
  ],
  ...['workflowRun', 'workflow', 'milestone', 'milestones', 'reactionGroups', 'users', 'defaultBranchRef', 'ref', 'target', 'files'],
  ...[
    'reviewRequests',
    'requestedReviewer',
    'mergeCommit',
    'potentialMergeCommit',
    'assignees',
    'autoMergeRequest',
    'releases',
    'latestRelease',
  ],
]);
/** Somebody or something outside: by name, and no further. */
const NAMED = new Set([
  ...['author', 'owner', 'headRepository', 'headRepositoryOwner', 'parent', 'organization', 'actor', 'mergedBy', 'enabledBy', 'creator'],
]);
const NAMES = new Set(['__typename', 'id', 'login', 'name', 'nameWithOwner', 'slug', 'url']);
const SECRET = /token|secret|email|password|key$/i;
const MOST_DEPTH = 20;

/** Why it is refused, as the end of a sentence; null: it may be asked. */
export function refusedQuestion(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  repository: Named,
  wasShown: (id: string) => boolean,
): string | null {
  try {
    const { definitions } = parse(text, { maxTokens: 5_000 });
    const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    for (const one of definitions) {
      if (one.kind !== Kind.OPERATION_DEFINITION && one.kind !== Kind.FRAGMENT_DEFINITION) return 'it is no question';
      if (one.kind === Kind.OPERATION_DEFINITION && one.operation !== 'query') return `agents only read, and this is a ${one.operation}`;
      if (one.kind === Kind.FRAGMENT_DEFINITION && ROOTS.has(one.typeCondition.name.value)) return 'a fragment begins at the root';
    }
    if (fragments.length > 50) return 'it has too many fragments';
    for (const one of definitions) {
      if (one.kind === Kind.FRAGMENT_DEFINITION) below(one.selectionSet, 1);
      else if (one.kind === Kind.OPERATION_DEFINITION)
        for (const selection of one.selectionSet.selections) top(selection, variables, repository, wasShown);
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const ROOTS = new Set(['Query', 'Mutation', 'Subscription', 'User', 'Organization']);

function top(one: SelectionNode, variables: Readonly<Record<string, unknown>>, repository: Named, wasShown: (id: string) => boolean): void {
  if (one.kind !== Kind.FIELD) throw new Error('a fragment begins at the root');
  const argument = (name: string): unknown => argumentOf(one, name, variables);
  switch (one.name.value) {
    case '__typename':
    case '__type':
    case '__schema':
    case 'rateLimit':
      return;
    case 'viewer':
      return names(one.selectionSet);
    case 'repository':
      if (!isSame(argument('owner'), repository.owner) || !isSame(argument('name'), repository.name))
        throw new Error(`only ${repository.owner}/${repository.name} is shown`);
      return below(one.selectionSet, 1);
    case 'node': {
      // An issue or a pull of this repository, which was shown before: of any other number nobody here knows whose it is.
      const id = argument('id');
      if (typeof id !== 'string' || !wasShown(id)) throw new Error('only what was shown before is found by its number');
      return below(one.selectionSet, 1);
    }
    case 'search':
      if (!isWithin(argument('query'), repository)) throw new Error(`only ${repository.owner}/${repository.name} is searched`);
      return below(one.selectionSet, 1);
    default:
      throw new Error(`${one.name.value} leads out of the repository`);
  }
}

function below(set: SelectionSetNode | undefined, depth: number): void {
  if (depth > MOST_DEPTH) throw new Error('it is nested too deep');
  for (const one of set?.selections ?? []) {
    // What a fragment holds is looked at where it is written.
    if (one.kind === Kind.FRAGMENT_SPREAD) continue;
    if (one.kind === Kind.INLINE_FRAGMENT) below(one.selectionSet, depth + 1);
    else if (NAMED.has(one.name.value)) names(one.selectionSet);
    else if (one.selectionSet === undefined) plain(one.name.value);
    else if (INSIDE.has(one.name.value)) below(one.selectionSet, depth + 1);
    else throw new Error(`${one.name.value} is not shown to agents`);
  }
}

function plain(name: string): void {
  if (SECRET.test(name)) throw new Error(`${name} is not shown to agents`);
}

/** Names alone, whatever kind of thing it is. */
function names(set: SelectionSetNode | undefined): void {
  for (const one of set?.selections ?? []) {
    if (one.kind === Kind.INLINE_FRAGMENT) names(one.selectionSet);
    else if (one.kind !== Kind.FIELD || one.selectionSet !== undefined || !NAMES.has(one.name.value))
      throw new Error(`of what is outside the repository only names are shown`);
  }
}

function argumentOf({ arguments: given = [] }: FieldNode, name: string, variables: Readonly<Record<string, unknown>>): unknown {
  const value = given.find((one) => one.name.value === name)?.value;
  if (value?.kind === Kind.STRING) return value.value;
  return value?.kind === Kind.VARIABLE ? variables[value.name.value] : null;
}

const isSame = (asked: unknown, own: string): boolean => typeof asked === 'string' && asked.toLowerCase() === own.toLowerCase();

/** Names this repository once, and nothing that widens it: several are added up, and words between them can turn one into a choice. */
function isWithin(asked: unknown, { owner, name }: Named): boolean {
  if (typeof asked !== 'string' || /["()]|\b(?:OR|NOT)\b|\b(?:org|user|owner|enterprise):/i.test(asked)) return false;
  const named = asked.split(/\s+/).filter((word) => word.toLowerCase().includes('repo:'));
  return named.length === 1 && isSame(named[0], `repo:${owner}/${name}`);
}
