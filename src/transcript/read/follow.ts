import { watch } from 'node:fs';
import { type LogLine, type ReadOptions, readLog } from './read.ts';

const POLL_MS = 1000;

export interface FollowOptions {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Asked after each reading: true ends the following. */
  readonly done?: () => Promise<boolean>;
}

/** Hands out the lines from `offset` on and then those that are written; answers where it stopped. Throws LogError. */
export function followLines(
  path: string,
  offset: number,
  take: (line: LogLine) => void,
  options: ReadOptions & FollowOptions,
): Promise<number> {
  return followFile(path, offset, async (at) => (await readLog(path, at, take, options)).offset, options);
}

/** Calls `read` with where it stands, now and whenever the file was written to; `read` answers where it stands then. */
export async function followFile(
  path: string,
  offset: number,
  read: (offset: number) => Promise<number>,
  { signal, done }: FollowOptions,
): Promise<number> {
  let at = await read(offset);
  const wake = watcher(path, signal);
  try {
    while (!signal.aborted && (await done?.()) !== true) {
      await wake.next();
      if (!signal.aborted) at = await read(at);
    }
    return at;
  } finally {
    wake.close();
  }
}

/** Wakes when the file is written to. Watching may miss changes (network file systems), so it wakes every second, too. */
function watcher(path: string, signal: AbortSignal): { readonly next: () => Promise<void>; readonly close: () => void } {
  let changed = false;
  let go: (() => void) | null = null;
  const wake = (): void => {
    changed = true;
    go?.();
  };
  const watching = watch(path, { persistent: false }, wake);
  watching.on('error', wake);
  signal.addEventListener('abort', wake, { once: true });
  return {
    next: async () => {
      if (!changed && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, POLL_MS);
        go = resolve;
        await promise;
        clearTimeout(timer);
        go = null;
      }
      changed = false;
    },
    close: () => {
      signal.removeEventListener('abort', wake);
      watching.close();
    },
  };
}
