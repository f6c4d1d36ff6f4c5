import { SECTIONS } from '../text/heading.ts';
import { type Span, spansOf } from '../text/syntax.ts';
import type { BoardLine, BoardView, Section } from '../text/view.ts';
import type { OwnLine } from './base.ts';

/** The look of a line in this file: `- [ ]` or `[]`, and the line ending. */
export interface Style {
  /** White space and bullet before the bracket. */
  readonly prefix: string;
  readonly eol: string;
}

const HEADINGS: Readonly<Record<Section, string>> = {
  pending: '## Pending',
  active: '## Active',
  completed: '## Completed Today',
  failed: '## Failed',
  blocked: '## Blocked',
};

export const headingText = (section: Section, maxActive: number): string =>
  section === 'active' ? `${HEADINGS.active} (max ${maxActive})` : HEADINGS[section];

/**
 * Any text as one line that cannot be taken for anything but words: no line breaks, control or direction-switching characters,
 * no opening of an HTML comment.
 */
export const oneLine = (text: string): string => {
  if (PLAIN.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\u0000-\u0020\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replaceAll('<!--', '&lt;!--')
    .trim();
};
/** Words of ASCII with single spaces: nothing to do. Most titles are. */
const PLAIN = /^[!-;=-~]+(?: [!-;=-~]+)*$/;

export const shownTitle = (title: string): string => oneLine(title) || '(untitled)';
/** Details may come from an agent and be long. */
export const shownDetail = (detail: { readonly key: string; readonly value: string }): string => {
  const words = oneLine(detail.value);
  const chars = words.length > 2000 ? [...words] : [];
  const value = chars.length > 2000 ? `${chars.slice(0, 2000).join('')}…` : words;
  return `- ${oneLine(detail.key)}: ${value}`.trimEnd();
};

/** Of hundreds of ended tasks none changes from one board to the next. */
const owned = new WeakMap<BoardLine, OwnLine>();

/** What the daemon writes of a line, to be remembered. */
export function ownLine(line: BoardLine): OwnLine {
  const found = owned.get(line) ?? { section: line.section, title: shownTitle(line.title), details: line.details.map(shownDetail) };
  owned.set(line, found);
  return found;
}

export function markText(line: BoardLine, bullet: boolean): string {
  switch (line.section) {
    case 'pending':
      return bullet ? '[ ]' : '[]';
    case 'active':
      return bracket('🟡', line.run, line.tree);
    case 'completed':
      return bracket('✅', line.commit, line.run);
    case 'failed':
      return bracket('❌', line.run);
    case 'blocked':
      return bracket('⏰', line.run);
  }
}

function bracket(sign: string, ...words: readonly (string | null)[]): string {
  const facts = words.filter((word) => word !== null).map((word) => oneLine(word).replaceAll(/[[\],]/g, '_'));
  return `[${sign}${facts.length === 0 ? '' : ` ${facts.join(', ')}`}]`;
}

/** Whether the title would be read back with a priority of its own. */
export const endsLikeTag = (title: string): boolean => /\{p\d+\}$/i.test(title);

export function renderTask(line: BoardLine, style: Style): string[] {
  const title = shownTitle(line.title);
  const tag = line.section === 'pending' || endsLikeTag(title) ? ` {p${line.priority}}` : '';
  const indent = detailIndent(style.prefix);
  return [
    `${style.prefix}${markText(line, style.prefix.trim() !== '')} ${line.id}: ${title}${tag}${style.eol}`,
    ...line.details.map((detail) => `${indent}${shownDetail(detail)}${style.eol}`),
  ];
}

/** Below `- [ ] task` details are a list inside it; below `[] task` they stand at the margin. */
export const detailIndent = (prefix: string): string => {
  const space = prefix.slice(0, prefix.length - prefix.trimStart().length).replace('\ufeff', '');
  return prefix.trim() === '' ? space : `${space}  `;
};

export const prefixOf = (line: string): string => line.slice(0, spansOf(line).mark[0]).replace('\ufeff', '');

/** Replaces parts of a line; spans must not overlap. */
export function splice(line: string, changes: readonly { readonly span: Span; readonly text: string }[]): string {
  let result = line;
  for (const { span, text } of [...changes].sort((a, b) => b.span[0] - a.span[0]))
    result = result.slice(0, span[0]) + text + result.slice(span[1]);
  return result;
}

export const remarkText = (why: { readonly message: string; readonly hint: string }): string =>
  `<!-- tac8: ${commentWords(why.message)}. ${commentWords(why.hint)} -->`;
const commentWords = (text: string): string =>
  oneLine(text)
    .replaceAll(/-{2,}/g, '‐')
    .replaceAll(/[<>]/g, '')
    .replace(/(?<![.-])[.-]+$/, '');

/** A board from nothing. */
export function renderFresh(view: BoardView): string {
  const parts = ['# Work Queue', `**Last updated:** ${view.updatedAt}`];
  for (const section of SECTIONS) parts.push('', headingText(section, view.maxActive));
  return `${parts.join('\n')}\n`;
}
