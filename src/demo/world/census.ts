import { findMarked, type Seen } from '../ground/process-table.ts';

/** What was seen of one run's process tree in /proc. Milliseconds since 1970. */
export interface Life {
  readonly run: string;
  readonly task: string;
  /** First and last time at which the agent itself was seen alive. */
  readonly bornBy: number;
  readonly lastSeen: number;
  /** When nothing of the tree was left; null: something still is. */
  readonly goneBy: number | null;
}

export interface Census {
  /** Looks once. */
  take(): void;
  lives(): readonly Life[];
  /** The most agents that were ever alive at one look. */
  peak(): number;
}

/** Counts the demo's agents from outside, look by look. */
export function createCensus(mark: string, now: () => number = Date.now, find: (mark: string) => readonly Seen[] = findMarked): Census {
  const lives = new Map<string, Life>();
  let peak = 0;
  return {
    take() {
      const seen = find(mark);
      const at = now();
      const trees = new Set(seen.map((one) => one.run));
      const alive = new Set<string>();
      for (const { run, agentOf } of seen) {
        if (run === null || agentOf === null) continue;
        alive.add(run);
        lives.set(run, { run, task: agentOf, bornBy: lives.get(run)?.bornBy ?? at, lastSeen: at, goneBy: null });
      }
      for (const life of lives.values()) {
        if (life.goneBy === null && !trees.has(life.run)) lives.set(life.run, { ...life, goneBy: at });
      }
      peak = Math.max(peak, alive.size);
    },
    lives: () => [...lives.values()],
    peak: () => peak,
  };
}

/** Nothing of the task's runs lives, and at least one was there. */
export function isOver(lives: readonly Life[], task: string): boolean {
  const its = lives.filter((life) => life.task === task);
  return its.length > 0 && its.every((life) => life.goneBy !== null);
}
