import { type Dependency, type Issue, isFreshTrigger, type Pull, type Trigger, type Wanted, whyUnwanted } from '../../core/model/forge.ts';
import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import { SINGLE_AGE } from '../../core/start/dependencies.ts';
import type { Plan } from '../../core/tick/plan.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Forge, ForgeWork } from '../ports/outside/forge.ts';
import type { Log } from '../ports/records/log.ts';
import { watchDependencies } from './dependency-watch.ts';
import { createLookUps, isBefore, isWithin } from './look-ups.ts';

/** What is known of the forge, asked in the background so that no tick waits for it. */
export interface ForgeWatch {
  issues(): Seen<readonly Issue[]>;
  pulls(): Seen<readonly Pull[]>;
  triggers(): ReadonlyMap<number, Seen<Trigger>>;
  /** Issues that the list lacks, each asked for by itself. Null: there is none. */
  singles(): ReadonlyMap<number, Seen<Issue | null>>;
  /** What issues depend on. */
  dependencies(): ReadonlyMap<number, Seen<readonly Dependency[]>>;
  issue(number: number): Issue | null;
  /** Asks again if it is time; wakes the loop when the answers are in. */
  pollIfDue(now: Ms): void;
  /** Everything was asked, whatever came of it, and no question is under way. */
  isSettled(): boolean;
  /** The next poll. */
  dueAt(): Ms;
  /** Ask now, at the next occasion. */
  hurry(): void;
  /** Asks what a plan wants to know of single issues, unless it was asked lately. */
  lookUp(wanted: Plan['wanted']): void;
  close(): Promise<void>;
}

export interface ForgeWatchOptions {
  readonly forge: Forge;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanted: () => Wanted;
  /** What is under way there; left out: nobody wants more than is asked for one by one. */
  readonly work?: () => ForgeWork;
  readonly interval: () => Ms;
  readonly wake: () => void;
  /** An issue that was not there before may start soon. */
  readonly onNews: () => void;
}

/** Between polls of a forge that does not answer, whatever shorter interval is set; twice as long each time, up to the last. */
const FIRST_WAIT: Ms = 500;
const LONGEST_WAIT: Ms = 5_000;

/** An issue that the list goes on to lack though it should not is asked for again at most this often. */
const SINGLE_AGAIN: Ms = 60_000;

export function watchForge(options: ForgeWatchOptions): ForgeWatch {
  const { forge, clock, log, wake } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let issues: Seen<readonly Issue[]> = unknown('not asked yet', clock.now());
  let pulls: Seen<readonly Pull[]> = unknown('not asked yet', clock.now());
  let due: Ms = 0;
  /** Polls of the list that failed, since one did not. */
  let failed = 0;
  /** What is on its way; `again`: what is said of pulls is to be asked for once more after that. */
  const polling = { issues: false, pulls: false, again: false };
  /** When the list last named other issues than the one before. */
  let listChangedAt: Ms = 0;
  let listed = new Set<number>();

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const around = { clock, log, track, onAnswers: wake };
  const triggers = createLookUps<Trigger>({
    ...around,
    what: (number) => `label of #${number}`,
    ask: (number) => forge.trigger(number, options.wanted().label, closing.signal),
    askedAt: (trigger) => trigger.askedAt,
  });
  const singles = createLookUps<Issue | null>({
    ...around,
    what: (number) => `issue #${number}`,
    ask: (number) => forge.issue(number, closing.signal, options.wanted().label),
  });
  const dependencies = watchDependencies({
    ...around,
    interval: options.interval,
    ask: (number) => forge.dependencies(number, closing.signal),
  });

  /** A failed question keeps "unknown since" at the first failure. */
  async function ask<T>(what: string, before: Seen<T>, question: Promise<T>): Promise<Seen<T>> {
    try {
      return known(await question, clock.now());
    } catch (error) {
      log.warn(`${what}: ${messageOf(error)}`);
      return unknown(messageOf(error), before.known ? clock.now() : before.since);
    }
  }

  /** Those that bear the label and meet all else that is asked of them. */
  async function wantedIssues(): Promise<readonly Issue[]> {
    const wanted = options.wanted();
    return (await forge.issues(wanted.label, closing.signal)).filter((issue) => whyUnwanted(issue, wanted) === null);
  }

  async function pollIssues(asked: Ms): Promise<void> {
    const found = await ask('issues', issues, wantedIssues());
    // The list is as old as the question: a task made since then is not missing from it.
    issues = found.known ? known(found.value, asked) : found;
    polling.issues = false;
    failed = found.known ? 0 : failed + 1;
    // Who was in a hurry meanwhile does not wait.
    if (failed > 0 && due > asked) due = Math.max(due, asked + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failed - 1)));
    if (!found.known) return;
    const before = listChangedAt;
    noteList(found.value);
    // It counts as soon as it is there: who is to be stopped does not wait for what is said of pulls.
    if (listChangedAt !== before && pulls.known && polling.pulls) wake();
  }

  async function pollPulls(): Promise<void> {
    do {
      polling.again = false;
      const work = options.work?.();
      if (work !== undefined) await forge.look(work, closing.signal);
      pulls = await ask('pulls', pulls, forge.openPulls(closing.signal));
    } while (polling.again && !closing.signal.aborted);
    polling.pulls = false;
  }

  /** In a hurry the issues are asked for again while what is said of pulls is still on its way; that is asked for again after it. */
  async function poll(): Promise<void> {
    const asked = clock.now();
    due = asked + options.interval();
    polling.issues = true;
    const of = [pollIssues(asked)];
    if (polling.pulls) polling.again = true;
    else {
      polling.pulls = true;
      of.push(pollPulls());
    }
    await Promise.all(of);
    wake();
  }

  function noteList(list: readonly Issue[]): void {
    const now = new Set(list.map(({ number }) => number));
    if (now.size !== listed.size || [...now].some((number) => !listed.has(number))) listChangedAt = clock.now();
    listed = now;
    singles.forget((number) => !now.has(number));
    dependencies.noteList(list);
    triggers.forget((number, askedAt) => now.has(number) || isFreshTrigger(askedAt, clock.now()));
  }

  /** An answer that counts no more is asked for at once; what is unknown or refused with the next poll, not with every tick. */
  const isAnswered = (askedAt: Ms, answer: Seen<Trigger> | undefined): boolean =>
    isWithin(askedAt, options.interval(), clock.now()) && (answer?.known !== true || isFreshTrigger(answer.at, clock.now()));

  return {
    issues: () => issues,
    pulls: () => pulls,
    triggers: triggers.answers,
    singles: singles.answers,
    dependencies: dependencies.answers,
    issue: (number) => (issues.known ? (issues.value.find((issue) => issue.number === number) ?? null) : null),
    pollIfDue(now) {
      if (!polling.issues && now >= due && !closing.signal.aborted) track(poll());
    },
    isSettled: () => due > 0 && underWay.size === 0,
    dueAt: () => due,
    hurry() {
      due = 0;
      wake();
    },
    lookUp(wanted) {
      if (closing.signal.aborted) return;
      if (triggers.want(wanted.triggers, isAnswered)) options.onNews();
      singles.want(wanted.issues, (askedAt, answer) => {
        // What counts no more is asked again, or the gate would say for the rest of a long interval that it is being looked up.
        const span = answer?.known === false ? options.interval() : Math.min(SINGLE_AGE, Math.max(SINGLE_AGAIN, options.interval()));
        return !isBefore(askedAt, listChangedAt, clock.now()) && isWithin(askedAt, span, clock.now());
      });
      dependencies.want(wanted.dependencies, issues.known ? issues : null);
    },
    async close() {
      closing.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}
