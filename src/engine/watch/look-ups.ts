import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Log } from '../ports/records/log.ts';

/** Questions about single issues, asked in the background, a few side by side. */
export interface LookUps<T> {
  answers(): ReadonlyMap<number, Seen<T>>;
  /** Asks about those whose last question is not `fresh`; answers whether one of them was never asked about. */
  want(numbers: readonly number[], fresh: (askedAt: Ms, answer: Seen<T> | undefined, number: number) => boolean): boolean;
  /** Lets go of what nobody needs, unless it is being asked about. */
  forget(isNeeded: (number: number, askedAt: Ms) => boolean): void;
}

export interface LookUpsOptions<T> {
  /** For the log: `label of #7`. */
  readonly what: (number: number) => string;
  readonly ask: (number: number) => Promise<T>;
  /** For answers of which a part may be older than the question. */
  readonly askedAt?: (answer: T) => Ms | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of the work under way, so that leaving can wait for it. */
  readonly track: (work: Promise<void>) => void;
  /** All that was wanted is answered. */
  readonly onAnswers: () => void;
}

/**
 * Whether a question was asked before something else was seen. What lies ahead was seen before the clock was set back: it says nothing, or the
 * question would be asked again and again until the clock is there.
 */
export const isBefore = (askedAt: Ms, seenAt: Ms, now: Ms): boolean => askedAt < seenAt && seenAt <= now;

/** A clock that was set back makes nothing fresh for ever. */
export const isWithin = (at: Ms, span: Ms, now: Ms): boolean => at <= now && now - at < span;

const ASKED_AT_ONCE = 4;
export function createLookUps<T>({ what, ask, askedAt: askedAtOf, clock, log, track, onAnswers }: LookUpsOptions<T>): LookUps<T> {
  const answers = new Map<number, Seen<T>>();
  /** When each was asked about last: what is unknown keeps the time of its first failure. */
  const askedAt = new Map<number, Ms>();
  const asking = new Set<number>();

  async function askOne(number: number): Promise<void> {
    const asked = clock.now();
    try {
      // As old as the question: what was changed since then is not in the answer.
      const answer = await ask(number);
      answers.set(number, known(answer, askedAtOf?.(answer) ?? asked));
    } catch (error) {
      log.warn(`${what(number)}: ${messageOf(error)}`);
      const before = answers.get(number);
      answers.set(number, unknown(messageOf(error), before?.known === false ? before.since : clock.now()));
    }
    asking.delete(number);
  }

  async function askAll(numbers: readonly number[]): Promise<void> {
    const rest = [...numbers];
    const worker = async (): Promise<void> => {
      for (let number = rest.shift(); number !== undefined; number = rest.shift()) await askOne(number);
    };
    await Promise.all(Array.from({ length: Math.min(ASKED_AT_ONCE, rest.length) }, worker));
    onAnswers();
  }

  return {
    answers: () => answers,
    want(numbers, fresh) {
      const stale = numbers.filter((number) => {
        const last = askedAt.get(number);
        return !asking.has(number) && (last === undefined || !fresh(last, answers.get(number), number));
      });
      if (stale.length === 0) return false;
      const isNews = stale.some((number) => !answers.has(number));
      for (const number of stale) {
        asking.add(number);
        askedAt.set(number, clock.now());
      }
      track(askAll(stale));
      return isNews;
    },
    forget(isNeeded) {
      for (const [number, at] of askedAt) {
        if (asking.has(number) || isNeeded(number, at)) continue;
        askedAt.delete(number);
        answers.delete(number);
      }
    },
  };
}
