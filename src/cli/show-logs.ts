import { join } from 'node:path';
import { attemptsOf } from '../transcript/attempts.ts';
import { cleanText } from '../transcript/clean.ts';
import { followFile } from '../transcript/follow.ts';
import { LogError, readBytes } from '../transcript/read.ts';
import { plainOutput } from './output.ts';
import type { ViewIo } from './show-view.ts';
import { taskArgument } from './task-argument.ts';

export interface LogsOptions {
  readonly task: string;
  readonly follow?: boolean;
  /** All attempts, oldest first, in place of the newest. */
  readonly all?: boolean;
}

/** Prints a task's log as it is. On a terminal control characters are made visible; in a pipe nothing is changed. */
export async function logs(options: LogsOptions, io: ViewIo): Promise<void> {
  const attempts = await attemptsOf(join(io.root, 'logs'), taskArgument(options.task));
  const newest = attempts.at(-1);
  const output = plainOutput(io.out);
  const signal = AbortSignal.any([io.signal, output.closed]);
  const decoder = new TextDecoder();
  const take = (bytes: Buffer): void => {
    // The buffer is filled anew with the next chunk.
    output.write(io.out.isTTY === true ? cleanText(decoder.decode(bytes, { stream: true })) : Buffer.from(bytes));
  };
  const reading = { signal, breathe: output.drained };
  try {
    for (const { path } of options.all === true ? attempts : attempts.slice(-1)) {
      const read = (offset: number): Promise<number> => readBytes(path, offset, take, reading);
      if (options.follow === true && path === newest?.path) await followFile(path, 0, read, { signal });
      else await read(0);
    }
  } catch (error) {
    if (!signal.aborted || error instanceof LogError) throw error;
  } finally {
    await output.end();
  }
}
