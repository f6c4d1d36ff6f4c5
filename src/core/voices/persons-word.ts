import type { Task } from '../model/task.ts';

/** Verb of `tac8 board accept`. */
const ACCEPT_EDIT = 'accept-edit';
const HAND_BACK = 'hand-back';

/** What only a person may say: it lifts what a person laid, or answers what a person was asked. A row in the database is no such word. */
export function isPersonsWord(verb: string, task: Pick<Task, 'state' | 'pausedAt'> | null): boolean {
  if (verb === 'resume' || verb === ACCEPT_EDIT) return true;
  if (verb === 'retry') return task?.state === 'blocked';
  return verb === HAND_BACK && task !== null && (task.state === 'blocked' || task.pausedAt !== null);
}

export const NOT_HEARD = 'this is a person’s word, and nobody was heard to say it: it lay in the database, where a worker can write, too';
