import { existsSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import type { Log } from '../../engine/ports/records/log.ts';
import { anyName } from '../../files/write-whole.ts';

/** So much is kept in memory for a file that takes nothing; what comes on top is dropped. */
const KEPT_WHILE_FULL = 1 << 20;

/** So large a log is put aside under a number, `tac8.1.log` being the newest; so many of them are kept. */
const FULL = 16 * 1024 * 1024;
const KEPT = 3;

/**
 * The daemon's own log: JSON lines in a file, written at once so that a crash loses none. A file that cannot be written to (a full disk) is
 * told to `tee` and never thrown: the daemon goes on, and what was not written follows with the next line that can be.
 */
export function createDaemonLog(path: string, tee?: (level: string, message: string) => void, full: number = FULL): Log {
  mkdirSync(dirname(path), { recursive: true });
  makeWay(path);
  let bytes = sizeOf(path);
  if (bytes >= full) bytes = putAside(path);
  const file = pino.destination({ dest: path, sync: true, maxLength: KEPT_WHILE_FULL });
  file.on('error', (error: Error) => tee?.('error', `${path}: ${error.message}`));
  const write = (line: string): void => {
    file.write(line);
    bytes += Buffer.byteLength(line);
    if (bytes < full) return;
    // Another process may have put it aside already: then the file is small again, and only opened anew.
    bytes = sizeOf(path) >= full ? putAside(path) : 0;
    file.reopen();
  };
  const out = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error'): Log['info'] =>
    (message, fields) => {
      out[level](fields ?? {}, message);
      tee?.(level, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Whoever opens a named pipe waits for its reader, and a folder cannot be written: either is moved beside. A link or a device is a person's choice. */
function makeWay(path: string): void {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isFIFO() === true || found?.isDirectory() === true) renameSync(path, `${path}.${anyName()}.in-the-way`);
  } catch {
    // What cannot be moved cannot be written either: the daemon says so, and goes on.
  }
}

/** A log that cannot be moved goes on as it is: what it says matters more than its size. */
function putAside(path: string): number {
  const numbered = (n: number): string => path.replace(/\.log$/, `.${n}.log`);
  try {
    for (let n = KEPT - 1; n >= 1; n -= 1) if (existsSync(numbered(n))) renameSync(numbered(n), numbered(n + 1));
    renameSync(path, numbered(1));
  } catch {
    // The folder is not to be written to, or the log is gone: the next line finds out again.
  }
  return 0;
}
