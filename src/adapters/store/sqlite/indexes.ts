import type { DatabaseSync } from 'node:sqlite';

/** When a run ended; a document that is not JSON is found whatever is asked for, so that the damage is told and not passed over. */
export const ENDED_AT = "CASE WHEN json_valid(doc) THEN json_extract(doc, '$.endedAt') ELSE 9e999 END";

/*
 * Ways to look something up that the version of a file does not count: an earlier tac8 keeps them up without knowing them, and without them
 * every question has the same answer, later.
 */
const INDEXES: readonly string[] = [`CREATE INDEX IF NOT EXISTS runs_ended ON runs (${ENDED_AT}) WHERE state IN ('ended', 'settled')`];

export function addIndexes(db: DatabaseSync): void {
  for (const index of INDEXES) db.exec(index);
}
