import type { Task } from '../model/task.ts';

/** Verb of `tac8 board accept`. */
const ACCEPT_EDIT = 'accept-edit';
const HAND_BACK = 'hand-back';

/** What only a person may say: it lifts what a person laid, or answers what a person was asked. Noted in the database while no daemon ran, it is no such word. */
export function isPersonsWord(verb: string, task: Pick<Task, 'state' | 'pausedAt'> | null): boolean {
  if (verb === 'resume' || verb === ACCEPT_EDIT) return true;
  if (verb === 'retry') return task?.state === 'blocked';
  return verb === HAND_BACK && task !== null && (task.state === 'blocked' || task.pausedAt !== null);
}

export const NOT_HEARD = 'nobody was heard to say this: it lay in the database, where a worker can write, too';
