import { type BigIntStats, statSync } from 'node:fs';
import type { BoardBase } from '../../../core/board/line/base.ts';
import type { BoardReading } from '../../../engine/ports/repository/board.ts';
import type { Snapshot } from './file.ts';

/** A file that nobody writes to is not read again: one look at its inode tells. */
export interface Stillness {
  /** The file as it was read last, if it is that file still. */
  snapshot(): Snapshot | null;
  /** What was read of it against this very base, if nothing of it asks for anything and nothing newer is known. */
  reading(base: BoardBase, latest: string | null): BoardReading | null;
  /** `reading` null: it is not to be answered again. */
  keep(seen: Snapshot | null, base: BoardBase, reading: BoardReading | null): void;
}

/** Two writes within a tick of the file system's clock look alike: a file counts as still that nobody has written to for so long. */
const OLD_MS = 1_000;
/** What a file system does not tell of is found out so soon. */
const READ_AGAIN_MS = 10_000;

export function watchStillness(path: string): Stillness {
  let kept: { readonly seen: Snapshot; readonly base: BoardBase; readonly reading: BoardReading | null; readonly until: number } | null =
    null;

  function isStill(): boolean {
    if (kept === null || performance.now() > kept.until) return false;
    const now = look(path);
    return now !== null && isSame(now, kept.seen.stat);
  }

  return {
    snapshot: () => (isStill() ? (kept?.seen ?? null) : null),
    reading: (base, latest) => (kept?.base === base && kept.seen.text === latest && isStill() ? kept.reading : null),
    keep(seen, base, reading) {
      const isOld = seen !== null && Date.now() - Number(seen.stat.mtimeMs) >= OLD_MS;
      const asks = reading === null || reading.held !== null || reading.intents.length > 0;
      kept = isOld ? { seen, base, reading: asks ? null : reading, until: performance.now() + READ_AGAIN_MS } : null;
    },
  };
}

function look(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    // Whoever reads it is told why.
    return null;
  }
}

const isSame = (one: BigIntStats, two: BigIntStats): boolean =>
  one.ino === two.ino && one.dev === two.dev && one.size === two.size && one.mtimeNs === two.mtimeNs && one.ctimeNs === two.ctimeNs;
