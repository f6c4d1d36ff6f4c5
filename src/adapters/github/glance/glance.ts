import type { Pull } from '../../../core/model/forge.ts';
import type { CommitChecks } from '../../../core/review/checks.ts';
import type { Merging } from '../../../core/review/merging.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { ForgeWork } from '../../../engine/ports/outside/forge.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { Named } from '../login/heads.ts';
import type { NotedWhere, Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { type Answered, createAsking } from './asking.ts';
import { type Changes, createChanges } from './changes.ts';
import { changedDocument, glanceDocument, OPEN_ONES, standingDocument } from './documents.ts';
import { createRemarks, type Remarks } from './remarks.ts';
import { changedNode, type Listing, newsShape, openShape, pullOf, type Standing, standingShape, talkShape, wholeShape } from './shapes.ts';

/** What one question showed of all that is under way. Each answer is null where it does not tell: then REST is asked. */
export interface Glance {
  look(work: ForgeWork, signal: AbortSignal): Promise<void>;
  /** Every open pull. */
  openPulls(): readonly Pull[] | null;
  /** Takes in a list that REST gave, which was asked for after the last look. */
  listed(pulls: readonly Pull[]): void;
  checks(commit: string): CommitChecks | null;
  merging(pull: number): Merging | null;
  /** False: nobody asked for changes or left a remark. */
  isReviewed(pull: number): boolean | null;
  tip(branch: string): string | null;
  readonly remarks: Remarks;
}

interface Sight {
  readonly at: number;
  readonly standings: ReadonlyMap<number, Standing>;
  readonly tip: { readonly branch: string; readonly commit: string } | null;
}

/** What a look showed counts for the round of questions after it, and no longer. */
const COUNTS_FOR = 60_000;
/** All that are open are counted over after this, whatever was seen of changes: nothing that was missed is missed for longer. */
const LISTED_FOR = 30 * 60_000;
/** Entries of a list in one answer; what changed between two looks is seldom more. */
const NEWS = 20;
const PAGES = 10;

export interface GlanceOptions {
  readonly api: Api;
  readonly where: NotedWhere;
  /** Where branches are pushed. */
  readonly heads: Where;
  readonly log: Log;
  readonly now: () => number;
}

export function createGlance({ api, where, heads, log, now }: GlanceOptions): Glance {
  const asking = createAsking(api, log, now);
  const remarks = createRemarks();
  const odd = new Set<string>();
  let changes = createChanges(now);
  let sight: Sight | null = null;
  let open: Map<number, Pull> | null = null;
  let listedAt = 0;

  /** Said once of each: it is the record that is odd, and it is asked for by REST. */
  function leaveOut(what: string): null {
    if (!odd.has(what)) log.warn(`GitHub's answer about ${what} is not what it documents: tac8 asks for it alone`);
    odd.add(what);
    return null;
  }

  function forget(): void {
    [changes, sight, open] = [createChanges(now), null, null];
    remarks.forget();
  }

  const current = (): Sight | null => (sight !== null && now() >= sight.at && now() - sight.at < COUNTS_FOR ? sight : null);

  function standingsIn(repository: Readonly<Record<string, unknown>>, spoilt: ReadonlySet<string>, numbers: readonly number[]) {
    return numbers.flatMap((number): (readonly [number, Standing])[] => {
      const alias = `p${number}`;
      if (spoilt.has(alias) || repository[alias] == null) return [];
      const read = standingShape.safeParse(repository[alias]);
      if (!read.success) leaveOut(`pull #${number}`);
      return read.success ? [[number, read.data] as const] : [];
    });
  }

  const noteIn = (changed: Changes, kind: 'pull' | 'issue', { nodes }: Listing): boolean => {
    let reaches = false;
    for (const node of nodes) {
      const read = changedNode.safeParse(node);
      if (read.success) reaches = changed.saw(kind, read.data.number, read.data.updatedAt) || reaches;
    }
    return reaches;
  };

  /** The newest first, down to what was known: page after page where much has changed. */
  async function askForNews(names: Named, ref: string, numbers: readonly number[], signal: AbortSignal) {
    const variables = { ...names, ref: `refs/heads/${ref}`, first: NEWS, since: changes.since() };
    const first = await asking.ask(glanceDocument(numbers), { ...variables, pullsAfter: null, issuesAfter: null }, signal);
    const news = newsShape.parse(first.repository);
    let { pullRequests, issues } = news;
    let [morePulls, moreIssues] = [true, true];
    for (let pages = 1; ; pages += 1) {
      if (morePulls) morePulls = noteIn(changes, 'pull', pullRequests) && pullRequests.pageInfo.hasNextPage && changes.isBegun();
      if (moreIssues) moreIssues = noteIn(changes, 'issue', issues) && issues.pageInfo.hasNextPage && changes.isBegun();
      if (!morePulls && !moreIssues) return { ...first, news };
      if (pages === PAGES) throw new Error(`more than ${PAGES * NEWS} issues and pulls have changed since the last look`);
      const after = { pullsAfter: pullRequests.pageInfo.endCursor ?? null, issuesAfter: issues.pageInfo.endCursor ?? null };
      ({ pullRequests, issues } = newsShape.parse((await asking.ask(glanceDocument([]), { ...variables, ...after }, signal)).repository));
    }
  }

  async function askForChanged(names: Named, signal: AbortSignal): Promise<void> {
    const all = changes.due();
    if (all.length === 0) return changes.done(all);
    const pushed = await heads(signal);
    for (let from = 0; from < all.length; from += NEWS) {
      const some = all.slice(from, from + NEWS);
      const of = (kind: 'pull' | 'issue') => some.flatMap((one) => (one.kind === kind ? [one.number] : []));
      const { repository } = await asking.ask(changedDocument(of('pull'), of('issue')), { ...names }, signal);
      for (const { kind, number } of some) take(names, pushed, kind, number, repository[`${kind[0]}${number}`]);
    }
    changes.done(all);
  }

  function take(names: Named, pushed: Named, kind: 'pull' | 'issue', number: number, record: unknown): void {
    const whole = kind === 'pull' ? wholeShape.safeParse(record).data : undefined;
    const comments = whole?.comments ?? (kind === 'issue' ? talkShape.safeParse(record).data?.comments : undefined);
    if (comments === undefined) {
      // What became of it nobody knows: the list, and what was said, are asked for by REST.
      leaveOut(`#${number}`);
      if (kind === 'pull') open = null;
      return remarks.forget();
    }
    if (whole?.pull.state === 'open') open?.set(number, pullOf(whole, names, pushed));
    else if (whole !== undefined) open?.delete(number);
    if (!remarks.take(number, comments)) remarks.forget();
  }

  /** What was asked by its number is true of it whether or not it is said to have changed. */
  function settle(number: number, { isOpen, draft, commit, review }: Standing): void {
    const pull = open?.get(number);
    if (pull === undefined) return;
    if (!isOpen) open?.delete(number);
    else if (pull.draft !== draft || pull.head.commit !== commit || (pull.review ?? null) !== review) {
      const { review: _, ...rest } = pull;
      open?.set(number, { ...rest, draft, head: { ...pull.head, commit }, ...(review === null ? {} : { review }) });
    }
  }

  /** Where the list is not what it should be it is let go, and REST lists it. */
  async function countOver(known: ReadonlyMap<number, Pull>, names: Named, signal: AbortSignal): Promise<void> {
    const there = new Map<number, string>();
    let after: string | null = null;
    let total = 0;
    for (let page = 0; page < PAGES; page += 1) {
      const answer: Answered = await asking.ask(OPEN_ONES, { ...names, after }, signal);
      const { totalCount, nodes, pageInfo } = openShape.parse(answer.repository).pullRequests;
      for (const { number, headRefOid } of nodes) there.set(number, headRefOid);
      [after, total] = [pageInfo.endCursor ?? null, totalCount];
      if (!pageInfo.hasNextPage) break;
    }
    const isSame = there.size === total && known.size === total;
    if (isSame && [...known.values()].every(({ number, head }) => there.get(number) === head.commit)) listedAt = now();
    else open = null;
  }

  async function lookOnce({ pulls, base }: ForgeWork, signal: AbortSignal): Promise<Sight> {
    const repository = await where(signal);
    const names = { owner: repository.owner, name: repository.name };
    const at = now();
    const size = asking.size();
    const branch = base ?? repository.defaultBranch;
    const wasBegun = changes.isBegun();
    const { news, spoilt, ...answer } = await askForNews(names, branch, pulls.slice(0, size), signal);
    if (news.databaseId != null && news.databaseId !== repository.id)
      throw new Error(`${names.owner}/${names.name} is another repository by now`);
    const defaultBranch = news.defaultBranchRef?.name ?? repository.defaultBranch;
    where.note({ id: repository.id, owner: news.owner.login, name: news.name, defaultBranch });
    const standings = standingsIn(answer.repository, spoilt, pulls.slice(0, size));
    for (let from = size; from < pulls.length; from += size) {
      const some = pulls.slice(from, from + size);
      const more = await asking.ask(standingDocument(some), names, signal);
      standings.push(...standingsIn(more.repository, more.spoilt, some));
    }
    // At the first look everything is new, and REST lists it.
    // What was said before it no look tells.
    if (wasBegun) await askForChanged(names, signal);
    else remarks.forget();
    changes.begin();
    for (const [number, standing] of standings) settle(number, standing);
    if (open !== null && Math.abs(now() - listedAt) >= LISTED_FOR) await countOver(open, names, signal);
    const commit = news.ref?.target?.oid;
    return { at, standings: new Map(standings), tip: commit === undefined || spoilt.has('ref') ? null : { branch, commit } };
  }

  return {
    remarks,
    async look(work, signal) {
      sight = null;
      if (asking.isOff()) return forget();
      for (;;) {
        try {
          sight = await lookOnce(work, signal);
          return;
        } catch (error) {
          if (signal.aborted) return;
          if (asking.failed(error)) continue;
          forget();
          log.debug(`GitHub is not asked at a glance this time: ${messageOf(error)}`);
          return;
        }
      }
    },
    openPulls: () => (current() === null || open === null ? null : [...open.values()]),
    listed(pulls) {
      if (current() === null) return;
      open = new Map(pulls.map((pull) => [pull.number, pull]));
      listedAt = now();
    },
    checks(commit) {
      const one = [...(current()?.standings.values() ?? [])].find((standing) => standing.commit === commit);
      return one?.checks == null ? null : { checks: one.checks, withheld: [] };
    },
    merging: (pull) => current()?.standings.get(pull)?.merging ?? null,
    isReviewed: (pull) => current()?.standings.get(pull)?.isReviewed ?? null,
    tip(branch) {
      const tip = current()?.tip ?? null;
      return tip?.branch === branch ? tip.commit : null;
    },
  };
}
