import { join } from 'node:path';
import type { TaskId } from '../../core/model/task.ts';
import { type Attempt, attemptsAfter, attemptsOf } from '../../transcript/read/attempts.ts';
import { followFile } from '../../transcript/read/follow.ts';
import { LogError, readBytes } from '../../transcript/read/read.ts';
import { cleanText } from '../../transcript/show/clean.ts';
import { plainOutput } from '../ground/output.ts';
import type { ViewIo } from './show-view.ts';

export interface LogsOptions {
  readonly task: TaskId;
  readonly follow?: boolean;
  /** All attempts, oldest first, in place of the newest. */
  readonly all?: boolean;
}

/** Prints a task's log as it is. On a terminal control characters are made visible; in a pipe nothing is changed. */
export async function logs(options: LogsOptions, io: ViewIo): Promise<void> {
  const { task } = options;
  const look = (): Promise<readonly Attempt[]> => attemptsOf(join(io.root, 'logs'), task);
  const attempts = await look();
  const output = plainOutput(io.out);
  const signal = AbortSignal.any([io.signal, output.closed]);
  const decoder = new TextDecoder();
  const take = (bytes: Buffer): void => {
    // The buffer is filled anew with the next chunk.
    output.write(io.out.isTTY === true ? cleanText(decoder.decode(bytes, { stream: true })) : Buffer.from(bytes));
  };
  const reading = { signal, breathe: output.drained };
  try {
    let chosen = options.all === true ? attempts : attempts.slice(-1);
    for (let next = chosen[0]; next !== undefined && !signal.aborted; next = chosen[0]) {
      const attempt = next;
      const { path } = attempt;
      const read = (offset: number): Promise<number> => readBytes(path, offset, take, reading);
      chosen = chosen.slice(1);
      if (options.follow !== true || chosen.length > 0) await read(0);
      else {
        // As `tail -F` on the link does: the next attempt's log is another file.
        const later = async (): Promise<readonly Attempt[]> => attemptsAfter(attempt, await look());
        await followFile(path, 0, read, { signal, done: async () => (await later()).length > 0 });
        chosen = signal.aborted ? [] : await later();
      }
    }
  } catch (error) {
    if (!signal.aborted || error instanceof LogError) throw error;
  } finally {
    await output.end();
  }
}
