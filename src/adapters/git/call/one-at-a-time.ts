const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `work` after all earlier work under the same key has ended, well or not.
 * One key per repository: `git worktree add` and `remove` share files there and trip over each other's locks. Fetches have one of their own.
 */
export function oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const result = before.then(work, work);
  const tail = result.then(
    () => forget(),
    () => forget(),
  );
  const forget = (): void => {
    if (tails.get(key) === tail) tails.delete(key);
  };
  tails.set(key, tail);
  return result;
}
