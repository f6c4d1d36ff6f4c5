import { existsSync, renameSync } from 'node:fs';

/**
 * Moves a damaged database out of the way, with its write-ahead log under the name that SQLite looks for; answers the
 * new path. Only for when a person asked for it, and while nothing has the file open.
 */
export function setAside(path: string): string {
  let n = 1;
  while (existsSync(`${path}.damaged-${n}`)) n++;
  const aside = `${path}.damaged-${n}`;
  // The log first: a crash in between leaves the database without it, not a new database with an old log.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
