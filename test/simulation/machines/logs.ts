import { createHash } from 'node:crypto';
import { LOG_PIECE, type LogPiece } from '../../../src/adapters/machines/wire.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { LogsHere } from '../../../src/machines/far-log.ts';
import type { LogsThere } from '../../../src/machines/there/log-there.ts';
import type { Stage } from '../stage.ts';

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The bytes of a log as its agent wrote them: as many as its lines have, each line its own. */
export function textOf({ conversations }: Stage, run: RunId): string {
  let text = '';
  for (const [at, { end }] of (conversations.of.get(run)?.log ?? []).entries()) text += `${run} line ${at} `.padEnd(end - text.length, '.');
  return text;
}

export const logsOn = (stage: Stage): LogsThere => ({
  piece({ id }, from): LogPiece {
    const text = textOf(stage, id);
    if (from > text.length) throw new PortError('terminal', `it has ${text.length} bytes, and byte ${from} is asked for: it was cut`);
    const piece = text.slice(from, from + LOG_PIECE);
    return { from, bytes: Buffer.from(piece).toString('base64'), isAll: from + piece.length >= text.length };
  },
  withSum: async ({ id }, piece) => (piece.isAll ? { ...piece, sum: sumOf(textOf(stage, id)) } : piece),
});

/** Those that came from machines, on a coordinator's disk. */
export const logsIn = (disk: Map<RunId, string>, isProven: boolean): LogsHere => ({
  size: ({ id }) => disk.get(id)?.length ?? 0,
  write({ id }, { from, bytes }) {
    const before = disk.get(id) ?? '';
    if (bytes !== '' && before.length === from) disk.set(id, before + String(Buffer.from(bytes, 'base64')));
  },
  async isWhole({ id }, sum) {
    if (!isProven || sum === undefined || sum === sumOf(disk.get(id) ?? '')) return true;
    disk.delete(id);
    return false;
  },
});
