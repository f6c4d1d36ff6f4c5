import { type Stats, statSync } from 'node:fs';

/** How something is put right, told and counted. */
export interface Hands {
  /** One thing that cannot be put right keeps nothing else from it: the git that meets it says so. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  /** Out of the way; `path` is below git's folder, or whole. */
  takeAway(path: string, what: string): Promise<void>;
  /** Whoever waits at a named pipe goes on. */
  letGo(path: string): void;
  /** Nothing but the mode is wrong with what its owner may not read. */
  unlock(path: string, found: Stats): void;
  /** Something was made anew; `path` is below git's folder. */
  made(path: string): void;
  /** A file of git's, whole. */
  write(path: string, bytes: string): Promise<void>;
}

/** What a path leads to; null: nothing, or nowhere. */
export function leadsTo(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
