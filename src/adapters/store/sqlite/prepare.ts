import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A statement for this SQL, compiled at its first use and kept. */
export type Prepare = (sql: string) => StatementSync;

export function preparer(db: DatabaseSync): Prepare {
  const cache = new Map<string, StatementSync>();
  return (sql) => {
    const known = cache.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    cache.set(sql, made);
    return made;
  };
}
