import type { TaskId } from '../model/task.ts';
import { sanitiseLine } from './sanitise.ts';

const NAMED = 10;

/** What is asked of a person before a push. */
export function heldQuestion(task: TaskId, paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  const named = paths.slice(0, NAMED).map((path) => sanitiseLine(path, 120));
  return `It changes files that workflows, reviewers or agents follow: ${named.join(', ')}${more}. Nothing is pushed. \`tac8 diff ${task}\` shows it, \`tac8 approve ${task}\` lets it go, \`tac8 retry ${task} --continue --message "…"\` asks for something else.`;
}
