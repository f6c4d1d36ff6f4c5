import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Journal } from '../../demo/agent/journal.ts';

/** How many bytes an agent has written to its log, and their SHA-256. */
export interface Said {
  readonly bytes: number;
  readonly hash: string;
}

/**
 * Writes to file descriptor 1, and into the journal before and after each write how many bytes that makes: what stands in the journal
 * as written must be in the log. Killed in between, the last piece may be there, or the beginning of it.
 */
export function createMouth(journal: Journal): (text: string) => void {
  const hash = createHash('sha256');
  let bytes = 0;
  return (text) => {
    const piece = Buffer.from(text);
    journal.note('step', `says ${bytes + piece.length}`);
    for (let from = 0; from < piece.length; ) from += untilThereIsRoom(() => writeSync(1, piece, from));
    hash.update(piece);
    bytes += piece.length;
    journal.note('step', `said ${bytes} ${hash.copy().digest('hex')}`);
  };
}

/** A disk that is full for a moment is no reason to lose a word. Blocks; anything else is thrown. */
export function untilThereIsRoom<T>(work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** What the journal says was written for certain, and how many bytes it may be at most. */
export function readSaid(texts: readonly string[]): { readonly sure: Said; readonly most: number } {
  let sure: Said = { bytes: 0, hash: createHash('sha256').digest('hex') };
  let most = 0;
  for (const text of texts) {
    const [word, count, hash] = text.split(' ');
    if (word === 'says') most = Number(count);
    if (word === 'said') sure = { bytes: Number(count), hash: hash ?? '' };
  }
  return { sure, most };
}
