import type { Ms } from '../../../core/model/seen.ts';
import {
  type Call,
  type Calls,
  checksCall,
  conflictCall,
  type Failing,
  NO_CALLS,
  queueCall,
  type Review,
  reviewCall,
} from '../../../core/review/calls.ts';
import { verdictOf } from '../../../core/review/checks.ts';
import { type PullSight, type PullSights, unmergedAt } from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { IssueTexts } from '../../ports/outside/issue-texts.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';
import type { Workspaces } from '../../ports/repository/workspaces.ts';

/** What is said of open pulls and asks for a further round: why checks are red, and what persons with write access want. */
export interface CallWatch {
  /** Asks for what is new since it was asked last; a pull of which nothing changed costs no request. */
  gather(sights: PullSights, signal: AbortSignal): Promise<void>;
  /** The same map as long as nothing new is said. */
  calls(): Calls;
}

export interface CallWatchOptions {
  readonly forge: Pick<Forge, 'checks' | 'failures' | 'reviews' | 'merging' | 'tip' | 'defaultBranch'>;
  readonly store: Pick<Store, 'tasks'>;
  readonly texts: IssueTexts;
  readonly workspaces: Pick<Workspaces, 'refresh'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The branch that pulls go into; null: the forge's default. */
  readonly base: string | null;
  /** Something new is said. */
  readonly wake: () => void;
}

interface Heard {
  /** The red commit that was asked about, with what was red of it; its call is null where what is red there is red on the base branch, too. */
  readonly checks: { readonly print: string; readonly call: Call | null } | null;
  /** What took it out of the merge queue, by the forge's name of that; its call is null where nothing is to be mended. */
  readonly queue: { readonly id: string; readonly call: Call | null } | null;
  /** The head and the base that were compared, and since when that is known; its call is null where they merge. */
  readonly merge: {
    readonly commit: string;
    readonly tip: string;
    readonly since: Ms;
    readonly isSure: boolean;
    readonly call: Call | null;
  } | null;
  /** When the pull had changed last as its reviews were read, and since when that is known. */
  readonly reviews: {
    readonly changedAt: Ms | undefined;
    readonly since: Ms;
    readonly isSure: boolean;
    readonly calls: readonly Call[];
  } | null;
}
interface Tip {
  readonly branch: string;
  readonly tip: string;
}
/**
 * The forge tells whole seconds: what came in the second in which the reviews were read changes nothing that is told. It compares a pull with a base that
 * moved a while after it tells where the base is. Both are read once more after this.
 */
const SURE_AFTER: Ms = 2_000;
const NOTHING: Heard = { checks: null, queue: null, merge: null, reviews: null };

