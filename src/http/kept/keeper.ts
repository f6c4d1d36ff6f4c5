import { join } from 'node:path';
import type { Ms } from '../../core/model/seen.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import type { Outlines } from '../../transcript/outline/outlines.ts';
import { WORTH_KEEPING } from '../../transcript/outline/outlines.ts';
import { LogError } from '../../transcript/read/read.ts';
import { statLog } from '../../transcript/read/read-now.ts';

export interface KeeperOptions {
  readonly logs: string;
  readonly store: Pick<Store, 'openRuns'>;
  readonly outlines: Outlines;
  /** Takes away what is kept of logs that are gone. */
  readonly tidy: (logs: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A log that grows by a megabyte a second has so much at once to be looked at. */
const EVERY: Ms = 30_000;
const TIDY_EVERY = 120;
/** Whole lines of it are worth keeping. */
const AT_A_TIME = 2 * WORTH_KEEPING;

/**
 * Looks through logs while they grow, long ones alone, so that whoever opens such a run waits for none of it. Answers what looks now, and what
 * ends it.
 */
export function createKeeper({ logs, store, outlines, tidy, onError }: KeeperOptions): {
  readonly look: () => Promise<void>;
  readonly close: () => Promise<void>;
} {
  const looked = new Map<string, number>();
  const gone = new AbortController();
  let looking: Promise<void> | null = null;
  let rounds = 0;
  const lookAt = async (path: string): Promise<void> => {
    if (statLog(path).size - (looked.get(path) ?? 0) < WORTH_KEEPING) return;
    for (let isMore = true; isMore; ) {
      const { after, size } = await outlines.look(path, AT_A_TIME, gone.signal);
      // A line without an end, however long, is waited for.
      isMore = size - after >= WORTH_KEEPING && after !== looked.get(path);
      looked.set(path, after);
    }
  };
  const round = async (): Promise<void> => {
    if (rounds % TIDY_EVERY === 0) await tidy(logs);
    rounds += 1;
    const paths = store.openRuns().map(({ id, task }) => join(logs, `${task}.${id}.jsonl`));
    for (const path of looked.keys()) if (!paths.includes(path)) looked.delete(path);
    for (const path of paths) {
      try {
        await lookAt(path);
      } catch (error) {
        if (gone.signal.aborted) return;
        // It has not begun to speak, or its log is gone: the loop says what that means.
        if (!(error instanceof LogError)) onError(error);
      }
    }
  };
  const look = (): Promise<void> => {
    looking ??= round()
      .catch(onError)
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  const timer = setInterval(() => void look(), EVERY);
  timer.unref();
  void look();
  return {
    look,
    close: async () => {
      clearInterval(timer);
      gone.abort();
      await looking;
    },
  };
}
