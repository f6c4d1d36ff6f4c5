import type { BoardDoc, BoardNode } from '../text/parse.ts';
import { changedRange } from '../text/range.ts';
import { bodyOf, isBlank } from '../text/syntax.ts';

/** Why an edit is not taken in until a person says what is meant. Nothing is written to the file meanwhile. */
export interface Hold {
  readonly kind: 'empty' | 'not-text' | 'conflict' | 'removal' | 'old-version';
  readonly message: string;
  readonly hint: string;
}

/** Whether it is taken in once a person says that it is meant; a file that is no text, or holds both sides of a merge, has to be mended. */
export const canBeMeant = ({ kind }: { readonly kind: string }): boolean => kind !== 'not-text' && kind !== 'conflict';

const ASK = 'Run `tac8 board accept` to take it as it is, or `tac8 board restore` to have the board back.';

/** Files that are no edit at all: emptied, torn, binary, or in the middle of a git merge. */
export function holdText(base: string | null, theirs: string): Hold | null {
  if (theirs.includes('\u0000'))
    return { kind: 'not-text', message: 'tasks.md is not text (it holds zero bytes)', hint: 'Save it as UTF-8.' };
  if (theirs.trim() === '' && base !== null && base.trim() !== '') return { kind: 'empty', message: 'tasks.md is empty', hint: ASK };
  if (hasConflict(theirs))
    return {
      kind: 'conflict',
      message: 'git left both sides of a merge in tasks.md',
      hint: 'Keep the lines you want and delete the lines with <<<<<<<, ======= and >>>>>>>.',
    };
  return null;
}

function hasConflict(text: string): boolean {
  const start = text.startsWith('<<<<<<< ') ? 0 : text.indexOf('\n<<<<<<< ');
  const middle = start === -1 ? -1 : text.indexOf('\n=======', start);
  return middle !== -1 && text.indexOf('\n>>>>>>> ', middle) !== -1;
}

/** Hunks in which both sides differ in nothing but the time that tac8 wrote are no question for a person: one side is taken. */
export function settleStampConflicts(text: string): string {
  if (!text.includes('<<<<<<< ')) return text;
  const stamp = '(?:\\*\\*Last updated:\\*\\*[^\\n]*\\n)';
  const hunk = new RegExp(`^<<<<<<< [^\\n]*\\n(${stamp})(?:\\|{7}[^\\n]*\\n${stamp})?={7}\\r?\\n${stamp}>>>>>>> [^\\n]*\\n`, 'gm');
  return text.replace(hunk, '$1');
}

/** More than 3 and more than a fifth of the lines gone at once. */
export function holdRemoval(base: BoardDoc, theirs: BoardDoc): Hold | null {
  const range = changedRange(base, theirs);
  if (range.baseTo - range.from <= 3) return null;
  const before = weigh(base.nodes.slice(range.from, range.baseTo));
  const now = weigh(theirs.nodes.slice(range.from, range.theirsTo));
  const tasks = [...before.tasks].filter((id) => !now.tasks.has(id) && !now.words.has(id)).length;
  const prose = Math.max(0, missing(before.prose, now.prose) - missing(now.prose, before.prose));
  const total = base.nodes.filter((node) => !isBlank(node.lines[0] ?? '')).length;
  const gone = tasks + prose;
  if (gone <= 3 || gone * 5 <= total) return null;
  return { kind: 'removal', message: `an edit removes ${gone} of ${total} lines from tasks.md`, hint: ASK };
}

/** An older board put back (git checkout, git stash) that nobody here remembers writing. */
export const holdOld = (version: string): Hold => ({
  kind: 'old-version',
  message: `tasks.md is another version of the board (of ${version}), and differs in more than new lines`,
  hint: ASK,
});

function weigh(nodes: readonly BoardNode[]): { tasks: Set<string>; prose: Map<string, number>; words: Set<string> } {
  const tasks = new Set<string>();
  const words = new Set<string>();
  const prose = new Map<string, number>();
  const count = (line: string) => {
    const text = bodyOf(line).trim();
    prose.set(text, (prose.get(text) ?? 0) + 1);
  };
  for (const node of nodes) {
    if (node.kind === 'task' && node.task.id !== null) tasks.add(node.task.id);
    else if (node.kind === 'task') count(node.lines[0] ?? '');
    else if (node.kind === 'text') {
      for (const line of node.lines) if (!isBlank(line)) count(line);
      // A task moved into a section of the person's own is parked there, not gone.
      for (const [id] of (node.lines[0] ?? '').matchAll(/\b(?:gh|local)-[1-9]\d*/g)) words.add(id);
    } else if (node.kind === 'heading') count(node.lines[0] ?? '');
  }
  return { tasks, prose, words };
}

const missing = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number =>
  [...a].reduce((total, [text, count]) => total + Math.max(0, count - (b.get(text) ?? 0)), 0);