export function watchCalls({ forge, store, texts, workspaces, clock, log, base, wake }: CallWatchOptions): CallWatch {
  const heard = new Map<number, Heard>();
  let calls = NO_CALLS;

  const baseBranch = async (): Promise<string> => base ?? (await forge.defaultBranch());

  async function redOnBase(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { checks = [] } = (await forge.checks(await baseBranch(), signal)) ?? {};
    return new Set(checks.flatMap((check) => (verdictOf(check) === 'failing' ? [check.name] : [])));
  }

  /** What failed at a commit, and not on the base branch as well. */
  async function failedAt(commit: string, signal: AbortSignal): Promise<readonly Failing[]> {
    const failing = await forge.failures(commit, signal);
    const before = failing.length === 0 ? new Set<string>() : await redOnBase(signal);
    return failing.filter(({ name }) => !before.has(name));
  }

  async function askWhyRed({ number, commit }: PullSight, signal: AbortSignal): Promise<Call | null> {
    const own = await failedAt(commit, signal);
    if (own.length > 0) return checksCall(number, commit, own);
    log.info(`pull #${number}: what is red at ${commit.slice(0, 7)} is red on the base branch as well, or was only cancelled: no round`);
    return null;
  }

  /** The agent is asked to merge what GitHub has compared: it has to be here. */
  async function fetchBase(signal: AbortSignal): Promise<void> {
    const problem = await workspaces.refresh(signal);
    if (problem !== null) throw new PortError('retryable', `its base could not be fetched: ${problem}`);
  }

  /** Undefined: not worked out yet, or not about this head. Null: they merge. */
  async function askForMerge({ number, commit }: PullSight, on: Tip, signal: AbortSignal): Promise<Call | null | undefined> {
    const seen = await forge.merging(number, signal);
    if (seen.merges === null || seen.commit !== commit) return undefined;
    // One that was pointed at another branch conflicts with that: no agent of ours was told of it.
    if (seen.merges || (seen.base !== undefined && seen.base !== on.branch)) return null;
    await fetchBase(signal);
    return conflictCall(number, commit, on);
  }

  const shown = async (text: string): Promise<string> => (text.trim() === '' ? '' : (await texts.shown(text)).text);

  async function askForReviews(number: number, signal: AbortSignal): Promise<readonly Call[]> {
    const found: Call[] = [];
    for (const review of await forge.reviews(number, signal)) {
      const notes: Review['notes'][number][] = [];
      for (const note of review.notes) notes.push({ ...note, body: await shown(note.body) });
      found.push(reviewCall(number, { ...review, body: await shown(review.body), notes }));
    }
    return found;
  }

  /** Red checks, a conflict and reviews are asked about each by itself: what is not known of one holds back no other. */
  async function gatherOne(sight: PullSight, on: Tip | null, signal: AbortSignal): Promise<void> {
    const problems: unknown[] = [];
    const looks = [
      () => lookAtChecks(sight, signal),
      () => lookAtQueue(sight, signal),
      () => lookAtMerge(sight, on, signal),
      () => lookAtReviews(sight, signal),
    ];
    for (const look of looks) {
      try {
        await look();
      } catch (error) {
        if (signal.aborted || (error instanceof PortError && error.sort === 'limited')) throw error;
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  }

  const before = (number: number): Heard => heard.get(number) ?? NOTHING;

  async function lookAtChecks(sight: PullSight, signal: AbortSignal): Promise<void> {
    const { number, commit, checks } = sight;
    // What is red later at the same commit is other news: a build that is begun again, or comes late.
    const print = `${commit} ${JSON.stringify(checks?.summary ?? null)}`;
    if (!isRed(sight)) heard.set(number, { ...before(number), checks: null });
    else if (before(number).checks?.print !== print) {
      const call = await askWhyRed(sight, signal);
      heard.set(number, { ...before(number), checks: { print, call } });
    }
  }

  async function lookAtQueue(sight: PullSight, signal: AbortSignal): Promise<void> {
    const { number } = sight;
    const gone = unmergedAt(sight)?.letGo;
    if (gone?.why !== 'checks' || gone.commit === null) heard.set(number, { ...before(number), queue: null });
    else if (before(number).queue?.id !== gone.id) {
      const failing = await failedAt(gone.commit, signal);
      if (failing.length > 0) await fetchBase(signal);
      heard.set(number, {
        ...before(number),
        queue: { id: gone.id, call: failing.length === 0 ? null : queueCall(number, gone.id, failing) },
      });
    }
  }

  async function lookAtReviews({ number, changedAt }: PullSight, signal: AbortSignal): Promise<void> {
    const { reviews } = before(number);
    const now = clock.now();
    const isSame = reviews !== null && reviews.changedAt === changedAt;
    const since = isSame ? reviews.since : now;
    const isSure = now - since >= SURE_AFTER;
    if (isSame && (!isSure || reviews.isSure)) return;
    const calls = await askForReviews(number, signal);
    heard.set(number, { ...before(number), reviews: { changedAt, since, isSure, calls } });
  }

  async function lookAtMerge(sight: PullSight, on: Tip | null, signal: AbortSignal): Promise<void> {
    if (on === null) return;
    const { number, commit } = sight;
    const { merge: known } = before(number);
    const now = clock.now();
    const same = known?.commit === commit && known.tip === on.tip ? known : null;
    const since = same?.since ?? now;
    const isSure = now - since >= SURE_AFTER;
    if (same !== null && (same.isSure || !isSure)) return;
    const call = await askForMerge(sight, on, signal);
    const merge = call === undefined ? same : { commit, tip: on.tip, since, isSure, call };
    heard.set(number, { ...before(number), merge });
  }

  /** One question tells whether any pull can have come into conflict. Null: nobody knows now. */
  async function askForTip(signal: AbortSignal): Promise<Tip | null> {
    try {
      const branch = await baseBranch();
      const tip = await forge.tip(branch, signal);
      return tip === null ? null : { branch, tip };
    } catch (error) {
      if (!signal.aborted) log.warn(`whether pulls conflict with their base is not known: ${messageOf(error)}`, { at: clock.now() });
      return null;
    }
  }

  function publish(sights: PullSights): void {
    const next = new Map(
      [...heard].flatMap(([number, { checks, queue, merge, reviews }]) => {
        const task = sights.get(number)?.task;
        const all = [checks?.call, queue?.call, merge?.call, ...(reviews?.calls ?? [])].filter((call) => call != null);
        return task === undefined || all.length === 0 ? [] : [[task, all] as const];
      }),
    );
    if (keysOf(next) === keysOf(calls)) return;
    calls = next;
    wake();
  }

  return {
    calls: () => calls,
    async gather(sights, signal) {
      for (const number of [...heard.keys()]) if (sights.get(number)?.state !== 'open') heard.delete(number);
      const open = [...sights.values()].filter(({ state }) => state === 'open');
      const inReview = new Set(store.tasks(open.map(({ task }) => task)).flatMap(({ id, state }) => (state === 'review' ? [id] : [])));
      const on = inReview.size === 0 ? null : await askForTip(signal);
      for (const sight of open) {
        if (!inReview.has(sight.task)) continue;
        if (signal.aborted) return;
        try {
          await gatherOne(sight, on, signal);
        } catch (error) {
          if (signal.aborted) return;
          log.warn(`tac8 does not know what is said of pull #${sight.number}: ${messageOf(error)}`, { at: clock.now() });
          if (error instanceof PortError && error.sort === 'limited') break;
        }
      }
      publish(sights);
    },
  };
}

/** Some failed, none still runs, and the answer is a good one. */
const isRed = ({ checks }: PullSight): boolean =>
  checks?.unknown === null && checks.summary !== null && checks.summary.failing > 0 && checks.summary.running === 0;

const keysOf = (calls: Calls): string => JSON.stringify([...calls].map(([task, all]) => [task, all.map(({ key }) => key)]));
