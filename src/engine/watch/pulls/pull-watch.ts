import type { Pull } from '../../../core/model/forge.ts';
import { known, type Ms, type Seen, unknown } from '../../../core/model/seen.ts';
import type { Task } from '../../../core/model/task.ts';
import type { CommitChecks } from '../../../core/review/checks.ts';
import {
  checksDue,
  keptSights,
  PULLS_FACT,
  type PullSights,
  pullsToAsk,
  takeChecks,
  takeOpenPulls,
  takePull,
  taskOfBranch,
} from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Allowance } from '../../ports/records/facts.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';
import type { CallWatch } from './call-watch.ts';
import type { GreenWatch } from './green-watch.ts';
import type { QueueWatch } from './queue-watch.ts';
import type { TidyWatch } from './tidy-watch.ts';
import type { WithdrawWatch } from './withdraw-watch.ts';

/** What becomes of our own pulls, asked in the background: for people to see, and for tasks that are in review until their pull is over. */
export interface PullWatch {
  /** Takes in the list of open pulls as the forge last gave it; a new one begins a round of questions. */
  follow(open: Seen<readonly Pull[]>): void;
  /** What was last seen of each. */
  sights(): PullSights;
  close(): Promise<void>;
}

export interface PullWatchOptions {
  readonly forge: Pick<Forge, 'checks' | 'pullsOf' | 'limits'>;
  readonly store: Pick<Store, 'fact' | 'commit' | 'tasks' | 'openTasks' | 'endedTasks'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly interval: () => Ms;
  /** Tasks wait for the end of their pulls. */
  readonly follows: () => boolean;
  /** Asks what else is said of them, where they are followed. */
  readonly gather: CallWatch['gather'];
  /** Hears what people say by comments, and tells them there how tasks stand. */
  readonly talk: (signal: AbortSignal) => Promise<void>;
  /** Asks which of those that the forge was to merge it has let go. */
  readonly letGo: QueueWatch['look'];
  /** Takes merges back that nobody wants any more. */
  readonly withdrawals: WithdrawWatch;
  /** Deletes the branches of merged ones, where that is wanted. */
  readonly tidy: TidyWatch['tidy'];
  /** Takes green ones on. */
  readonly advance: GreenWatch['advance'];
}

/** Ended tasks whose pulls are followed to their end: as many as `status` shows of them. */
const ENDED_FOLLOWED = 20;
const REVIEWS_FOLLOWED = 200;
/** Pulls that are asked for by themselves in one round, and how long one waits until it is asked for again, unless it was open meanwhile. */
const SINGLES = 5;
const SINGLE_AGAIN: Ms = 10 * 60_000;
const WRITE_GAP: Ms = 1_000;

