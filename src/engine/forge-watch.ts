import type { Issue, Pull, Trigger } from '../core/forge.ts';
import { known, type Ms, type Seen, unknown } from '../core/seen.ts';
import type { Clock, Forge, Log } from './ports.ts';

/** What is known of the forge, asked in the background so that no tick waits for it. */
export interface ForgeWatch {
  issues(): Seen<readonly Issue[]>;
  pulls(): Seen<readonly Pull[]>;
  triggers(): ReadonlyMap<number, Seen<Trigger>>;
  issue(number: number): Issue | null;
  /** Asks again if it is time; wakes the loop when the answers are in. */
  pollIfDue(now: Ms): void;
  /** Everything was asked, whatever came of it, and no question is under way. */
  isSettled(): boolean;
  /** The next poll. */
  dueAt(): Ms;
  /** Ask now, at the next occasion. */
  hurry(): void;
  lookUpTriggers(issues: readonly number[]): void;
  close(): Promise<void>;
}

export interface ForgeWatchOptions {
  readonly forge: Forge;
  readonly clock: Clock;
  readonly log: Log;
  readonly label: () => string;
  readonly interval: () => Ms;
  readonly wake: () => void;
  /** An issue that was not there before may start soon. */
  readonly onNews: () => void;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
/** How many questions about labels are asked side by side. */
const ASKED_AT_ONCE = 4;

export function watchForge(options: ForgeWatchOptions): ForgeWatch {
  const { forge, clock, log, wake } = options;
  const closing = new AbortController();
  const triggers = new Map<number, Seen<Trigger>>();
  /** When each was asked about last: what is unknown keeps the time of its first failure. */
  const askedAt = new Map<number, Ms>();
  const asking = new Set<number>();
  const underWay = new Set<Promise<void>>();
  let issues: Seen<readonly Issue[]> = unknown('not asked yet', clock.now());
  let pulls: Seen<readonly Pull[]> = unknown('not asked yet', clock.now());
  let due: Ms = 0;
  let polling = false;

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };

  /** A failed question keeps "unknown since" at the first failure. */
  async function ask<T>(what: string, before: Seen<T>, question: Promise<T>): Promise<Seen<T>> {
    try {
      return known(await question, clock.now());
    } catch (error) {
      log.warn(`${what}: ${reasonOf(error)}`);
      return unknown(reasonOf(error), before.known ? clock.now() : before.since);
    }
  }

  async function poll(): Promise<void> {
    polling = true;
    const asked = clock.now();
    due = asked + options.interval();
    const [newIssues, newPulls] = await Promise.all([
      ask('issues', issues, forge.issues(options.label(), closing.signal)),
      ask('pulls', pulls, forge.openPulls(closing.signal)),
    ]);
    // The list is as old as the question: a task made since then is not missing from it.
    issues = newIssues.known ? known(newIssues.value, asked) : newIssues;
    pulls = newPulls;
    polling = false;
    wake();
  }

  async function lookUp(numbers: readonly number[]): Promise<void> {
    const rest = [...numbers];
    const worker = async (): Promise<void> => {
      for (let number = rest.shift(); number !== undefined; number = rest.shift()) {
        const before = triggers.get(number) ?? unknown('not asked yet', clock.now());
        triggers.set(number, await ask(`label of #${number}`, before, forge.trigger(number, options.label(), closing.signal)));
        asking.delete(number);
      }
    };
    await Promise.all(Array.from({ length: Math.min(ASKED_AT_ONCE, rest.length) }, worker));
    wake();
  }

  return {
    issues: () => issues,
    pulls: () => pulls,
    triggers: () => triggers,
    issue: (number) => (issues.known ? (issues.value.find((issue) => issue.number === number) ?? null) : null),
    pollIfDue(now) {
      if (!polling && now >= due && !closing.signal.aborted) track(poll());
    },
    isSettled: () => due > 0 && underWay.size === 0,
    dueAt: () => due,
    hurry() {
      due = 0;
      wake();
    },
    lookUpTriggers(numbers) {
      const now = clock.now();
      const stale = numbers.filter((number) => {
        // What is unknown or refused is asked again with the next poll, not with every tick.
        const last = askedAt.get(number);
        const fresh = last !== undefined && last <= now && now - last < options.interval();
        return !asking.has(number) && !fresh;
      });
      if (stale.length === 0 || closing.signal.aborted) return;
      if (stale.some((number) => !triggers.has(number))) options.onNews();
      for (const number of stale) {
        asking.add(number);
        askedAt.set(number, now);
      }
      track(lookUp(stale));
    },
    async close() {
      closing.abort();
      await Promise.allSettled([...underWay]);
    },
  };
}
