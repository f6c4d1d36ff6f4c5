import { schema as published } from '@octokit/graphql-schema';
import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { changedDocument, glanceDocument, OPEN_ONES, standingDocument } from '../../src/adapters/github/glance/documents.ts';
import { EDITORS } from '../../src/adapters/github/issues/own-issue.ts';
import { ARM, ENQUEUE, READY } from '../../src/adapters/github/pulls/advance.ts';
import { letGoDocument } from '../../src/adapters/github/pulls/let-go.ts';
import { ARMED, ARMED_PLAIN, DEQUEUE, DISARM } from '../../src/adapters/github/pulls/take-back.ts';
import { signal, useGitHub } from '../integration/github-adapter/world.ts';

/*
 * What tac8 sends as GraphQL fits GitHub's own schema, and so does what the fake GitHub answers to it.
 */

const world = useGitHub();
let schema: GraphQLSchema;
beforeAll(() => {
  schema = buildSchema(published.idl, { assumeValid: true });
});

test('who edited an issue is asked by a document of the schema', () => {
  expect(validate(schema, parse(EDITORS))).toEqual([]);
  expect(validate(schema, parse(EDITORS.replace('editedAt', 'editedAtAll')))).not.toEqual([]);
});

test.each([
  ['what is new and how pulls stand', glanceDocument([7, 8]), 'mergeStateStatus'],
  ['what is new', glanceDocument([]), 'updatedAt'],
  ['how further pulls stand', standingDocument([7]), 'reviewDecision'],
  ['what changed', changedDocument([7], [8]), 'fullDatabaseId'],
  ['all that are open', OPEN_ONES, 'headRefOid'],
  ['what was let go', letGoDocument([7]), 'isInMergeQueue'],
  ['who has armed it', ARMED, 'enqueuer'],
  ['who has armed it, without a queue', ARMED_PLAIN, 'enabledBy'],
] as const)('%s is asked by a document of the schema', (_, document, field) => {
  expect(validate(schema, parse(document))).toEqual([]);
  expect(validate(schema, parse(document.replace(field, `${field}s`)))).not.toEqual([]);
});

test.each([READY, ARM, ENQUEUE, DISARM, DEQUEUE])('%s is a document of the schema', (document) => {
  expect(validate(schema, parse(document))).toEqual([]);
  expect(validate(schema, parse(document.replace(/(\w+)(?=[\s}]+$)/, '$1s')))).toHaveLength(1);
});

test('what was sent has the types of the schema, and the answer is what the schema makes of it', { timeout: 60_000 }, async () => {
  await world.start();
  const { github } = world;
  github.setRules({ autoMerge: true, approvals: 1, checks: [] });
  const commit = await world.branch('auto/gh-1');
  const number = await github.createPull('tac8', { title: 'P', head: 'auto/gh-1', draft: true });
  const forge = world.connect();
  await forge.markReady(number, signal);
  await forge.merging(number, signal);
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
  const sent = world.requests('POST', /^\/graphql$/).map(({ request }) => request as { query: string; variables: { input: object } });
  expect(sent).toHaveLength(2);
  for (const { query, variables } of sent) {
    const url = `${github.url}/graphql`;
    const headers = { authorization: `Bearer ${github.token('tac8')}`, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data } = (await answer.json()) as { data: Record<string, unknown> };
    const again = await execute({ schema, document: parse(query), rootValue: data, variableValues: variables });
    expect(again.errors ?? []).toEqual([]);
    expect(JSON.parse(JSON.stringify(again.data))).toEqual(data);
  }
});
