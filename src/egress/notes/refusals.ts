/** So many hosts of one worker are told of. */
const MOST = 100;
const FIRST_REST = 60_000;

/**
 * Whether something that a worker was refused is worth a line: the first time at once, the same again ever more seldom. One that asks for thousands of
 * names would else push out what others were refused.
 */
export function createRefusals(now: () => number = () => performance.now()): {
  isWorthALine(run: string, what: string): boolean;
  forget(run: string): void;
} {
  const told = new Map<string, Map<string, { next: number; rest: number }>>();
  return {
    isWorthALine(run, what) {
      const own = told.get(run) ?? new Map<string, { next: number; rest: number }>();
      told.set(run, own);
      const before = own.get(what);
      if (before === undefined && own.size >= MOST) return false;
      if (before !== undefined && now() < before.next) return false;
      const rest = before === undefined ? FIRST_REST : before.rest * 2;
      own.set(what, { next: now() + rest, rest });
      return true;
    },
    forget: (run) => void told.delete(run),
  };
}
