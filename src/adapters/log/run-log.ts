import { closeSync, constants, fstatSync, mkdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PortError } from '../../engine/ports/error.ts';
import type { RunLog } from '../../engine/ports/records/run-log.ts';
import { openPlainSync } from '../../files/open-plain.ts';
import { pointTo } from '../../files/point-to.ts';

/**
 * tac8's own lines in a run's log, each on a line of its own even where the agent died in the middle of one.
 * The first line makes `logs/<task>.jsonl` point to this run's log.
 */
export function createRunLog(root: string): RunLog {
  const logs = join(root, 'logs');
  return {
    append: async (run, record) => {
      mkdirSync(logs, { recursive: true });
      const name = `${run.task}.${run.id}.jsonl`;
      appendLine(join(logs, name), JSON.stringify({ ...record, time: new Date().toISOString() }));
      if (record.event === 'run_started') pointTo(join(logs, `${run.task}.jsonl`), name, run.id);
    },
    name: async (task, run) => {
      mkdirSync(logs, { recursive: true });
      pointTo(join(logs, `${task}.jsonl`), `${run.task}.${run.id}.jsonl`, run.id);
    },
    appendOnce: async (run, record, at) => {
      mkdirSync(logs, { recursive: true });
      const line = JSON.stringify({ ...record, time: new Date(at).toISOString() });
      appendLine(join(logs, `${run.task}.${run.id}.jsonl`), line, true);
    },
  };
}

/** One write, so that a line of the agent's never stands inside ours. */
function appendLine(path: string, line: string, isOnce = false): void {
  const file = openPlainSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    const torn = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    const stands = isOnce ? standsIn(file, size, line) : 'not';
    if (stands === 'whole') return;
    // All but its ending: a kill met the write there.
    if (stands === 'open') return writeWhole(file, path, Buffer.from('\n'));
    writeWhole(file, path, Buffer.from(`${torn ? '\n' : ''}${line}\n`));
  } finally {
    closeSync(file);
  }
}

/** So far back from its end a line of ours is looked for: the agent is gone by then, and what is said at an end is short. */
const TAIL = 256 * 1024;

/** Whether the line stands, whole, in the last stretch of the file. */
function standsIn(file: number, size: number, line: string): 'whole' | 'open' | 'not' {
  const bytes = Buffer.alloc(Math.min(size, TAIL));
  const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
  const tail = `\n${bytes.toString('utf8', 0, read)}`;
  if (tail.includes(`\n${line}\n`)) return 'whole';
  return tail.endsWith(`\n${line}`) ? 'open' : 'not';
}

/** A disk that fills up takes a part: the rest follows, or the caller learns that the line is torn and writes it again, on a line of its own. */
function writeWhole(file: number, path: string, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(file, bytes, done);
    if (written === 0) throw new PortError('retryable', `${path}: only ${done} of ${bytes.length} bytes of a line could be written`);
    done += written;
  }
}
