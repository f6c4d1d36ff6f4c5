import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream } from 'node:tty';

/** Waits for any key (Ctrl-C is one), or for the signal. `ask` is called once a key counts. The terminal is as before afterwards. */
export async function waitForKey(stdin: ReadStream, signal: AbortSignal, ask: () => void): Promise<void> {
  stdin.setRawMode(true);
  stdin.resume();
  try {
    // What was typed while the demo ran is no answer to the question that comes only now.
    await sleep(150);
    await new Promise<void>((resolve) => {
      ask();
      stdin.once('data', () => resolve());
      stdin.once('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}
