import { createHash } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_PIECE, type LogPiece } from '../../adapters/machines/wire.ts';
import type { Run } from '../../core/model/run.ts';
import { PortError } from '../../engine/ports/error.ts';
import { openPlainSync } from '../../files/open-plain.ts';

type Named = Pick<Run, 'id' | 'task'>;

/** The logs of the runs that are on this machine. */
export interface LogsThere {
  /** From a byte on, as far as one answer may hold. */
  piece(run: Named, from: number): LogPiece;
  /** The last piece with what proves the whole. */
  withSum(run: Named, piece: LogPiece): Promise<LogPiece>;
}

export const logsThere = (logs: string): LogsThere => ({
  piece: (run, from) => readLogPiece(logs, run, from),
  withSum: async (run, piece) => (piece.isAll ? { ...piece, sum: await sumOfLog(logs, run) } : piece),
});

export const nameOfLog = ({ task, id }: Named): string => `${task}.${id}.jsonl`;

function readLogPiece(logs: string, run: Named, from: number): LogPiece {
  const path = join(logs, nameOfLog(run));
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { from, bytes: '', isAll: true };
  const file = openPlainSync(path);
  try {
    const { size } = fstatSync(file);
    if (from > size) throw new PortError('terminal', `${path} has ${size} bytes, and byte ${from} is asked for: it was cut`);
    const content = Buffer.alloc(Math.min(LOG_PIECE, size - from));
    const read = readSync(file, content, 0, content.length, from);
    return { from, bytes: content.toString('base64', 0, read), isAll: from + read >= size };
  } finally {
    closeSync(file);
  }
}

/** In pieces, since it may be of any length, and beside everything else. */
export async function sumOfLog(logs: string, run: Named): Promise<string> {
  const hash = createHash('sha256');
  const path = join(logs, nameOfLog(run));
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return hash.digest('hex');
  const file = openPlainSync(path);
  try {
    const piece = Buffer.alloc(LOG_PIECE);
    for (let at = 0, read = -1; read !== 0; at += read) {
      read = readSync(file, piece, 0, piece.length, at);
      hash.update(piece.subarray(0, read));
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
