import type { Ms } from '../../core/model/seen.ts';
import type { Trouble } from '../ports/records/facts.ts';

/** How often something took how long: counts by upper bound in seconds (the last one: beyond all), and the seconds together. */
export interface Spread {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What a tick does, one after the other: it looks at workers, board and sites; decides; writes that down; tells it. */
export const STEPS = ['look', 'decide', 'record', 'publish'] as const;
export type Step = (typeof STEPS)[number];

/** A tick that took longer than one may. Everything else waits for it. */
export interface SlowTick {
  readonly at: Ms;
  /** The whole tick, and of it the step that took the most. */
  readonly took: Ms;
  readonly step: Step;
  readonly of: Ms;
}

/** Longer than that is told. */
const SLOW: Ms = 1_000;

/** How the loop itself does, since this daemon started. */
export interface Pulse {
  readonly startedAt: Ms;
  /** When the last tick ended that did not throw; null: none yet. */
  readonly lastTickAt: Ms | null;
  readonly failedTicks: number;
  /** The loop's own failure, while it lasts; it is here even where nothing can be written down. */
  readonly trouble: Trouble | null;
  /** Milliseconds of the processor that the last one took; from beginning to end where that is not known. */
  readonly lastTook: Ms;
  readonly ticks: Spread;
  /** How many ticks were slow, by the step that took the most. */
  readonly slow: Readonly<Record<Step, number>>;
  /** How late the loop woke, against the time that it had set itself. */
  readonly lag: Spread;
}

export interface Meter {
  /** From now on the tick is at that step. */
  step(step: Step, now: Ms): void;
  /** Where the tick is; null: it has not come to its first step. */
  at(): Step | null;
  /** Answers what is to be told of it; null: it was quick. */
  ticked(from: Ms, to: Ms, worked: boolean, spent?: Ms): SlowTick | null;
  /** The loop wanted to look again at `due`, and did at `now`; earlier means that something woke it. */
  woke(due: Ms, now: Ms): void;
  read(): Omit<Pulse, 'trouble'>;
}

const BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export function createMeter(startedAt: Ms): Meter {
  const ticks = createSpread();
  const lag = createSpread();
  let lastTickAt: Ms | null = null;
  let failedTicks = 0;
  let lastTook: Ms = 0;
  const slow: Record<Step, number> = { look: 0, decide: 0, record: 0, publish: 0 };
  let steps: { readonly step: Step; readonly from: Ms }[] = [];
  return {
    step(step, now) {
      steps.push({ step, from: now });
    },
    at: () => steps.at(-1)?.step ?? null,
    ticked(from, to, worked, spent = to - from) {
      lastTook = Math.max(0, spent);
      ticks.add(to - from);
      if (worked) lastTickAt = to;
      else failedTicks += 1;
      const took = steps.map((one, n) => ({ step: one.step, of: (steps[n + 1]?.from ?? to) - one.from }));
      steps = [];
      const most = took.sort((a, b) => b.of - a.of)[0];
      if (to - from <= SLOW || most === undefined) return null;
      slow[most.step] += 1;
      return { at: to, took: to - from, ...most };
    },
    woke(due, now) {
      if (Number.isFinite(due) && now >= due) lag.add(now - due);
    },
    read: () => ({ startedAt, lastTickAt, failedTicks, lastTook, ticks: ticks.read(), slow: { ...slow }, lag: lag.read() }),
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
