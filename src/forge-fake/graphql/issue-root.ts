import { nodeId, repoHtml } from '../shape/shapes.ts';
import type { Fake } from '../state/fake.ts';
import { association, findUser } from '../state/people.ts';
import type { Comment, Issue, IssueEvent, User } from '../state/state.ts';
import { connection, type Slice } from './connection.ts';

/*
 * What there is, as the objects of GitHub's schema: a property is a field, and one that takes arguments is a function. What is not here the fake does
 * not have, and says so.
 */

export function actor(fake: Fake, login: string) {
  const user = findUser(fake, login);
  if (user === null) return null;
  const [name, url] = [user.type === 'Bot' ? login.replace(/\[bot\]$/, '') : login, `${fake.url()}/${login}`];
  return { __typename: user.type, id: nodeId('U', user.id), databaseId: user.id, login: name, name: null, url };
}

function comments(fake: Fake, { number }: Issue) {
  return (slice: Slice) =>
    connection(
      fake.store.state.comments.filter(({ issue }) => issue === number),
      slice,
    );
}

const comment = (fake: Fake, one: Comment, viewer: User) => ({
  __typename: 'IssueComment',
  id: nodeId('IC', one.id),
  databaseId: one.id,
  fullDatabaseId: String(one.id),
  body: one.body,
  createdAt: one.createdAt,
  updatedAt: one.updatedAt,
  lastEditedAt: one.updatedAt === one.createdAt ? null : one.updatedAt,
  includesCreatedEdit: one.updatedAt !== one.createdAt,
  isMinimized: false,
  minimizedReason: null,
  reactionGroups: [],
  viewerDidAuthor: one.author === viewer.login,
  authorAssociation: association(fake, one.author),
  author: actor(fake, one.author),
  url: `${repoHtml(fake)}/issues/${one.issue}#issuecomment-${one.id}`,
});

export const label = (fake: Fake, name: string) => {
  const found = fake.store.state.labels.find((one) => one.name === name);
  return {
    __typename: 'Label',
    id: nodeId('LA', found?.id ?? 0),
    name,
    color: found?.color ?? 'ededed',
    description: found?.description ?? null,
  };
};

/** Of an issue's events those that are of a kind that the schema has and the document may ask for. */
function timeline(fake: Fake, number: number, { itemTypes, ...slice }: Slice & { readonly itemTypes?: readonly string[] | null }) {
  const items = fake.store.state.events.filter((one) => {
    const kind = TYPES[one.event];
    const word = kind?.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
    return one.issue === number && word !== undefined && itemTypes?.includes(word) !== false;
  });
  return connection(
    items.map((one) => ({
      __typename: TYPES[one.event],
      id: nodeId('LE', one.id),
      createdAt: one.createdAt,
      actor: actor(fake, one.actor),
      label: label(fake, one.label?.name ?? ''),
      reason: one.reason ?? null,
      beforeCommit: one.commit === undefined ? null : { oid: one.commit },
    })),
    slice,
  );
}

const TYPES: Partial<Record<IssueEvent['event'], string>> = {
  labeled: 'LabeledEvent',
  unlabeled: 'UnlabeledEvent',
  added_to_merge_queue: 'AddedToMergeQueueEvent',
  removed_from_merge_queue: 'RemovedFromMergeQueueEvent',
  auto_merge_enabled: 'AutoMergeEnabledEvent',
  auto_merge_disabled: 'AutoMergeDisabledEvent',
};

export function common(fake: Fake, one: Issue, viewer: User) {
  return {
    number: one.number,
    databaseId: one.id,
    title: one.title,
    body: one.body ?? '',
    url: `${repoHtml(fake)}/${one.pull === null ? 'issues' : 'pull'}/${one.number}`,
    createdAt: one.createdAt,
    updatedAt: one.updatedAt,
    closedAt: one.closedAt,
    closed: one.state === 'closed',
    locked: one.locked === true,
    author: actor(fake, one.author),
    authorAssociation: association(fake, one.author),
    milestone: one.milestone == null ? null : { number: 1, title: one.milestone, description: null, dueOn: null },
    reactionGroups: [],
    labels: (slice: Slice) =>
      connection(
        one.labels.map((name) => label(fake, name)),
        slice,
      ),
    assignees: (slice: Slice) =>
      connection(
        (one.assignees ?? []).map((login) => actor(fake, login)),
        slice,
      ),
    comments: (slice: Slice) => {
      const page = comments(fake, one)(slice);
      return { ...page, nodes: page.nodes.map((said) => comment(fake, said, viewer)) };
    },
    timelineItems: (asked: Slice & { readonly itemTypes?: readonly string[] | null }) => timeline(fake, one.number, asked),
  };
}

export const issueRoot = (fake: Fake, one: Issue, viewer: User) => ({
  ...common(fake, one, viewer),
  __typename: 'Issue',
  id: nodeId('I', one.id),
  state: one.state.toUpperCase(),
  stateReason: one.stateReason?.toUpperCase() ?? null,
  userContentEdits: (slice: Slice) =>
    connection(
      [...(one.edits ?? [])].reverse().map(({ by, at }) => ({ id: nodeId('UCE', one.id), editedAt: at, editor: actor(fake, by) })),
      slice,
    ),
});
