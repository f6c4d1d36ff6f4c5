import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Run, StreamFacts } from '../../core/model/run.ts';
import { createFollow } from '../../transcript/facts/follow-facts.ts';
import { LogError } from '../../transcript/read/read.ts';
import type { Desk } from '../routes/desk.ts';

/**
 * What agents have said since the loop wrote it down: the loop does that every few seconds, whoever has a page open wants it at once. The log
 * says both, so that nothing here is a truth of its own; what is decided is decided from the store.
 */
export interface Ear {
  /** Listens from now on; where the file system tells of no change, pages see what the store has. */
  begin(): void;
  end(): void;
  /** A log was written to since it was last heard. */
  hasNews(): boolean;
  /** Reads what is new. */
  hear(): Promise<void>;
  /** The run with what its log says by now. */
  newest(run: Run): Run;
}

export function createEar({ logs, store, now }: Pick<Desk, 'logs' | 'store' | 'now'>, onError: (error: unknown) => void): Ear {
  const follow = createFollow();
  const heard = new Map<string, StreamFacts>();
  let written = new Set<string>();
  let watcher: FSWatcher | null = null;
  const end = (): void => {
    watcher?.close();
    watcher = null;
    written = new Set();
    heard.clear();
  };
  const read = async (run: Run, log: string): Promise<void> => {
    try {
      heard.set(run.id, await follow(join(logs, log), run.stream, now()));
    } catch (error) {
      // Gone, or cut: the loop says what that means.
      if (!(error instanceof LogError)) throw error;
    }
  };
  return {
    begin: () => {
      if (watcher !== null) return;
      try {
        watcher = watch(logs, { persistent: false }, (_, name) => void (name !== null && written.add(name)));
        watcher.on('error', end);
      } catch (error) {
        onError(error);
      }
    },
    end,
    hasNews: () => written.size > 0,
    hear: async () => {
      const names = written;
      written = new Set();
      const open = store.openRuns();
      for (const run of open) {
        const log = `${run.task}.${run.id}.jsonl`;
        if (names.has(log)) await read(run, log);
      }
      if (heard.size <= open.length) return;
      const ids = new Set<string>(open.map(({ id }) => id));
      for (const id of heard.keys()) if (!ids.has(id)) heard.delete(id);
    },
    newest: (run) => {
      const stream = heard.get(run.id);
      return stream === undefined || stream.offset <= run.stream.offset ? run : { ...run, stream };
    },
  };
}
