import { changeIssue } from '../rules/issues.ts';
import { checkMergeable, createPull, findPull, mergePull, settlePulls } from '../rules/pulls.ts';
import { fullPullShape, isPull, type Pull, pullShape } from '../shape/shapes-pull.ts';
import { reviewCommentShape, reviewShape } from '../shape/shapes-review.ts';
import { type Answer, created, forbidden, invalid, ok } from '../state/answer.ts';
import { barePath, type Fake } from '../state/fake.ts';
import { readBranches } from '../state/git.ts';
import { findUser, may } from '../state/people.ts';
import { flagField, namesField, nullableText, objectBody, textField } from './body.ts';
import { type Call, numberOf, page, type Route } from './router.ts';
import { changeOf, sortIssues, writer } from './routes-issues.ts';

/** Whoever pushed straight into the bare repository is nobody known; the owner stands in. */
const settle = (fake: Fake): Promise<void> => settlePulls(fake, fake.store.state.repo.owner);

async function listPulls(fake: Fake, call: Call): Promise<Answer> {
  await settle(fake);
  const { query } = call;
  const state = query.get('state') ?? 'open';
  if (!['open', 'closed', 'all'].includes(state)) throw invalid({ resource: 'PullRequest', code: 'invalid', field: 'state' });
  // GitHub takes `head` only with its owner, and leaves the filter out without one.
  const head = query.get('head')?.includes(':') === true ? query.get('head') : null;
  const base = query.get('base');
  const pulls = fake.store.state.issues
    .filter(isPull)
    .filter((one) => state === 'all' || one.state === state)
    .filter(({ pull }) => head === null || `${pull.head.owner}:${pull.head.ref}` === head)
    .filter(({ pull }) => base === null || pull.base.ref === base);
  return page(fake, call, '/pulls', sortIssues(pulls, query), (one) => pullShape(fake, one));
}

async function getPull(fake: Fake, call: Call): Promise<Answer> {
  const one = findPull(fake, numberOf(call, 'number'));
  await settle(fake);
  const shape = await fullPullShape(fake, one);
  // The first question is answered with null; whoever asks again is told.
  await checkMergeable(fake, one);
  return ok(shape);
}

async function postPull(fake: Fake, call: Call): Promise<Answer> {
  const as = writer(call);
  const body = objectBody(call);
  const fields = { title: textField(body, 'title'), head: textField(body, 'head'), base: textField(body, 'base') };
  const missing = Object.entries(fields).filter(([, value]) => value === undefined);
  const { title, head, base } = fields;
  if (title === undefined || head === undefined || base === undefined) {
    throw invalid(...missing.map(([field]) => ({ resource: 'PullRequest', code: 'missing_field' as const, field })));
  }
  await settle(fake);
  const draft = flagField(body, 'draft');
  const pull = await createPull(fake, as, { title, head, base, draft, body: nullableText(body, 'body') ?? null });
  return created(await fullPullShape(fake, pull));
}

async function patchPull(fake: Fake, call: Call): Promise<Answer> {
  const one = findPull(fake, numberOf(call, 'number'));
  const as = writer(call);
  await settle(fake);
  const { labels: _ignored, ...change } = changeOf(objectBody(call));
  if (change.state === 'open' && (one.pull.mergedAt !== null || !(await hasBase(fake, one)))) {
    throw invalid({
      resource: 'PullRequest',
      code: 'invalid',
      field: 'state',
      message: 'state cannot be changed. The pull request cannot be reopened.',
    });
  }
  changeIssue(fake, as, one, change);
  return ok(await fullPullShape(fake, one));
}

const hasBase = async (fake: Fake, { pull }: Pull): Promise<boolean> => (await readBranches(barePath(fake))).has(pull.base.ref);

async function putMerge(fake: Fake, call: Call): Promise<Answer> {
  const one = findPull(fake, numberOf(call, 'number'));
  const sha = textField(objectBody(call), 'sha');
  const method = textField(objectBody(call), 'merge_method') ?? 'merge';
  if (method !== 'merge' && method !== 'squash' && method !== 'rebase')
    throw invalid({ resource: 'PullRequest', code: 'invalid', field: 'merge_method' });
  const commit = await mergePull(fake, writer(call), one, sha, method);
  return ok({ sha: commit, merged: true, message: 'Pull Request successfully merged' });
}

/** 204 when it is merged, else 404, both without a word. */
function getMerge(fake: Fake, call: Call): Answer {
  return { status: findPull(fake, numberOf(call, 'number')).pull.mergedAt === null ? 404 : 204 };
}

/** A login that is no collaborator's is refused, and with it all of them. */
function postReviewers(fake: Fake, call: Call): Answer {
  const one = findPull(fake, numberOf(call, 'number'));
  if (!may(fake, writer(call), 'write')) throw forbidden();
  const body = objectBody(call);
  const people = namesField(body.reviewers ?? []);
  const isThere = (login: string): boolean => (findUser(fake, login)?.role ?? 'none') !== 'none';
  if (!people.every(isThere))
    throw invalid({
      ...{ resource: 'PullRequest', code: 'custom', field: 'reviewers' },
      message: 'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator.',
    });
  one.reviewers = [...new Set([...(one.reviewers ?? []), ...people])];
  one.teams = [...new Set([...(one.teams ?? []), ...namesField(body.team_reviewers ?? [])])];
  fake.store.touch();
  return created(pullShape(fake, one));
}

const reviewsOf = (fake: Fake, number: number) => fake.store.state.reviews.filter(({ pull }) => pull === number);

function listReviews(fake: Fake, call: Call): Answer {
  const { number } = findPull(fake, numberOf(call, 'number'));
  return page(fake, call, `/pulls/${number}/reviews`, reviewsOf(fake, number), (one) => reviewShape(fake, one));
}

function listReviewComments(fake: Fake, call: Call): Answer {
  const { number } = findPull(fake, numberOf(call, 'number'));
  const notes = reviewsOf(fake, number).flatMap((review) => review.notes.map((note) => ({ review, note })));
  return page(fake, call, `/pulls/${number}/comments`, notes, ({ review, note }) => reviewCommentShape(fake, review, note));
}

export const pullRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/pulls', handle: listPulls },
  { method: 'POST', pattern: '/pulls', handle: postPull },
  { method: 'GET', pattern: '/pulls/:number', handle: getPull },
  { method: 'PATCH', pattern: '/pulls/:number', handle: patchPull },
  { method: 'GET', pattern: '/pulls/:number/merge', handle: getMerge },
  { method: 'PUT', pattern: '/pulls/:number/merge', handle: putMerge },
  { method: 'GET', pattern: '/pulls/:number/reviews', handle: listReviews },
  { method: 'POST', pattern: '/pulls/:number/requested_reviewers', handle: postReviewers },
  { method: 'GET', pattern: '/pulls/:number/comments', handle: listReviewComments },
];
