import { isTaskId } from '../../../core/model/task.ts';
import * as s from './shape.ts';

export const time = s.number();
export const text = s.string();
export const taskId = s.string().refine((value) => isTaskId(String(value)), 'not the name of a task');
export const runId = s.string().refine((value) => /^w-./.test(String(value)), 'not the name of a run');

/** What keeps a value from having the shape, with the place; null: it has it. Fields that a later version added are no fault. */
export function misfitOf(shape: s.Shape, value: unknown): string | null {
  const [first, ...others] = shape.issues(value);
  if (first === undefined) return null;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `${first.path.join('.') || 'the whole'}: ${first.message}${more}`;
}

/** The names of the fields that do not fit, as far as the value is an object at all. */
export const fieldsAmiss = (shape: s.Shape, value: unknown): ReadonlySet<string> =>
  new Set(shape.issues(value).flatMap(({ path: [first] }) => (first === undefined ? [] : [first])));
