import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_PIECE, type LogPiece } from '../adapters/machines/wire.ts';
import type { Run } from '../core/model/run.ts';
import { PortError } from '../engine/ports/error.ts';
import { openPlainSync } from '../files/open-plain.ts';
import { pointTo } from '../files/point-to.ts';

type Named = Pick<Run, 'id' | 'task'>;
const nameOf = ({ task, id }: Named): string => `${task}.${id}.jsonl`;

/** So much of a run's log is here. */
export function sizeOfLog(logs: string, run: Named): number {
  return lstatSync(join(logs, nameOf(run)), { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes on where the log ends. The first piece makes `logs/<task>.jsonl` point to it, as on the machine itself. */
export function writeLogPiece(logs: string, run: Named, { from, bytes }: LogPiece): void {
  if (bytes === '') return;
  mkdirSync(logs, { recursive: true });
  const path = join(logs, nameOf(run));
  const file = openPlainSync(path, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = fstatSync(file);
    // An answer that came late: what it brings is here, or what is before it is not.
    if (size !== from) return;
    const content = Buffer.from(bytes, 'base64');
    for (let done = 0; done < content.length; ) done += writeSync(file, content, done, content.length - done, from + done);
    if (from === 0) pointTo(join(logs, `${run.task}.jsonl`), nameOf(run), run.id);
  } finally {
    closeSync(file);
  }
}

/** The log of a run on this machine, from a byte on, as far as one answer may hold. */
export function readLogPiece(logs: string, run: Named, from: number): LogPiece {
  const path = join(logs, nameOf(run));
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

/** Its last piece proves the whole. */
export async function withSum(logs: string, run: Named, piece: LogPiece): Promise<LogPiece> {
  return piece.isAll ? { ...piece, sum: await sumOf(logs, run) } : piece;
}

/** Whether the log here is the one that the sum is of; one that is not is taken away, to be fetched anew. */
export async function isWhole(logs: string, run: Named, sum: string | undefined): Promise<boolean> {
  if (sum === undefined || sum === (await sumOf(logs, run))) return true;
  rmSync(join(logs, nameOf(run)), { force: true });
  return false;
}

/** In pieces, since it may be of any length, and beside everything else. */
async function sumOf(logs: string, run: Named): Promise<string> {
  const hash = createHash('sha256');
  const path = join(logs, nameOf(run));
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
