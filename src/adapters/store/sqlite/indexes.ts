import type { DatabaseSync } from 'node:sqlite';
import { ENDING, FAILED_AS } from '../shapes/endings.ts';

/** When a run ended; a document that is not JSON is found whatever is asked for, so that the damage is told and not passed over. */
export const ENDED_AT = "CASE WHEN json_valid(doc) THEN json_extract(doc, '$.endedAt') ELSE 9e999 END";

/*
 * Ways to look something up that the version of a file does not count: an earlier tac8 keeps them up without knowing them, and without them
 * every question has the same answer, later. Those of ended runs and tasks hold all that is counted of them: no document is read. What an index
 * holds is told by its name: with other parts it gets another one, and the one before is dropped.
 */
const INDEXES: readonly string[] = [
  `CREATE INDEX IF NOT EXISTS runs_endings ON runs (${ENDED_AT}, id, task, ${ENDING}) WHERE state IN ('ended', 'settled')`,
  `CREATE INDEX IF NOT EXISTS tasks_ended ON tasks (ended_at, state, ${FAILED_AS}) WHERE ended_at IS NOT NULL`,
  'DROP INDEX IF EXISTS runs_ended',
];

export function addIndexes(db: DatabaseSync): void {
  for (const index of INDEXES) db.exec(index);
}
