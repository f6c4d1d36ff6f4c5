import { batch, computed, signal } from '@preact/signals';
import { now, setClock } from '../ground/clock.ts';
import { ask } from './ask.ts';
import { changed } from './changed.ts';
import type { Change, State } from './contract.ts';

/** Without a word for so long, the daemon is asked whether it is there at all: a socket may die without a sign. */
const SILENCE = 8_000;
const AGAIN = 1_000;
const AGAIN_WHEN_LOCKED = 5_000;
/** The loop itself has not looked for so long: it hangs, or is busy. One that waits for nothing else writes down that it is there once a minute. */
const OLD = 90_000;

/** The fleet as the daemon last told; null: nothing yet. */
export const fleet = signal<State | null>(null);
/** Since when nobody answers, by the browser's clock; null: the daemon is there. */
export const lost = signal<{ readonly since: number; readonly why: string } | null>(null);

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

  const take = (next: State): void =>
    batch(() => {
      heardAt = Date.now();
      setClock(next.at);
      fleet.value = next;
      lost.value = null;
      isLocked.value = false;
    });
  const look = async (): Promise<void> => {
    heardAt = Date.now();
    const answer = await ask<State>('state');
    if (answer.ok) return take(answer.value);
    batch(() => {
      isLocked.value = answer.status === 401;
      lost.value ??= { since: Date.now(), why: answer.why };
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
    source.addEventListener('error', () => {
      source?.close();
      source = null;
      void look().then(() => setTimeout(begin, isLocked.peek() ? AGAIN_WHEN_LOCKED : AGAIN));
    });
  };
  setInterval(() => {
    if (source !== null && Date.now() - heardAt > SILENCE) void look();
  }, AGAIN);
  begin();
}
