import { existsSync, renameSync } from 'node:fs';

/**
 * Moves a database out of the way, one that is damaged or `what` says, with its write-ahead log under the name that SQLite looks for; answers the
 * new path. Only for who holds the daemon's lock; whoever reads the file meanwhile reads on in the one moved away.
 */
export function setAside(path: string, what: 'damaged' | 'before' = 'damaged'): string {
  let n = 1;
  while (existsSync(`${path}.${what}-${n}`)) n++;
  const aside = `${path}.${what}-${n}`;
  // The log first: a crash in between leaves the database without it, not a new database with an old log.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}
