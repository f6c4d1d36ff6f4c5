import type { Ms } from '../../../src/core/model/seen.ts';

/** A promise that was broken, and how. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  /** Milliseconds since the beginning. */
  readonly at: Ms;
}

/** Keeps the first broken promise. It looks at the simulated world itself, not at what tac8 says of it. */
export interface Judge {
  violation(): Violation | null;
  broken(invariant: string, message: string): void;
  /** Must hold before so much time without any trouble has gone by. Asked after each step; kept until it holds. */
  expect(expectation: Expectation): void;
  /** Checked after each step, for as long as it answers null; else the words of what is broken. */
  forbid(invariant: string, check: () => string | null): void;
  /** Time in which the daemon was up and nothing was wrong. */
  healthy(): Ms;
  /** After each step. `dt`: since the last one; `isHealthy`: all that time nothing was wrong. */
  look(dt: Ms, isHealthy: boolean): void;
}

export interface Expectation {
  readonly invariant: string;
  readonly within: Ms;
  readonly holds: () => boolean;
  readonly words: () => string;
}

export function createJudge(now: () => Ms): Judge {
  let first: Violation | null = null;
  let healthy: Ms = 0;
  let open: (Expectation & { readonly due: Ms })[] = [];
  const checks: { readonly invariant: string; readonly check: () => string | null }[] = [];

  const broken = (invariant: string, message: string): void => {
    first ??= { invariant, message, at: now() };
  };
  return {
    violation: () => first,
    broken,
    expect(expectation) {
      open.push({ ...expectation, due: healthy + expectation.within });
    },
    forbid(invariant, check) {
      checks.push({ invariant, check });
    },
    healthy: () => healthy,
    look(dt, isHealthy) {
      if (isHealthy) healthy += dt;
      for (const { invariant, check } of checks) {
        const words = check();
        if (words !== null) broken(invariant, words);
      }
      if (open.length === 0) return;
      open = open.filter((one) => !one.holds());
      const late = open.find(({ due }) => healthy > due);
      if (late !== undefined) broken(late.invariant, late.words());
    },
  };
}
