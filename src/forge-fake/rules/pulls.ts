import { isPull, type Pull } from '../shape/shapes-pull.ts';
import { forbidden, invalid, notFound, refusal } from '../state/answer.ts';
import { barePath, type Fake, stamp, takeId } from '../state/fake.ts';
import { commitMerge, fetchFrom, isAncestor, keepPullHead, mergeBase, mergeTree, newCommits, readBranches } from '../state/git.ts';
import { rulesOf, unmet } from '../state/merging.ts';
import { may } from '../state/people.ts';
import type { MergeMethod, User } from '../state/state.ts';
import { createIssue, findIssue, record, setState } from './issues.ts';

export const findPull = (fake: Fake, number: number): Pull => {
  const issue = findIssue(fake, number);
  if (!isPull(issue)) throw notFound();
  return issue;
};

export interface NewPull {
  readonly title: string;
  readonly body: string | null;
  /** `branch`, or `owner:branch` for a fork's. */
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

const RESOURCE = 'PullRequest';

/** Opens a pull, or refuses it with GitHub's words: no such head or base, no commits between, a pull is open already. */
export async function createPull(fake: Fake, as: User, wanted: NewPull): Promise<Pull> {
  const { repo } = fake.store.state;
  const colon = wanted.head.indexOf(':');
  const owner = colon < 0 ? repo.owner : wanted.head.slice(0, colon);
  const ref = wanted.head.slice(colon + 1);
  if (owner !== repo.owner && !repo.forks.includes(owner)) throw invalid({ resource: RESOURCE, field: 'head', code: 'invalid' });
  if (owner === repo.owner && !may(fake, as, 'write')) throw forbidden('Resource not accessible by personal access token');
  const bare = barePath(fake);
  const heads = await readBranches(barePath(fake, owner));
  const bases = await readBranches(bare);
  const head = { owner, ref, sha: heads.get(ref) ?? '' };
  const base = { ref: wanted.base, sha: bases.get(wanted.base) ?? '' };
  const errors = [...(base.sha === '' ? ['base'] : []), ...(head.sha === '' ? ['head'] : [])];
  if (errors.length > 0) throw invalid(...errors.map((field) => ({ resource: RESOURCE, field, code: 'invalid' as const })));
  if (owner !== repo.owner) await fetchFrom(bare, barePath(fake, owner), `refs/heads/${ref}`);
  if ((await mergeBase(bare, base.sha, head.sha)) === null) {
    throw customError(`The ${ref} branch has no history in common with ${wanted.base}`);
  }
  if (await isAncestor(bare, head.sha, base.sha)) throw customError(`No commits between ${wanted.base} and ${wanted.head}`);
  // From here to the end nothing waits: of two requests at once, the second sees the first one's pull.
  if (openPulls(fake).some(({ pull }) => pull.head.owner === owner && pull.head.ref === ref && pull.base.ref === wanted.base)) {
    throw customError(`A pull request already exists for ${owner}:${ref}.`);
  }
  const facts = { id: takeId(fake), head, base, draft: wanted.draft, mergedAt: null, mergedBy: null, mergeCommit: null, mergeable: null };
  const issue = createIssue(fake, as, { title: wanted.title, body: wanted.body, labels: [], pull: facts });
  if (!isPull(issue)) throw new Error(`#${issue.number} was made as a pull and is none`);
  await keepPullHead(bare, issue.number, head.sha);
  return issue;
}

const customError = (message: string): Error => invalid({ resource: RESOURCE, code: 'custom', message });

export const openPulls = (fake: Fake): readonly Pull[] => fake.store.state.issues.filter(isPull).filter((pull) => pull.state === 'open');

/**
 * Brings the open pulls up to what git says now: a moved head, a deleted head or base (the pull is closed, or goes into what the base was merged
 * into), a head that the base has (it is merged).
 * Called after every push and before every answer about pulls, so that it does not matter how the commits came into the repository.
 * One at a time: else a slow look at the branches would put back what a later one has seen.
 */
export function settlePulls(fake: Fake, actor: string): Promise<void> {
  return fake.inTurn(() => settleAll(fake, actor));
}

async function settleAll(fake: Fake, actor: string): Promise<void> {
  const open = openPulls(fake);
  if (open.length === 0) return;
  const owners = [fake.store.state.repo.owner, ...fake.store.state.repo.forks];
  const branches = new Map(await Promise.all(owners.map(async (owner) => [owner, await readBranches(barePath(fake, owner))] as const)));
  const bases = branches.get(fake.store.state.repo.owner) ?? new Map<string, string>();
  const came = new Map<string, Promise<ReadonlySet<string>>>();
  /** What came to the base of this pull since it was looked at. */
  const cameTo = (from: string, to: string): Promise<ReadonlySet<string>> => {
    const known = came.get(`${from} ${to}`) ?? newCommits(barePath(fake), from, to);
    came.set(`${from} ${to}`, known);
    return known;
  };
  for (const one of open) {
    const { head, base } = one.pull;
    const there = branches.get(head.owner);
    // A deleted fork takes nothing away: the pull keeps the last head that was seen.
    const sha = there === undefined ? head.sha : (there.get(head.ref) ?? null);
    if (!bases.has(base.ref)) loseBase(fake, actor, one);
    await settlePull(fake, actor, one, sha, bases.get(one.pull.base.ref) ?? one.pull.base.sha, cameTo);
    await mergeByItself(fake, one);
  }
}

/** What was on top of a pull that was merged goes where that one went; all else is closed, and cannot be opened again before the branch is there. */
function loseBase(fake: Fake, actor: string, one: Pull): void {
  const { base } = one.pull;
  const below = fake.store.state.issues.filter(isPull).findLast(({ pull }) => pull.mergedAt !== null && pull.head.ref === base.ref);
  if (below === undefined) {
    record(fake, one, actor, 'base_ref_deleted');
    setState(fake, actor, one, 'closed');
  } else {
    Object.assign(one.pull, { base: { ...below.pull.base }, mergeable: null });
    record(fake, one, actor, 'automatic_base_change_succeeded');
  }
  fake.store.touch();
}

async function settlePull(
  fake: Fake,
  actor: string,
  one: Pull,
  head: string | null,
  base: string,
  cameTo: (from: string, to: string) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const { pull } = one;
  if (head !== null && head !== pull.head.sha) await moveHead(fake, one, head);
  if (base !== pull.base.sha) {
    const merged = (await cameTo(pull.base.sha, base)).has(pull.head.sha);
    // Merged or closed while git was asked: it keeps the base it ended on.
    if (one.state !== 'open') return;
    if (merged) markMerged(fake, actor, one, base);
    else pull.base.sha = base;
    pull.mergeable = null;
    fake.store.touch();
  }
  if (head === null && one.state === 'open') {
    record(fake, one, actor, 'head_ref_deleted');
    setState(fake, actor, one, 'closed');
    fake.store.touch();
  }
}

async function moveHead(fake: Fake, one: Pull, sha: string): Promise<void> {
  const { head } = one.pull;
  const bare = barePath(fake);
  if (head.owner !== fake.store.state.repo.owner) await fetchFrom(bare, barePath(fake, head.owner), `refs/heads/${head.ref}`);
  await keepPullHead(bare, one.number, sha);
  const before = head.sha;
  head.sha = sha;
  one.pull.mergeable = null;
  one.updatedAt = stamp(fake);
  fake.hooks.send('pull_request', 'synchronize', one.number, { before, after: sha });
  fake.store.touch();
}

/** Closes the issues that the body names with a closing keyword, when the pull went into the default branch. */
function markMerged(fake: Fake, actor: string, one: Pull, commit: string): void {
  const { state } = fake.store;
  Object.assign(one.pull, { mergedAt: stamp(fake), mergedBy: actor, mergeCommit: commit });
  record(fake, one, actor, 'merged', { commit });
  setState(fake, actor, one, 'closed');
  fake.store.touch();
  if (one.pull.base.ref !== state.repo.defaultBranch) return;
  for (const match of (one.body ?? '').matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b/gi)) {
    const issue = state.issues.find((candidate) => candidate.number === Number(match[1]) && candidate.pull === null);
    if (issue !== undefined) setState(fake, actor, issue, 'closed', 'completed', commit);
  }
}

