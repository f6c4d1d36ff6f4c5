/** More marks of quotes and lists before a line than anyone writes; each costs the parser a frame of its stack. */
const DEEPEST = 60;
/** Brackets in one block: each closing one looks through those before it. */
const MOST_BRACKETS = 4000;

/** Why a text is not given to the parser; null: it may try. Looks at each character once. */
export function knotted(text: string): string | null {
  let brackets = 0;
  for (const line of text.split('\n')) {
    if (marksBefore(line) > DEEPEST) return `a line stands in more than ${DEEPEST} quotes and lists`;
    brackets = line.trim() === '' ? 0 : brackets + bracketsIn(line);
    if (brackets > MOST_BRACKETS) return `a paragraph has more than ${MOST_BRACKETS} brackets`;
  }
  return null;
}

/** `> - 1. ` are three. */
function marksBefore(line: string): number {
  let marks = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === ' ' || character === '\t') continue;
    if (character === '>') marks++;
    else {
      const length = bulletAt(line, at);
      if (length === 0) return marks;
      marks++;
      at += length - 1;
    }
  }
  return marks;
}

/** How long the mark of a list is that stands there; 0: none. */
function bulletAt(line: string, at: number): number {
  const end = (to: number): boolean => to >= line.length || line[to] === ' ' || line[to] === '\t';
  if ('-+*'.includes(line[at] ?? ' ')) return end(at + 1) ? 1 : 0;
  let to = at;
  while (to - at < 9 && /\d/.test(line[to] ?? '')) to++;
  return to > at && (line[to] === '.' || line[to] === ')') && end(to + 1) ? to + 1 - at : 0;
}

function bracketsIn(line: string): number {
  let found = 0;
  for (const character of line) if (character === '[' || character === ']') found++;
  return found;
}
