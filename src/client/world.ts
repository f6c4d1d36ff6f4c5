import type { Child, ChildEnd, ChildSide } from './child.ts';

/** What a client needs of the world. */
export interface ClientWorld {
  readonly now: () => number;
  /** A line of the run's log. */
  readonly write: (line: string) => void;
  /** A line as the agent said it. */
  readonly raw: (line: string) => void;
  /** Since when the run is to stop; null: it is not. */
  readonly stopSince: () => number | null;
  readonly start: (argv: readonly [string, ...string[]], side: ChildSide) => Child;
  /** Answers what calls it off. */
  readonly after: (ms: number, then: () => void) => () => void;
  /** Leaves as the agent did. */
  readonly exit: (end: ChildEnd) => void;
}
