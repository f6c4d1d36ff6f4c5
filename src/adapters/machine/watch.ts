import { watch } from 'node:fs';

/**
 * Calls `wake` when something in the folder changes, at most once per `gap` ms. Where the file system does not notify,
 * nothing is lost but time: the loop looks by itself, too.
 */
export function watchFolder(folder: string, concerns: (name: string) => boolean, wake: () => void, gap: () => number): () => void {
  let timer: NodeJS.Timeout | null = null;
  let stop = watchAgain();

  function watchAgain(): () => void {
    const close = startWatching(folder, (_event, name) => {
      if (name !== null && !concerns(name)) return;
      const wait = gap();
      if (wait === 0) return wake();
      // Nobody listens meanwhile: a hundred agents may write twenty times a second each, and one of them is enough to know.
      close();
      timer ??= setTimeout(() => {
        timer = null;
        stop = watchAgain();
        wake();
      }, wait);
    });
    return close;
  }

  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}

function startWatching(folder: string, onChange: (event: string, name: string | null) => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    // No watches left, or a file system without them: polling does.
    return () => undefined;
  }
}
