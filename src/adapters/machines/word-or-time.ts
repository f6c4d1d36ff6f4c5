import type { Channel, Database } from './database.ts';

/** Words may be missed; whoever waits for one looks again after this time. */
const LOOK_AGAIN_MS = 2_000;

/** Waits for a word on the channel, for the end of patience, or until nobody waits any more. Never fails. */
export function wordOrTime(database: Database, channel: Channel, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    const stop = database.listen(channel, done);
    signal?.addEventListener('abort', done);
  });
}
