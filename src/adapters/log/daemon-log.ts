import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import type { Log } from '../../engine/ports.ts';

/** So much is kept in memory for a file that takes nothing; what comes on top is dropped. */
const KEPT_WHILE_FULL = 1 << 20;

/**
 * The daemon's own log: JSON lines in a file, written at once so that a crash loses none. A file that cannot be written to (a full disk) is
 * told to `tee` and never thrown: the daemon goes on, and what was not written follows with the next line that can be.
 */
export function createDaemonLog(path: string, tee?: (level: string, message: string) => void): Log {
  mkdirSync(dirname(path), { recursive: true });
  const file = pino.destination({ dest: path, sync: true, maxLength: KEPT_WHILE_FULL });
  file.on('error', (error: Error) => tee?.('error', `${path}: ${error.message}`));
  const out = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, file);
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error'): Log['info'] =>
    (message, fields) => {
      out[level](fields ?? {}, message);
      tee?.(level, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
