import { isTaskId, type TaskId } from '../../core/model/task.ts';
import { EXIT, Exit } from './exit-codes.ts';

/** How each command's help names a task. */
export const TASK_FORMS = '450, gh-450 or local-1';

/** `450`, `#450`, `gh-450`, `local-1`, or one of several attempts, `450.codex`, as a person types it. Throws an error that says what is accepted. */
export function taskArgument(text: string): TaskId {
  const [root = '', name] = text.toLowerCase().split('.', 2);
  const whole = /^#?[1-9]\d*$/.test(root) ? `gh-${root.replace('#', '')}` : root;
  // An agent's name may have dashes, that of its attempt has none.
  const id = name === undefined ? whole : `${whole}.${name.replaceAll('-', '_')}`;
  if (!isTaskId(id)) throw new Exit(EXIT.usage, `"${text}" is not a task: write ${TASK_FORMS}`);
  return id;
}
