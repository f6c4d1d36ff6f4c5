import type { BoardDoc, BoardNode, TaskNode } from '../text/parse.ts';
import { isCopy, parseBoard } from '../text/parse.ts';
import { bodyOf, type Unreadable } from '../text/syntax.ts';
import type { BoardProblem } from '../text/view.ts';
import { remarkText } from './render.ts';

/** A node and what is wrong with it. `key` stays the same while the line does. */
export interface Complaint {
  readonly node: BoardNode;
  readonly key: string;
  readonly why: Unreadable;
}

/** Every line of the board that cannot be read, in the order of the file. */
export function complaints(doc: BoardDoc): Complaint[] {
  const found: Complaint[] = [];
  for (const node of doc.nodes) {
    const why = node.kind === 'text' ? node.why : node.kind === 'task' ? taskComplaint(node) : null;
    if (why !== null) found.push({ node, key: bodyOf(node.lines[0] ?? '').trim(), why });
  }
  return found;
}

function taskComplaint(node: TaskNode): Unreadable | null {
  const { id, mark } = node.task;
  if (id === null) {
    if (mark.kind === 'open' && node.section !== 'pending' && node.task.title !== '')
      return { message: 'a new line is picked up under "## Pending" only', hint: 'Move it there.' };
    return null;
  }
  if (isCopy(node))
    return {
      message: `${id} stands twice; tac8 takes in no edit of it until it stands once`,
      hint: 'Delete one of the two lines.',
    };
  if (mark.kind === 'ticked' && node.section === 'active')
    return { message: 'ticking off an active task changes nothing', hint: 'Mark it [❌] or move it to Failed to cancel it.' };
  return null;
}

export function problemsOf(doc: BoardDoc): BoardProblem[] {
  return complaints(doc).map(({ node, why }) => ({ line: node.at, message: why.message, hint: why.hint }));
}

/** For `tac8 lint`: what tac8 cannot read in this text, with line numbers from 1. */
export const lintBoard = (text: string): BoardProblem[] =>
  [...conflictProblems(text), ...problemsOf(parseBoard(text))].sort((a, b) => a.line - b.line);

/** The lines where git left both sides of a merge. */
export function conflictProblems(text: string): BoardProblem[] {
  if (!text.includes('<<<<<<< ')) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      line.startsWith('<<<<<<< ')
        ? [{ line: index + 1, message: 'git left both sides of a merge here', hint: 'Keep the lines you want and delete the markers.' }]
        : [],
    );
}

export const remarkFor = (complaint: Complaint): string => remarkText(complaint.why);
