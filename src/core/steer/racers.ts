import { isRacer, type Race, rootOf, type Task, type TaskId } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';

type Known = Pick<Draft['tasks'], 'get'>;

/** The race that a racer is in; null: it is no racer, or what it raced for is asked for otherwise by now. */
export function raceOf(tasks: Known, id: TaskId): Race | null {
  if (!isRacer(id)) return null;
  const race = tasks.get(rootOf(id))?.race;
  return race?.racers.includes(id) === true ? race : null;
}

/** A person ended an attempt whose race was not known yet: it does not begin with the others. */
export const OUT = 'out';

/** The cause that a person's end of a task has. */
export const personsCause = (tasks: Known, id: TaskId): 'person' | typeof OUT =>
  isRacer(id) && raceOf(tasks, id) === null ? OUT : 'person';

/** Of attempts side by side the chosen one alone is handed over, so that an issue has one pull. */
export const mayDeliver = (tasks: Known, id: TaskId): boolean => !isRacer(id) || raceOf(tasks, id)?.winner === id;

/** Whom a word about the task is for: all of its racers until one is chosen, then that one. */
export function meantBy(tasks: Known, { id, race }: Pick<Task, 'id' | 'race'>): readonly Task[] {
  if (race === undefined) return [];
  const named = race.winner === undefined ? race.racers : [race.winner];
  return named.flatMap((one) => (one === id ? [] : (tasks.get(one) ?? [])));
}
