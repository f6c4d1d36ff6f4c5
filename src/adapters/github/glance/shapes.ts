import { z } from 'zod';
import type { Pull } from '../../../core/model/forge.ts';
import type { CheckSeen } from '../../../core/review/checks.ts';
import type { Merging } from '../../../core/review/merging.ts';
import type { Named } from '../login/heads.ts';

/*
 * What is relied on in answers to the documents beside this. Records are read one by one: an odd one is left out and asked for by REST, and costs no
 * other.
 */

const time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: `not a time: ${text.slice(0, 40)}` });
  return z.NEVER;
});
const number = z.number().int().positive();

export const changedNode = z.object({ number, updatedAt: time });

const listing = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  nodes: z.array(z.unknown()),
});
export type Listing = z.output<typeof listing>;

/** Throws nothing but what makes the whole answer worthless: what is new is not known then. */
export const newsShape = z.object({
  // Of 32 bits: null for one that is past them.
  databaseId: z.number().nullish(),
  name: z.string().min(1),
  owner: z.object({ login: z.string().min(1) }),
  defaultBranchRef: z.object({ name: z.string().min(1) }).nullish(),
  ref: z.object({ target: z.object({ oid: z.string() }).nullable() }).nullable(),
  pullRequests: listing,
  issues: listing,
});

const context = z.union([
  z.object({ __typename: z.literal('CheckRun'), name: z.string(), status: z.string(), conclusion: z.string().nullish() }).transform(
    ({ name, status, conclusion }): CheckSeen => ({
      kind: 'run',
      name,
      status: status.toLowerCase(),
      conclusion: conclusion?.toLowerCase() ?? null,
    }),
  ),
  z
    .object({ __typename: z.literal('StatusContext'), context: z.string(), state: z.string() })
    .transform(({ context: name, state }): CheckSeen => ({ kind: 'status', name, state: statusWord(state) })),
]);

/** REST has no word for a status that a rule asks for and nobody has set. */
const statusWord = (state: string): string => (state === 'EXPECTED' ? 'pending' : state.toLowerCase());

export const openShape = z.object({
  pullRequests: z.object({ ...listing.shape, totalCount: z.number(), nodes: z.array(z.object({ number, headRefOid: z.string() })) }),
});

const DECISIONS = { APPROVED: 'approved', CHANGES_REQUESTED: 'changes_requested', REVIEW_REQUIRED: 'required' } as const;
/** A word that is none of these says nothing. */
const reviewDecision = z
  .string()
  .nullish()
  .transform((word) => DECISIONS[word as keyof typeof DECISIONS] ?? null);

/** How a pull stands. `checks` null: there are more of them than were asked for. */
export const standingShape = z
  .object({
    number,
    state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
    isDraft: z.boolean(),
    headRefOid: z.string().min(1),
    baseRefName: z.string(),
    mergeable: z.string(),
    mergeStateStatus: z.string().nullish(),
    reviewDecision,
    wanting: z.object({ totalCount: z.number() }),
    statusCheckRollup: z
      .object({ contexts: z.object({ pageInfo: z.object({ hasNextPage: z.boolean() }), nodes: z.array(context) }) })
      .nullable(),
  })
  .transform((one) => {
    const merges = one.state !== 'OPEN' ? null : one.mergeable === 'MERGEABLE' ? true : one.mergeable === 'CONFLICTING' ? false : null;
    const isClean = merges === true && /^(?:CLEAN|HAS_HOOKS)$/.test(one.mergeStateStatus ?? '');
    const merging: Merging = { commit: one.headRefOid, base: one.baseRefName, merges, isClean };
    const contexts = one.statusCheckRollup?.contexts;
    return {
      number: one.number,
      isOpen: one.state === 'OPEN',
      draft: one.isDraft,
      commit: one.headRefOid,
      merging,
      checks: contexts?.pageInfo.hasNextPage === true ? null : (contexts?.nodes ?? []),
      isReviewed: one.wanting.totalCount > 0,
      review: one.reviewDecision,
    };
  });
export type Standing = z.output<typeof standingShape>;

/** GraphQL leaves out what REST has at the end of a bot's login. */
export const loginOf = ({ __typename, login }: { readonly __typename?: string | undefined; readonly login: string }): string =>
  __typename === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login;

/** Null: the account is gone. */
const author = z.object({ __typename: z.string().optional(), login: z.string() }).nullable();

export const commentShape = z
  .object({
    // The plain one is of 32 bits, and null for what was written since 2021 or so.
    fullDatabaseId: z.union([z.number(), z.string().regex(/^\d{1,15}$/)]),
    body: z.string(),
    createdAt: time,
    updatedAt: time,
    author,
  })
  .transform(({ fullDatabaseId, body, createdAt, updatedAt, author: by }) => ({
    id: Number(fullDatabaseId),
    body,
    createdAt,
    updatedAt,
    // GitHub's REST API calls persons so, and bots otherwise.
    user: by === null ? null : { login: loginOf(by), type: by.__typename ?? '' },
  }));
export type Comment = z.output<typeof commentShape>;

const said = z.object({ totalCount: z.number(), nodes: z.array(z.unknown()) });
export type Talk = z.output<typeof said>;

export const talkShape = z.object({ number, comments: said });

const STATES = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;

export const wholeShape = z
  .object({
    number,
    url: z.string(),
    title: z.string(),
    body: z.string(),
    state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
    isDraft: z.boolean(),
    reviewDecision,
    updatedAt: time,
    headRefName: z.string(),
    headRefOid: z.string(),
    author,
    // Null when the fork is deleted.
    headRepository: z.object({ nameWithOwner: z.string(), owner: z.object({ login: z.string() }) }).nullable(),
    closingIssuesReferences: z.object({ nodes: z.array(z.object({ number, repository: z.object({ nameWithOwner: z.string() }) })) }),
    comments: said,
  })
  .transform((one) => {
    const head = { branch: one.headRefName, owner: one.headRepository?.owner.login ?? null, commit: one.headRefOid };
    const { url, title, body, updatedAt } = one;
    const pull: Omit<Pull, 'closes'> = {
      ...{ number: one.number, url, title, body, updatedAt, head },
      author: one.author === null ? null : loginOf(one.author),
      state: STATES[one.state],
      draft: one.isDraft,
      ...(one.reviewDecision === null ? {} : { review: one.reviewDecision }),
    };
    const references = one.closingIssuesReferences.nodes.map(({ number: of, repository }) => ({
      number: of,
      in: repository.nameWithOwner,
    }));
    return { number: one.number, pull, from: one.headRepository?.nameWithOwner ?? null, references, comments: one.comments };
  });

const isNamed = (one: string, { owner, name }: Named): boolean => one.toLowerCase() === `${owner}/${name}`.toLowerCase();

/** It closes also what a person linked by hand, and nothing that stands in code or in a quote: GitHub has read it. */
export function pullOf({ pull, from, references }: z.output<typeof wholeShape>, home: Named, pushed: Named): Pull {
  const closes = references.flatMap((one) => (isNamed(one.in, home) ? [one.number] : []));
  const elsewhere = from === null || !isNamed(from, pushed) ? { elsewhere: true as const } : {};
  return { ...pull, closes, head: { ...pull.head, ...elsewhere } };
}
