import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** What waits for a disk that is full; more is a run whose log says nothing any more. */
const MOST_HELD = 64 << 20;
const AGAIN = 1000;
/** Bytes of the agent's own words that are kept beside the log. */
const MOST_RAW = 256 << 20;

/** The run's log, which is this process's stdout. A full disk makes it wait: no line is lost, and none is written in part for good. */
export function createLog(): { readonly write: (line: string) => void; readonly isEmpty: () => boolean } {
  let held = Buffer.alloc(0);
  let timer: NodeJS.Timeout | null = null;
  const push = (): void => {
    timer = null;
    try {
      while (held.length > 0) held = held.subarray(writeSync(1, held));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EAGAIN') throw error;
      if (held.length > MOST_HELD) throw error;
      timer = setTimeout(push, AGAIN);
    }
  };
  return {
    write: (line) => {
      held = held.length === 0 ? Buffer.from(`${line}\n`) : Buffer.concat([held, Buffer.from(`${line}\n`)]);
      if (timer === null) push();
    },
    isEmpty: () => held.length === 0,
  };
}

/** The agent's own words. They are for people who look for a fault: a disk without room for them stops nobody. */
export function createRaw(path: string): { readonly write: (line: string) => void } {
  let file: number | null = null;
  let left = MOST_RAW;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch {
    return { write: () => undefined };
  }
  return {
    write: (line) => {
      if (file === null) return;
      try {
        const text = Buffer.from(`${line}\n`);
        left -= text.length;
        if (left >= 0) writeSync(file, text);
        if (left > 0) return;
      } catch {
        // No room: what is there already stays.
      }
      closeSync(file);
      file = null;
    },
  };
}
