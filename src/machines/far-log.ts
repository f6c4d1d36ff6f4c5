import { closeSync, constants, fstatSync, lstatSync, mkdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogPiece } from '../adapters/machines/wire.ts';
import type { Run } from '../core/model/run.ts';
import { openPlainSync } from '../files/open-plain.ts';
import { pointTo } from '../files/point-to.ts';
import { nameOfLog, sumOfLog } from './there/log-there.ts';

type Named = Pick<Run, 'id' | 'task'>;

/** The logs of runs elsewhere, as they are here. */
export interface LogsHere {
  /** So much of it is here. */
  size(run: Named): number;
  /** Writes on where it ends. The first piece makes `logs/<task>.jsonl` point to it, as on the machine itself. */
  write(run: Named, piece: LogPiece): void;
  /** Whether it is the one that the sum is of; one that is not is taken away, to be fetched anew. */
  isWhole(run: Named, sum: string | undefined): Promise<boolean>;
}

export const logsHere = (logs: string): LogsHere => ({
  size: (run) => lstatSync(join(logs, nameOfLog(run)), { throwIfNoEntry: false })?.size ?? 0,
  write: (run, piece) => writeLogPiece(logs, run, piece),
  async isWhole(run, sum) {
    if (sum === undefined || sum === (await sumOfLog(logs, run))) return true;
    rmSync(join(logs, nameOfLog(run)), { force: true });
    return false;
  },
});

function writeLogPiece(logs: string, run: Named, { from, bytes }: LogPiece): void {
  if (bytes === '') return;
  mkdirSync(logs, { recursive: true });
  const path = join(logs, nameOfLog(run));
  const file = openPlainSync(path, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size } = fstatSync(file);
    // An answer that came late: what it brings is here, or what is before it is not.
    if (size !== from) return;
    const content = Buffer.from(bytes, 'base64');
    for (let done = 0; done < content.length; ) done += writeSync(file, content, done, content.length - done, from + done);
    if (from === 0) pointTo(join(logs, `${run.task}.jsonl`), nameOfLog(run), run.id);
  } finally {
    closeSync(file);
  }
}
