import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import type { Log } from '../../engine/ports.ts';

/** The daemon's own log: JSON lines in a file, written at once so that a crash loses none. */
export function createDaemonLog(path: string, tee?: (level: string, message: string) => void): Log {
  mkdirSync(dirname(path), { recursive: true });
  const out = pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: path, sync: true }));
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error'): Log['info'] =>
    (message, fields) => {
      out[level](fields ?? {}, message);
      tee?.(level, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
