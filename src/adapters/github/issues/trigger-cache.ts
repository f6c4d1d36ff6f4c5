import { type Issue, isFreshTrigger, type Trigger } from '../../../core/model/forge.ts';
import type { Where } from '../login/repository.ts';
import type { Api } from '../rest/api.ts';
import { decide, type Event, isBot, isWriter, newestLabeling, permissionOf, type Right, refusal } from './trigger.ts';

export interface Triggers {
  /** Takes in a list: an issue whose labels or `updated_at` changed is looked at anew. */
  saw(issues: readonly Issue[]): void;
  ask(issue: number, label: string, signal: AbortSignal): Promise<Trigger>;
  /** Whether this account may write here, by an answer that still counts. */
  mayWrite(login: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * Who put the label on and whether they may start work. What was looked up is remembered as long as it counts, the event only while the issue
 * stays as it is; an answer says how old its oldest part is.
 */
export function createTriggers(api: Api, where: Where, now: () => number, bots: readonly string[] = []): Triggers {
  const prints = new Map<number, string>();
  const events = keepAnswers<Event | null>(now);
  const rights = keepAnswers<Right>(now);
  return {
    saw(issues) {
      prints.clear();
      for (const issue of issues) prints.set(issue.number, `${issue.updatedAt} ${[...issue.labels].sort().join('\n')}`);
      events.forgetOld();
      rights.forgetOld();
    },
    async mayWrite(login, signal) {
      const { value } = await rights.recall(login, () => permissionOf(api, where, login, signal));
      return isWriter(value);
    },
    async ask(issue, label, signal) {
      const print = prints.get(issue);
      const look = () => newestLabeling(api, where, issue, label, signal);
      // An issue that no list has shown yet may have changed at any time.
      const key = print === undefined ? null : `${issue}\n${label}\n${print}`;
      const { value: event, at: askedAt } = await events.recall(key, look);
      const no = refusal(event, label, bots);
      if (no !== null || !event?.actor)
        return { actor: event?.actor?.login ?? null, at: event?.created_at ?? null, allowed: false, why: no ?? '', askedAt };
      const { login } = event.actor;
      if (isBot(event.actor))
        return { actor: login, at: event.created_at, allowed: true, why: `${login} put the label on, and github.bots names it.`, askedAt };
      const right = await rights.recall(login, () => permissionOf(api, where, login, signal));
      return { ...decide(event, right.value), askedAt: Math.min(askedAt, right.at) };
    },
  };
}

interface Remembered<T> {
  readonly value: T;
  readonly at: number;
}

interface Answers<T> {
  /** What is remembered under the key, else what `look` finds, whose failure is not remembered; with the time of the question. */
  recall(key: string | null, look: () => Promise<T>): Promise<Remembered<T>>;
  forgetOld(): void;
}

function keepAnswers<T>(now: () => number): Answers<T> {
  const kept = new Map<string, Remembered<T>>();
  return {
    async recall(key, look) {
      const before = key === null ? undefined : kept.get(key);
      if (before && isFreshTrigger(before.at, now())) return before;
      const at = now();
      const found = { value: await look(), at };
      if (key !== null) kept.set(key, found);
      return found;
    },
    forgetOld() {
      for (const [key, one] of kept) if (!isFreshTrigger(one.at, now())) kept.delete(key);
    },
  };
}
