import { isDeepStrictEqual } from 'node:util';
import type { AppKey } from '../../../../src/adapters/github/app/key.ts';
import type { GitHubForge } from '../../../../src/adapters/github/forge.ts';
import { movedTo } from '../../../../src/adapters/github/login/moved.ts';
import type { TaskId } from '../../../../src/core/model/task.ts';
import { PortError } from '../../../../src/engine/ports/error.ts';
import type { FaultRequest } from '../../../../src/forge-fake/state/faults.ts';
import { APP_READS, makeApp } from './app.ts';
import { GIT_READS, spacesAt } from './git.ts';
import type { Place } from './place.ts';

/*
 * Every read against every way in which it can go wrong: what is answered is true, or it is said that nobody can tell. Never less than there is.
 */

const NEVER = new AbortController().signal;
const LABEL = 'rpi-auto';

export interface Read {
  readonly name: string;
  /** The requests that go wrong. */
  readonly path: string;
  /** Left out: GET. */
  readonly method?: 'POST';
  ask(forge: GitHubForge, scene: ReadScene, place: Place, timeoutMs?: number): Promise<unknown>;
  /** An answer that is another one, and true all the same: it says itself what is missing, or the forge has just said so. */
  readonly alsoTrue?: (answer: unknown, fault: ReadFault) => boolean;
}

export interface ReadScene {
  readonly issue: number;
  readonly pull: number;
  readonly commit: string;
  /** A pull that its merge queue has let go. */
  readonly letGo: number;
  /** Which tac8 has edited last, and whose text is another one than it knows. */
  readonly dashboard: number;
  /** The label was taken off it. */
  readonly unlabelled: number;
  /** By a daemon in another clone. */
  readonly claimed: TaskId;
  readonly app: AppKey;
}

/** Something of everything that is read. */
export async function readScene(place: Place): Promise<ReadScene> {
  const { github } = place;
  const issue = github.createIssue('wil', { title: 'One', body: 'Do it.', labels: [LABEL] });
  const second = github.createIssue('wil', { title: 'Two', labels: [LABEL] });
  github.block('wil', issue, second);
  github.comment('wil', issue, '/tac8 why');
  github.comment('wil', issue, 'It is about the door.');
  const commit = await place.branch('auto/gh-1');
  const pull = await github.createPull('tac8', { title: 'P', head: 'auto/gh-1' });
  github.setCheck(pull, { name: 'build', conclusion: 'failure', title: 'red', log: '##[error]no\n' });
  github.setCheck(pull, { name: 'lint', conclusion: 'success' });
  github.setStatus('wil', pull, { state: 'success', context: 'ci' });
  github.review('wil', pull, { state: 'CHANGES_REQUESTED', body: 'More.', notes: [{ path: 'README.md', line: 1, body: 'Here.' }] });
  await place.connect().merging(pull, NEVER);
  await place.branch('auto/gh-2');
  const letGo = await github.createPull('tac8', { title: 'Q', head: 'auto/gh-2' });
  await github.dequeue(letGo, 'failed_checks', [{ name: 'build', conclusion: 'failure' }]);
  const dashboard = github.createIssue('tac8', { title: 'The fleet', body: 'before' });
  await place.connect().editIssue(dashboard, 'after', 'before', NEVER);
  github.changeIssue('wil', dashboard, { body: 'after, and a tick' });
  const unlabelled = github.createIssue('wil', { title: 'Three', labels: [LABEL] });
  github.unlabel('mona', unlabelled, LABEL);
  const claimed = `gh-${issue}` as const;
  await spacesAt(place, undefined).claims.push([{ task: claimed, from: null, to: 'claim' }], 'theirs', NEVER);
  return { issue, pull, commit, letGo, dashboard, unlabelled, claimed, app: await makeApp(place) };
}

/** GitHub says of an issue by itself that it is gone; the list is asked as well before anything is ended. */
const isGone = (answer: unknown, { fault }: ReadFault): boolean => answer === null && (fault.status === 404 || fault.status === 410);
/** It names what it could not read. */
const isWithheld = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'withheld' in answer && Array.isArray(answer.withheld) && answer.withheld.length > 0;