/** Looks whether it merges, as GitHub does in the background after the first question. */
export async function checkMergeable(fake: Fake, one: Pull): Promise<void> {
  if (one.state !== 'open' || one.pull.mergeable !== null) return;
  one.pull.mergeable = (await mergeTree(barePath(fake), one.pull.base.sha, one.pull.head.sha)) !== null;
  fake.store.touch();
}

/** Somebody asked for it before, and by now nothing is in the way. */
async function mergeByItself(fake: Fake, one: Pull): Promise<void> {
  const by = one.pull.queuedBy ?? one.pull.autoMerge?.by;
  if (by === undefined || one.state !== 'open' || one.pull.draft || unmet(fake, one) !== null) return;
  // What waited for its rules goes into the queue, where there is one.
  if (rulesOf(fake).queue !== undefined) one.pull.queuedBy = by;
  if (rulesOf(fake).queue === 'held') return;
  const tree = await mergeTree(barePath(fake), one.pull.base.sha, one.pull.head.sha);
  if (tree !== null) await mergeNow(fake, by, one, tree, one.pull.autoMerge?.method ?? 'merge');
}

async function mergeNow(fake: Fake, login: string, one: Pull, tree: string, method: MergeMethod): Promise<string> {
  const { pull } = one;
  const message = `Merge pull request #${one.number} from ${pull.head.owner}/${pull.head.ref}\n\n${one.title}\n`;
  const wanted = { tree, branch: pull.base.ref, base: pull.base.sha, head: method === 'merge' ? pull.head.sha : null, message };
  const commit = await commitMerge(barePath(fake), wanted);
  if (one.state === 'open') markMerged(fake, login, one, commit);
  return commit;
}

/** Merges with a merge commit; answers it. */
export async function mergePull(fake: Fake, as: User, one: Pull, expectedHead?: string, method: MergeMethod = 'merge'): Promise<string> {
  if (!may(fake, as, 'write')) throw forbidden();
  await settlePulls(fake, as.login);
  const { pull } = one;
  if (one.state !== 'open' || pull.draft)
    throw refusal(405, pull.draft ? 'Pull Request is still a draft' : 'Pull Request is not mergeable');
  if (expectedHead !== undefined && expectedHead !== pull.head.sha) {
    throw refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const missing = unmet(fake, one) ?? (rulesOf(fake).queue === undefined ? null : 'Changes must be made through the merge queue');
  if (missing !== null) throw refusal(405, missing);
  if (rulesOf(fake).linear === true && method === 'merge')
    throw refusal(405, 'Repository rule violations found: This branch must not contain merge commits.');
  const tree = await mergeTree(barePath(fake), pull.base.sha, pull.head.sha);
  if (tree === null) throw refusal(405, 'Pull Request is not mergeable');
  return mergeNow(fake, as.login, one, tree, method);
}
