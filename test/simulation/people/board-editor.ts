import type { TaskId } from '../../../src/core/model/task.ts';
import { type BoardEdit, MINUTE, SECOND } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import { blockEnd, headingAt, joined, linesOf, type SeenLine, taskLines } from './board-lines.ts';
import { expectCancelled, expectGone, expectPriority, expectTask, wantAgain } from './edits-expected.ts';

interface Edited {
  readonly text: string;
  /** What is to be seen of it, from the moment it is saved. */
  readonly saved: () => void;
}

/** A person who opens `tasks.md`, changes one thing and saves, at once or a while later. */
export function createEditor(stage: Stage): (edit: BoardEdit, pick: number) => void {
  const { timeline, board } = stage;
  let isOpen = false;
  let count = 0;

  function save(text: string, saved: () => void): void {
    board.text = text;
    isOpen = false;
    saved();
    stage.ring();
  }

  return (edit, pick) => {
    if (isOpen || board.text === null) return;
    count += 1;
    const edited = change(stage, edit, pick, board.text, `${edit}-${count}`);
    if (edited === null) return;
    isOpen = true;
    const random = stage.random('editor', count);
    timeline.after(random.chance(0.5) ? 0 : random.between(SECOND, 2 * MINUTE), () => {
      stage.trace(() => `a person saves tasks.md: ${edit}`);
      if (edit !== 'half-saved') return save(edited.text, edited.saved);
      board.text = '';
      board.isBeingSaved = true;
      timeline.after(30, () => {
        board.isBeingSaved = false;
        save(edited.text, edited.saved);
      });
    });
  };
}

function change(stage: Stage, edit: BoardEdit, pick: number, text: string, word: string): Edited | null {
  const lines = linesOf(text);
  const all = taskLines(text);
  const one = (...sections: string[]): SeenLine | undefined => {
    const fit = all.filter(({ section, mark }) => sections.includes(section) && (section === 'Failed' || !mark.includes('❌')));
    return fit[Math.floor(pick * fit.length)];
  };
  const made = (changed: readonly string[], saved: () => void): Edited => ({ text: joined(changed, text), saved });
  const pending = headingAt(lines, 'Pending');
  switch (edit) {
    case 'add':
      return pending < 0
        ? null
        : made(lines.toSpliced(pending + 1, 0, `[] Tidy ${word} {p1}`), () => expectTask(stage, null, `Tidy ${word}`));
    case 'add-issue':
      return pending < 0 ? null : addIssue(stage, lines, pending, pick, made);
    case 'cancel': {
      const line = one('Pending', 'Active', 'Blocked');
      if (line === undefined) return null;
      return made(lines.with(line.at, `[❌] ${line.id}: ${line.title}`), () => expectCancelled(stage, line.id));
    }
    case 'retry': {
      const line = one('Failed');
      if (line === undefined || pending < 0) return null;
      const without = lines.toSpliced(line.at, blockEnd(lines, line.at) - line.at);
      return made(without.toSpliced(pending + 1, 0, `[] ${line.id}: ${line.title}`), () => {
        wantAgain(stage, line.id);
        // Also where the database was lost, and nothing is known of what failed before.
        expectTask(stage, line.id, null);
      });
    }
    case 'remove': {
      const line = one('Pending');
      return line === undefined
        ? null
        : made(lines.toSpliced(line.at, blockEnd(lines, line.at) - line.at), () => expectGone(stage, line.id));
    }
    case 'reorder':
      return reorder(lines, all, pick, made);
    case 'retitle': {
      const line = one('Pending', 'Active');
      if (line === undefined || line.id.startsWith('gh-')) return null;
      return made(lines.with(line.at, `${line.mark} ${line.id}: Renamed ${word}`), () => expectTask(stage, line.id, `Renamed ${word}`));
    }
    case 'priority': {
      const line = one('Pending');
      if (line === undefined) return null;
      const priority = Math.floor(pick * 40) % 4;
      const [tag, shown] = / \{p(\d)\}$/.exec(line.title) ?? ['', '2'];
      // What is written as it was seen asks for nothing.
      if (Number(shown) === priority) return null;
      const title = line.title.slice(0, line.title.length - tag.length);
      return made(lines.with(line.at, `${line.mark} ${line.id}: ${title} {p${priority}}`), () => expectPriority(stage, line.id, priority));
    }
    case 'prose':
    case 'half-saved':
      return made(lines.toSpliced(1, 0, `A note of mine: ${word}`), () => stage.prose.push(word));
    case 'crlf':
      return { text: lines.join('\r\n'), saved: () => undefined };
  }
}

type Made = (lines: readonly string[], saved: () => void) => Edited;

function addIssue(stage: Stage, lines: readonly string[], pending: number, pick: number, made: Made): Edited | null {
  const known = new Set<TaskId>(stage.contents.tasks.keys());
  const free = [...stage.forge.issues.values()].filter(({ number, isOpen }) => isOpen && !known.has(`gh-${number}`));
  const issue = free[Math.floor(pick * free.length)];
  if (issue === undefined) return null;
  const id: TaskId = `gh-${issue.number}`;
  return made(lines.toSpliced(pending + 1, 0, `[] ${id}: ${issue.title}`), () => {
    wantAgain(stage, id);
    expectTask(stage, id, null);
  });
}

function reorder(lines: readonly string[], all: readonly SeenLine[], pick: number, made: Made): Edited | null {
  const pending = all.filter(({ section }) => section === 'Pending');
  const at = Math.floor(pick * (pending.length - 1));
  const [first, second] = [pending[at], pending[at + 1]];
  if (first === undefined || second === undefined || blockEnd(lines, first.at) !== second.at) return null;
  const end = blockEnd(lines, second.at);
  const swapped = [...lines.slice(second.at, end), ...lines.slice(first.at, second.at)];
  return made(lines.toSpliced(first.at, end - first.at, ...swapped), () => undefined);
}