const API_READS: readonly Read[] = [
  { name: 'issues with the label', path: '/issues\\?', ask: (forge) => forge.issues(LABEL, NEVER) },
  { name: 'one issue', path: '/issues/\\d+$', ask: (forge, { issue }) => forge.issue(issue, NEVER), alsoTrue: isGone },
  { name: 'open pulls', path: '/pulls\\?', ask: (forge) => forge.openPulls(NEVER) },
  { name: 'pulls of a branch', path: '/pulls\\?', ask: (forge) => forge.pullsOf('auto/gh-1', NEVER) },
  {
    name: 'who put the label on',
    path: '/(?:events|timeline)\\b',
    ask: async (forge, { issue }) => ({ ...(await forge.trigger(issue, LABEL, NEVER)), askedAt: 0 }),
  },
  {
    name: 'the right of who put it on',
    path: '/permission$',
    ask: async (forge, { issue }) => ({ ...(await forge.trigger(issue, LABEL, NEVER)), askedAt: 0 }),
    // Who is not found there has no right: nobody is let in.
    alsoTrue: (answer, { fault }) =>
      fault.status === 404 && typeof answer === 'object' && answer !== null && 'allowed' in answer && answer.allowed === false,
  },
  {
    name: 'check runs',
    path: '/check-runs',
    ask: (forge, { commit }) => forge.checks(commit, NEVER),
    alsoTrue: isWithheld,
  },
  {
    name: 'commit statuses',
    path: '/status\\b',
    ask: (forge, { commit }) => forge.checks(commit, NEVER),
    alsoTrue: isWithheld,
  },
  { name: 'why checks failed', path: '/check-runs', ask: (forge, { commit }) => forge.failures(commit, NEVER) },
  { name: 'reviews', path: '/reviews', ask: (forge, { pull }) => forge.reviews(pull, NEVER) },
  { name: 'notes of a review', path: '/comments', ask: (forge, { pull }) => forge.reviews(pull, NEVER) },
  { name: 'whether it can be merged', path: '/pulls/\\d+$', ask: (forge, { pull }) => forge.merging(pull, NEVER) },
  { name: 'where a branch stands', path: '/git/ref', ask: (forge) => forge.tip('main', NEVER), alsoTrue: isGone },
  { name: 'dependencies', path: '/dependencies/', ask: (forge, { issue }) => forge.dependencies(issue, NEVER) },
  { name: 'orders', path: '/issues/comments\\?', ask: (forge) => forge.orders(0, () => false, NEVER) },
  { name: 'the discussion', path: '/issues/\\d+/comments', ask: (forge, { issue }) => forge.discussion(issue, NEVER) },
  { name: 'the default branch', path: '/repos/acme/widgets$', ask: (forge) => forge.defaultBranch() },
];

/** What one question shows, and what is answered out of it; where it shows nothing, REST is asked. */
async function glance(forge: GitHubForge, { pull, commit }: ReadScene): Promise<unknown> {
  await forge.look({ pulls: [pull], base: null }, NEVER);
  return {
    // What reviews come to a list by REST does not tell.
    open: (await forge.openPulls(NEVER)).map(({ review: _, ...pull }) => pull).sort((a, b) => a.number - b.number),
    checks: (await forge.checks(commit, NEVER)).checks.map(({ name }) => name).sort(),
    merging: await forge.merging(pull, NEVER),
    tip: await forge.tip('main', NEVER),
    reviews: (await forge.reviews(pull, NEVER)).map(({ id }) => id),
  };
}

const MORE_READS: readonly Read[] = [
  {
    name: 'who we are',
    path: '/user$',
    ask: (forge) => forge.login(),
    alsoTrue: (answer, { fault }) => answer === null && fault.status === 403,
  },
  {
    name: 'whether it is still to be merged',
    method: 'POST',
    path: '/graphql$',
    ask: async (forge, { letGo }) => [...(await forge.letGo([letGo], NEVER))],
    // Of a pull that is missing nobody knows.
    alsoTrue: (answer) => Array.isArray(answer) && answer.length === 0,
  },
  { name: 'all that is under way', method: 'POST', path: '/graphql$', ask: glance },
  {
    name: 'what was said since',
    method: 'POST',
    path: '/graphql$',
    /** Whether what a person says between two looks is heard. */
    async ask(forge, { issue }, { github }) {
      await forge.orders(0, () => false, NEVER);
      const said = github.comment('wil', issue, '/tac8 stop');
      await forge.look({ pulls: [], base: null }, NEVER);
      return (await forge.orders(0, () => false, NEVER)).some(({ id }) => id === said);
    },
  },
  {
    name: 'who edited an issue',
    method: 'POST',
    path: '/graphql$',
    ask: (forge, { dashboard }) => forge.editedIssue(dashboard, 'after', NEVER),
  },
  {
    name: 'who took a label off',
    path: '/(?:events|timeline)\\b',
    ask: (forge, { unlabelled }) => forge.issue(unlabelled, NEVER, LABEL),
    // Nobody waits for a name.
    alsoTrue: (answer) => typeof answer === 'object' && answer !== null && 'labels' in answer && !('endedBy' in answer),
  },
  {
    name: 'the log of a build',
    path: '/actions/jobs/\\d+/logs',
    ask: (forge, { commit }) => forge.failures(commit, NEVER),
    // A name without its log is worth a round; a part of a text is a text.
    alsoTrue: (answer) => Array.isArray(answer) && answer.length === 1 && answer.every((one) => typeof one === 'object' && 'name' in one),
  },
  {
    name: 'what an agent reads',
    path: '/issues/\\d+$',
    async ask(forge, { issue }) {
      const { status, body } = await forge.lane.ask(
        { method: 'GET', path: `/repos/acme/widgets/issues/${issue}`, accept: '', body: '' },
        NEVER,
      );
      return { status, body };
    },
    // It is told what GitHub says, or that it said nothing.
    alsoTrue: (answer, { fault }) =>
      typeof answer === 'object' && answer !== null && 'status' in answer && (answer.status !== 200 || fault.status === 200),
  },
  {
    name: 'whether a repository has moved',
    path: '/repos/acme/widgets$',
    ask: (_, __, { github, options }, timeoutMs) => movedTo(options(timeoutMs), new URL(github.url).host, github.cloneUrl),
  },
];

