import { batch, computed, signal } from '@preact/signals';
import { now, setClock } from '../ground/clock.ts';
import { ask } from './ask.ts';
import { changed } from './changed.ts';
import type { Change, State } from './contract.ts';

/** The daemon says every second that it is there. Without a word for so long it is asked: a socket may die, and a daemon hang, without a sign. */
const SILENCE = 1_400;
/** An answer that takes longer is none: what is shown may be old, and must say so. */
const PATIENCE = 1_000;
const LOOK_EVERY = 250;
const AGAIN = 1_000;
const AGAIN_WHEN_LOCKED = 5_000;
/** The loop itself has not looked for so long: it hangs, or is busy. One that waits for nothing else writes down that it is there once a minute. */
const OLD = 90_000;

/** The fleet as the daemon last told; null: nothing yet. */
export const fleet = signal<State | null>(null);
/** When the daemon was heard last, by the browser's clock; null: it is there. */
export const lost = signal<{ readonly since: number; readonly why: string } | null>(null);

/** How often it came back. */
export const returns = signal(0);

/** The daemon answers, and does not let this browser in. */
export const isLocked = signal(false);

/** What is shown is not what is: nobody answers, or the loop has not looked for long. */
export const isStale = computed(() => {
  const state = fleet.value;
  if (lost.value !== null) return true;
  return state?.seen_at != null && now.value - Date.parse(state.seen_at) > OLD;
});

/** Follows the daemon for as long as the page is open, and comes back to it by itself. */
export function follow(): void {
  let source: EventSource | null = null;
  let heardAt = Date.now();
  let isLooking = false;

  const take = (next: State): void =>
    batch(() => {
      heardAt = Date.now();
      setClock(next.at);
      fleet.value = next;
      if (lost.peek() !== null) returns.value += 1;
      lost.value = null;
      isLocked.value = false;
    });
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const answer = await ask<State>('state', { signal: AbortSignal.timeout(PATIENCE) });
    isLooking = false;
    if (answer.ok) return take(answer.value);
    const since = heardAt;
    heardAt = Date.now();
    batch(() => {
      isLocked.value = answer.status === 401;
      lost.value ??= { since, why: answer.why };
    });
  };
  const begin = (): void => {
    heardAt = Date.now();
    source = new EventSource('/api/v1/events');
    source.addEventListener('state', ({ data }: MessageEvent<string>) => take(JSON.parse(data) as State));
    source.addEventListener('change', ({ data }: MessageEvent<string>) => {
      const state = fleet.peek();
      if (state !== null) take(changed(state, JSON.parse(data) as Change));
    });
    source.addEventListener('beat', () => {
      heardAt = Date.now();
      if (lost.peek() !== null) void look();
    });
    source.addEventListener('error', () => {
      source?.close();
      source = null;
      void look().then(() => setTimeout(begin, isLocked.peek() ? AGAIN_WHEN_LOCKED : AGAIN));
    });
  };
  setInterval(() => {
    if (source !== null && Date.now() - heardAt > SILENCE) void look();
  }, LOOK_EVERY);
  begin();
}
