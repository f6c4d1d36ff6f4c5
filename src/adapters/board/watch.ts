import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface WatchOptions {
  /** Events within this time are one. */
  readonly quietMs?: number;
  /** How often the file is looked at where the file system tells nothing. */
  readonly pollMs?: number;
}

/**
 * Calls back soon after the file may have changed (saved in place, renamed over, made, removed); at least once per change, in bursts
 * once. Watches the folder, as editors replace the file; polls beside it, as network shares tell nothing. Answers a stop.
 */
export function watchBoard(path: string, onChange: () => void, { quietMs = 20, pollMs = 1000 }: WatchOptions = {}): () => void {
  let wake: NodeJS.Timeout | null = null;
  let last = signature(path);
  const call = () => {
    wake = null;
    last = signature(path);
    onChange();
  };
  const changed = () => {
    wake ??= setTimeout(call, quietMs);
  };
  const watchers: FSWatcher[] = [];
  // No file events here (too many watches, a folder that is gone): the poll alone has to be quick enough.
  let blind = false;
  for (const place of placesOf(path)) {
    try {
      const watcher = watch(dirname(place), (_event, name) => {
        if (name === null || name === basename(place)) changed();
      });
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      blind = true;
    }
  }
  const poll = setInterval(
    () => {
      if (signature(path) !== last) changed();
    },
    blind ? Math.min(pollMs, 200) : pollMs,
  );
  return () => {
    for (const watcher of watchers) watcher.close();
    clearInterval(poll);
    if (wake !== null) clearTimeout(wake);
  };
}

/** The name itself, and what a symbolic link points to. */
function placesOf(path: string): readonly string[] {
  try {
    const real = realpathSync(path);
    return real === path ? [path] : [path, real];
  } catch {
    return [path];
  }
}

function signature(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}
