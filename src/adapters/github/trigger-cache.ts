import type { Issue, Trigger } from '../../engine/ports.ts';
import type { Api } from './api.ts';
import type { Where } from './repository.ts';
import { decide, type Event, newestLabeling, permissionOf, type Right, refusal } from './trigger.ts';

/** A right that was taken away may count for so long; the engine remembers an answer for minutes on top. */
const KEEP_MS = 60_000;

export interface Triggers {
  /** Takes in a list: an issue whose labels or `updated_at` changed is looked at anew. */
  saw(issues: readonly Issue[]): void;
  ask(issue: number, label: string, signal: AbortSignal): Promise<Trigger>;
}

/** Who put the label on and whether they may start work; what was looked up is remembered for a minute, the event only while the issue stays as it is. */
export function createTriggers(api: Api, where: Where, now: () => number): Triggers {
  const prints = new Map<number, string>();
  const events = createMemory<Event | null>(now);
  const rights = createMemory<Right>(now);
  return {
    saw(issues) {
      prints.clear();
      for (const issue of issues) prints.set(issue.number, `${issue.updatedAt} ${[...issue.labels].sort().join('\n')}`);
      events.forgetOld();
      rights.forgetOld();
    },
    async ask(issue, label, signal) {
      const print = prints.get(issue);
      const look = () => newestLabeling(api, where, issue, label, signal);
      // An issue that no list has shown yet may have changed at any time.
      const event = print === undefined ? await look() : await events.recall(`${issue}\n${label}\n${print}`, look);
      const no = refusal(event, label);
      if (no !== null || !event?.actor)
        return { actor: event?.actor?.login ?? null, at: event?.created_at ?? null, allowed: false, why: no ?? '' };
      const { login } = event.actor;
      return decide(event, await rights.recall(login, () => permissionOf(api, where, login, signal)));
    },
  };
}

interface Memory<T> {
  /** What is remembered under the key, else what `look` finds, whose failure is not remembered. */
  recall(key: string, look: () => Promise<T>): Promise<T>;
  forgetOld(): void;
}

function createMemory<T>(now: () => number): Memory<T> {
  const kept = new Map<string, { readonly value: T; readonly at: number }>();
  return {
    async recall(key, look) {
      const one = kept.get(key);
      if (one && now() - one.at < KEEP_MS) return one.value;
      const at = now();
      const value = await look();
      kept.set(key, { value, at });
      return value;
    },
    forgetOld() {
      for (const [key, one] of kept) if (now() - one.at >= KEEP_MS) kept.delete(key);
    },
  };
}
