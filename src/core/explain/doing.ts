import type { TaskId } from '../model/task.ts';

/** Not the name of a tool that is given a file. */
const NO_FILE = ['Bash', 'says', 'error'];
const CALL = /^(\w+): (\/\S+)$/;

/** What an agent was last seen doing, its task's own files named as the repository names them: agents say whole paths. */
export function doing(task: TaskId, activity: string | null): string | null {
  const [, tool = '', path] = activity === null ? [] : (CALL.exec(activity) ?? []);
  const tree = `/${task}/`;
  const at = path?.indexOf(tree) ?? -1;
  return path === undefined || at < 0 || NO_FILE.includes(tool) ? activity : `${tool}: ${path.slice(at + tree.length)}`;
}
