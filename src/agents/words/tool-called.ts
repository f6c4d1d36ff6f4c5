const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const BRACKET = '['.charCodeAt(0);
const OPENING = '{'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const CLOSING = '}'.charCodeAt(0);

const HEAD = Buffer.from('{"type":"assistant","message":{');
const CONTENT = Buffer.from('"content":');
const CALL = Buffer.from('[{"type":"tool_use","id":"');
const NAME = Buffer.from(',"name":"');
const INPUT = Buffer.from(',"input":');
/** Where one of them follows as a name, the line has more than this one call, or is another thing than it seems. */
const MORE = ['"type"', '"error"'].map((words) => Buffer.from(words));

/**
 * The tool that a whole line calls, by its bytes alone: a count over a large log need not parse what it counts. Null: to be parsed, as it may
 * call none, or several, or be of another shape. A line that was torn and has another one behind it has two types, and is parsed.
 */
export function toolCalled(line: Buffer): string | null {
  if (line.at(-1) !== CLOSING || !isAt(line, HEAD, 0)) return null;
  const content = contentAt(line);
  if (content < 0 || !isAt(line, CALL, content)) return null;
  const name = after(line, NAME, wordEnd(line, content + CALL.length));
  const end = wordEnd(line, name);
  const input = after(line, INPUT, end);
  if (input < 0 || isMore(line, input)) return null;
  return line.toString('latin1', name, end);
}

/** The bracket of the message's content, where nothing but plain words stands before it; -1: there is none. */
function contentAt(line: Buffer): number {
  for (let at = HEAD.length; at < line.length; at += 1) {
    const byte = line[at] ?? 0;
    if (byte === BRACKET) return isAt(line, CONTENT, at - CONTENT.length) ? at : -1;
    if (byte === BACKSLASH || byte === OPENING || byte === CLOSING) return -1;
  }
  return -1;
}

/** The quote that ends the word that begins here; -1: it is not of plain ASCII, or it does not end. */
function wordEnd(line: Buffer, from: number): number {
  if (from < 0) return -1;
  for (let at = from; at < line.length; at += 1) {
    const byte = line[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return -1;
  }
  return -1;
}

/** Behind the words that follow the quote; -1: others do. */
const after = (line: Buffer, words: Buffer, quote: number): number =>
  quote >= 0 && isAt(line, words, quote + 1) ? quote + 1 + words.length : -1;

function isMore(line: Buffer, from: number): boolean {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] !== COLON || line[at - 1] !== QUOTE) continue;
    for (const words of MORE) if (isAt(line, words, at - words.length)) return true;
  }
  return false;
}

function isAt(line: Buffer, words: Buffer, at: number): boolean {
  for (let n = 0; n < words.length; n += 1) if (line[at + n] !== words[n]) return false;
  return true;
}
