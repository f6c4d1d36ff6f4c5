import { isTaskId, type TaskId } from '../../core/model/task.ts';
import { EXIT, Exit } from './exit-codes.ts';

/** How each command's help names a task. */
export const TASK_FORMS = '450, gh-450 or local-1';

/** `450`, `#450`, `gh-450` or `local-1` as a person types it. Throws an error that says what is accepted. */
export function taskArgument(text: string): TaskId {
  const id = /^#?[1-9]\d*$/.test(text) ? `gh-${text.replace('#', '')}` : text.toLowerCase();
  if (!isTaskId(id)) throw new Exit(EXIT.usage, `"${text}" is not a task: write ${TASK_FORMS}`);
  return id;
}
