import type { BoardIntent } from '../text/view.ts';

/** What an edit of the board asks for, as a sentence without its end. */
export function sayIntent(intent: BoardIntent): string {
  switch (intent.kind) {
    case 'add':
      return `adds ${intent.number === null ? (intent.task ?? 'a task') : `gh-${intent.number}`}${intent.title === '' ? '' : ` “${intent.title}”`} with priority ${intent.priority}`;
    case 'cancel':
      return `cancels ${intent.task}${intent.reason === null ? '' : `: ${intent.reason}`}`;
    case 'retry':
      return `tries ${intent.task} again`;
    case 'priority':
      return `gives ${intent.task} priority ${intent.priority}`;
    case 'retitle':
      return `calls ${intent.task} “${intent.title}”`;
    case 'remove':
      return `takes ${intent.task} out of the queue`;
    case 'order':
      return `wants this order: ${intent.tasks.slice(0, 10).join(', ')}${intent.tasks.length > 10 ? ', …' : ''}`;
  }
}
