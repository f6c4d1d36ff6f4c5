import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { messageOf } from '../../core/words/message-of.ts';
import type { ConfigPath, ConfigProblem } from './problems.ts';

export interface Place {
  readonly line: number | null;
  readonly column: number | null;
}

export interface Source {
  readonly value: unknown;
  /** Errors of the YAML itself, each with its place. */
  readonly problems: readonly ConfigProblem[];
  /** Where the setting stands, or the nearest thing around it that is in the file. */
  locate(path: ConfigPath): Place;
}

/** Longer files are not settings that a person wrote, nor are deeper ones: the parser takes a frame of the stack for each level. */
const LONGEST = 32 * 1024;
const DEEPEST = 100;

export function parseSource(text: string): Source {
  const refused = refusal(text);
  if (refused !== null) return unread(refused);
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = doc.errors.map(({ message, pos }) => ({ path: '', ...place(pos[0]), message: `not valid YAML: ${message}` }));
  if (problems.length > 0) return { value: undefined, problems, locate: () => ({ line: null, column: null }) };
  try {
    return { value: doc.toJS(), problems, locate: (path) => place(offsetOf(doc, path)) };
  } catch (error) {
    // An alias without its anchor, or aliases that unfold without end.
    const message = `not valid YAML: ${messageOf(error)}`;
    return unread(message);
  }
}

const unread = (message: string): Source => ({
  value: undefined,
  problems: [{ path: '', line: null, column: null, message }],
  locate: () => ({ line: null, column: null }),
});

/** Why the text is not even parsed; null: it is. Each character is looked at once. */
function refusal(text: string): string | null {
  if (text.length > LONGEST) return `is longer than ${LONGEST / 1024} KiB`;
  for (const line of text.split('\n')) {
    // In blocks by the blanks and dashes before a name, in lists and maps on a line by their brackets.
    const lead = /^[ \t?:-]*/.exec(line)?.[0].length ?? 0;
    if (lead > 2 * DEEPEST) return `is nested more than ${DEEPEST} levels deep`;
  }
  return (text.match(/[[{]/g)?.length ?? 0) > 10 * DEEPEST ? `has more than ${10 * DEEPEST} opening brackets` : null;
}

/** The offset of the name where the last step is a name, of the item where it is an index. */
function offsetOf(doc: Document, path: ConfigPath): number {
  let node: unknown = doc.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
      if (!pair) return offset;
      offset = start(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = start(node) ?? offset;
    } else return offset;
  }
  return offset;
}

const start = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