export const READS: readonly Read[] = [...API_READS, ...MORE_READS, ...APP_READS, ...GIT_READS];

export interface ReadFault {
  readonly name: string;
  readonly fault: Omit<FaultRequest, 'match'>;
  readonly timeoutMs?: number;
}

const HTML = { body: '<html><body>Unicorn!</body></html>', headers: { 'content-type': 'text/html; charset=utf-8' } };

export const READ_FAULTS: readonly ReadFault[] = [
  ...[401, 403, 404, 410, 451, 500, 502, 503, 504].map((status) => ({ name: String(status), fault: { kind: 'status' as const, status } })),
  { name: '429 with Retry-After', fault: { kind: 'secondary-limit', status: 429, retryAfterSeconds: 60 } },
  { name: '429 without', fault: { kind: 'secondary-limit', status: 429 } },
  { name: '403, a secondary limit', fault: { kind: 'secondary-limit' } },
  { name: '403, nothing left', fault: { kind: 'primary-limit' } },
  { name: '200 with a page of HTML', fault: { kind: 'status', status: 200, ...HTML } },
  {
    name: '200 with errors in place of data',
    fault: { kind: 'status', status: 200, body: { data: null, errors: [{ message: 'Something went wrong' }] } },
  },
  {
    name: '200, RATE_LIMITED',
    fault: { kind: 'status', status: 200, body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] } },
  },
  { name: '200 with null', fault: { kind: 'status', status: 200, body: null } },
  { name: '200 with an odd object', fault: { kind: 'status', status: 200, body: { message: 'hello' } } },
  { name: 'no answer', fault: { kind: 'hang' }, timeoutMs: 150 },
  { name: 'a body cut off', fault: { kind: 'cut-body' } },
  { name: 'half of a body', fault: { kind: 'short-body' } },
  { name: 'half of a page', fault: { kind: 'partial-page' } },
  { name: 'a connection closed', fault: { kind: 'reset' } },
  { name: '301', fault: { kind: 'moved' } },
];

const PATIENCE = 100;

/** Where nobody is to answer in time, a busy machine does not either when all is well. */
async function answered(ask: () => Promise<unknown>): Promise<void> {
  for (let n = 1; ; n += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (n === PATIENCE || !(error instanceof PortError)) throw error;
    }
  }
}

/** Null: it held; else what is wrong. `isWarm`: by one that has read it before. */
export async function tryRead(place: Place, scene: ReadScene, read: Read, fault: ReadFault, isWarm: boolean): Promise<string | null> {
  const truth = await read.ask(place.connect(), scene, place);
  const forge = place.connect(fault.timeoutMs);
  if (isWarm) await answered(() => read.ask(forge, scene, place));
  const requests = place.github.journal.entries().length;
  place.github.faults.add({ ...fault.fault, times: null, match: { method: read.method ?? 'GET', path: read.path } });
  let answer: unknown;
  let error: unknown = null;
  try {
    answer = await read.ask(forge, scene, place, fault.timeoutMs);
  } catch (thrown) {
    error = thrown;
  }
  place.github.faults.remove();
  if (
    !isWarm &&
    !place.github.journal
      .entries()
      .slice(requests)
      .some(({ fault: met }) => met !== null) &&
    fault.fault.kind !== 'hang'
  )
    return 'the fault met no request: the table names another path';
  if (error !== null) return error instanceof PortError ? null : `threw what no port throws: ${String(error)}`;
  // What a page of a list lacks while it looks whole nobody can tell; nothing else may be said in its place.
  if (fault.fault.kind === 'partial-page' && isPart(answer, truth)) return null;
  if (isDeepStrictEqual(answer, truth) || read.alsoTrue?.(answer, fault) === true) return null;
  return `answered ${JSON.stringify(answer)?.slice(0, 200)} in place of ${JSON.stringify(truth)?.slice(0, 200)}`;
}

/** Some of a list; nobody who is let in without a record of it. */
function isPart(answer: unknown, truth: unknown): boolean {
  if (Array.isArray(answer) && Array.isArray(truth)) return answer.every((one) => truth.some((whole) => isPart(one, whole)));
  if (typeof answer !== 'object' || answer === null || typeof truth !== 'object' || truth === null) return answer === truth;
  if ('allowed' in answer && answer.allowed === false) return true;
  return Object.entries(answer).every(([key, value]) => isPart(value, Object.entries(truth).find(([name]) => name === key)?.[1]));
}