export function watchPulls(options: PullWatchOptions): PullWatch {
  const { forge, store, clock, log, interval, follows, letGo, gather, withdrawals, tidy, advance, talk } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let sights: PullSights = keptSights(store.fact(PULLS_FACT));
  let written = sights;
  let writtenAt: Ms = 0;
  /** The list that was taken in last. */
  let takenAt: Ms | null = null;
  let gone: readonly Task[] = [];
  const askedSingly = new Map<number, Ms>();
  let round: Promise<void> | null = null;

  /** Written with the first change in a while and at the end of each round: not with each of twenty answers. */
  function note(next: PullSights): void {
    sights = next;
    if (Math.abs(clock.now() - writtenAt) >= WRITE_GAP) write();
  }

  /** What cannot be written now is written with the next change; until then `status` shows the age of what it has. */
  function write(): void {
    if (sights === written) return;
    writtenAt = clock.now();
    try {
      store.commit({ facts: { [PULLS_FACT]: [...sights.values()] } });
      written = sights;
    } catch (error) {
      log.warn(`tac8 could not write down what it knows of the pulls: ${messageOf(error)}`);
    }
  }

  function takeList(open: readonly Pull[], at: Ms): void {
    const ids = open.flatMap(({ head }) => taskOfBranch(head.branch) ?? []);
    note(takeOpenPulls(sights, open, ids.length === 0 ? [] : store.tasks(ids), at));
    for (const { number } of open) askedSingly.delete(number);
    const since = clock.startOfDay(clock.now());
    const shown = [
      ...store.openTasks(),
      ...store.endedTasks({ state: 'completed', since, limit: ENDED_FOLLOWED }),
      ...store.endedTasks({ state: 'review', since: 0, limit: REVIEWS_FOLLOWED }),
      ...store.endedTasks({ state: 'failed', since: 0, limit: ENDED_FOLLOWED }),
      ...store.tasks([...sights.values()].flatMap(({ state, task }) => (state === 'open' ? [task] : []))),
    ];
    gone = pullsToAsk(sights, open, [...new Map(shown.map((task) => [task.id, task])).values()]);
  }

  async function askForGone(): Promise<void> {
    const waits = (number: number): boolean => clock.now() - (askedSingly.get(number) ?? Number.NEGATIVE_INFINITY) < SINGLE_AGAIN;
    const wanted = gone.filter(({ pull }) => pull !== null && !waits(pull.number)).slice(0, SINGLES);
    for (const { id, branch, pull } of wanted) {
      if (pull === null || scarcity(forge.limits(), clock.now()) !== null) return;
      const asked = clock.now();
      askedSingly.set(pull.number, asked);
      const found = (await forge.pullsOf(branch, signal)).find(({ number }) => number === pull.number);
      if (found !== undefined) note(takePull(sights, found, id, asked));
    }
  }

  /** One after the other: it is never more than one request beside those that work waits for. */
  async function askForChecks(): Promise<void> {
    for (const { number, commit } of checksDue(sights, interval(), clock.now())) {
      if (signal.aborted) return;
      const asked = clock.now();
      const scarce = scarcity(forge.limits(), asked);
      let answer: Seen<CommitChecks>;
      let limited = false;
      try {
        if (scarce !== null) answer = unknown(scarce, asked);
        else {
          const found = await forge.checks(commit, signal);
          if (found === null) return;
          answer = known(found, asked);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.debug(`checks of pull #${number}: ${messageOf(error)}`);
        answer = unknown(messageOf(error), asked);
        limited = error instanceof PortError && error.sort === 'limited';
      }
      note(takeChecks(sights, number, commit, answer, asked));
      if (limited) return;
    }
  }

  async function withdraw(): Promise<void> {
    note(await withdrawals.withdraw(sights, signal));
  }

  async function ask(): Promise<void> {
    await withdraw();
    try {
      await askForGone();
    } catch (error) {
      if (!signal.aborted) log.debug(`pulls that are not open any more: ${messageOf(error)}`);
    }
    try {
      await askForChecks();
    } catch (error) {
      log.warn(`checks: ${messageOf(error)}`);
    }
    await talk(signal);
    if (!follows() || scarcity(forge.limits(), clock.now()) !== null) return;
    note(await letGo(sights, signal));
    await gather(sights, signal);
    await withdraw();
    if (!signal.aborted) note(await advance(sights, signal));
    if (!signal.aborted) note(await tidy(sights, signal));
  }

  function begin(work: () => Promise<void>): void {
    const failed = (error: unknown): void => log.warn(`what becomes of the pulls: ${messageOf(error)}`);
    const over = (): void => {
      write();
      round = null;
      // Who has said so meanwhile does not wait either.
      if (!signal.aborted && withdrawals.isDue(sights)) begin(withdraw);
    };
    round = work().catch(failed).then(over).catch(failed);
  }

  return {
    follow(open) {
      if (signal.aborted) return;
      if (!open.known || open.at === takenAt) {
        // Who wants a merge no more does not wait for the next list.
        if (round === null && withdrawals.isDue(sights)) begin(withdraw);
        return;
      }
      takenAt = open.at;
      try {
        takeList(open.value, open.at);
      } catch (error) {
        log.warn(`the list of pulls was not taken in: ${messageOf(error)}`);
      }
      write();
      if (round === null) begin(ask);
    },
    sights: () => sights,
    async close() {
      closing.abort();
      await round;
    },
  };
}

/** Why nothing is asked that no work needs: what is left of the hour's requests is kept for work. Null: there are enough. */
function scarcity(allowance: Allowance | null, now: Ms): string | null {
  if (allowance === null) return null;
  const { limit, remaining, resetAt } = allowance;
  if (remaining === null || (resetAt !== null && resetAt <= now)) return null;
  if (remaining >= Math.max(100, (limit ?? 0) / 5)) return null;
  return `not asked: only ${remaining}${limit === null ? '' : ` of ${limit}`} requests are left`;
}
