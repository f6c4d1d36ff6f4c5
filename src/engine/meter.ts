import type { Ms } from '../core/seen.ts';

/** How often something took how long: counts by upper bound in seconds (the last one: beyond all), and the seconds together. */
export interface Spread {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** How the loop itself does, since this daemon started. */
export interface Pulse {
  readonly startedAt: Ms;
  /** When the last tick ended that did not throw; null: none yet. */
  readonly lastTickAt: Ms | null;
  readonly failedTicks: number;
  readonly ticks: Spread;
  /** How late the loop woke for what it had set itself a time for. */
  readonly lag: Spread;
}

export interface Meter {
  ticked(from: Ms, to: Ms, worked: boolean): void;
  /** The loop wanted to look again at `due`, and did at `now`; earlier means that something woke it. */
  woke(due: Ms, now: Ms): void;
  read(): Pulse;
}

const BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export function createMeter(startedAt: Ms): Meter {
  const ticks = createSpread();
  const lag = createSpread();
  let lastTickAt: Ms | null = null;
  let failedTicks = 0;
  return {
    ticked(from, to, worked) {
      ticks.add(to - from);
      if (worked) lastTickAt = to;
      else failedTicks += 1;
    },
    woke(due, now) {
      if (Number.isFinite(due) && now >= due) lag.add(now - due);
    },
    read: () => ({ startedAt, lastTickAt, failedTicks, ticks: ticks.read(), lag: lag.read() }),
  };
}

function createSpread() {
  const counts = new Array<number>(BOUNDS.length + 1).fill(0);
  let sum = 0;
  return {
    add(ms: Ms): void {
      const seconds = Math.max(0, ms) / 1000;
      const first = BOUNDS.findIndex((bound) => seconds <= bound);
      const slot = first === -1 ? BOUNDS.length : first;
      counts[slot] = (counts[slot] ?? 0) + 1;
      sum += seconds;
    },
    read: (): Spread => ({ bounds: BOUNDS, counts: [...counts], sum }),
  };
}
