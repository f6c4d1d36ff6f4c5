import { PortError } from '../../../engine/ports/error.ts';

/** SQLite's primary result codes that need words of their own (https://sqlite.org/rescode.html). */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** The primary result code of an error of node:sqlite, or null for any other error. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** True where another connection holds the lock that was asked for. */
export const isBusy = (error: unknown): boolean => {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
};

/** What becomes of a damaged file: it is never deleted, and moved by the daemon's start alone. */
const corruptHint = (path: string): string =>
  `Nothing was changed or deleted. \`tac8 stop --now\` and \`tac8 start\`: the start keeps the file as ${path}.damaged-1 (-2, …) and begins a new one. ` +
  'Open issues, the board, branches, saved work, logs and live workers are not in this file; its history and counters are.';

/** The file is not what was written: garbage, a torn page, a document that does not parse. */
export class DamagedError extends PortError {
  constructor(path: string, what: string, cause?: unknown) {
    super('terminal', `${path}: the database is damaged (${what})`, { hint: corruptHint(path), cause });
    this.name = 'DamagedError';
  }
}

/** Sorts an error of node:sqlite; PortErrors and errors that are not SQLite's pass through as they are. */
export function sortSqliteError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === null || !(error instanceof Error)) return error;
  const fail = (sort: 'retryable' | 'terminal' | 'unknown', what: string, hint: string): PortError =>
    new PortError(sort, `${path}: ${what} (SQLite: ${error.message})`, { hint, cause: error });
  switch (code) {
    case BUSY:
    case LOCKED:
      return fail('retryable', 'the database stayed locked', 'Another process holds it: end it (`fuser -v` on the file names it).');
    case FULL:
      return fail('retryable', 'no space is left to write', 'Free disk space; nothing of this change was written.');
    case IOERR:
      return fail(
        'retryable',
        'reading or writing the disk failed',
        'Look at the disk (`dmesg`, `df`); nothing of this change was written.',
      );
    case READONLY:
      return fail('terminal', 'the file cannot be written', 'Give this user the right to write the file and its folder.');
    case CANTOPEN:
      return fail('terminal', 'the file cannot be opened', 'Give this user the right to read the file and to write its folder.');
    case CORRUPT:
    case NOTADB:
      return new DamagedError(path, `SQLite: ${error.message}`, error);
    default:
      return fail('unknown', 'the database refused', 'This is a fault in tac8: please report it with this message.');
  }
}
