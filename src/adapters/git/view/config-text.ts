/** One setting of a configuration file of git: `section.key` or `section.subsection.key`, all but the subsection in lower case. */
export type Setting = readonly [key: string, value: string];

/**
 * What a configuration file of git says, without following what it includes; null: it is not of the form that git reads.
 * Our own reader, because git itself would start to believe what it reads.
 */
export function readSettings(text: string): readonly Setting[] | null {
  const reader = new Reader(text.startsWith('\uFEFF') ? text.slice(1) : text);
  const found: Setting[] = [];
  let section: string | null = null;
  for (;;) {
    reader.skipBlank();
    const next = reader.peek();
    if (next === '') return found;
    if (next === '#' || next === ';') {
      reader.take(/[^\n]*/y);
      continue;
    }
    if (next === '[') {
      section = readSection(reader);
      if (section === null) return null;
      continue;
    }
    const name = reader.take(/[a-z][a-z0-9-]*/iy)?.toLowerCase();
    if (name === undefined || section === null) return null;
    reader.take(/[ \t]*/y);
    const value = reader.take(/=/y) === null ? noValue(reader) : readValue(reader);
    if (value === null) return null;
    found.push([`${section}.${name}`, value]);
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text.replaceAll('\r\n', '\n');
  }
  peek(): string {
    return this.#text.charAt(this.#at);
  }
  next(): string {
    const character = this.peek();
    this.#at += 1;
    return character;
  }
  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }
  skipBlank(): void {
    this.take(/\s*/y);
  }
}

function readSection(reader: Reader): string | null {
  const plain = reader.take(/\[[a-z0-9.-]*\]/iy);
  if (plain !== null) return plain.slice(1, -1).toLowerCase();
  const name = reader.take(/\[[a-z0-9.-]*[ \t]+"/iy);
  const below = name === null ? null : reader.take(/(?:[^"\\\n]|\\[^\n])*"\]/y);
  if (name === null || below === null) return null;
  return `${name.slice(1, -1).trim().toLowerCase()}.${below.slice(0, -2).replaceAll(/\\(.)/g, '$1')}`;
}

/** A key by itself is a yes. */
const noValue = (reader: Reader): string | null => (reader.peek() === '' || /[\n#;]/.test(reader.peek()) ? 'true' : null);

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', '\\': '\\', '"': '"' };

function readValue(reader: Reader): string | null {
  reader.take(/[ \t]*/y);
  let value = '';
  let blanks = '';
  let isQuoted = false;
  for (;;) {
    const character = reader.next();
    if (character === '' || character === '\n') return isQuoted ? null : value;
    if (!isQuoted && (character === '#' || character === ';')) {
      reader.take(/[^\n]*/y);
      continue;
    }
    if (!isQuoted && /\s/.test(character)) {
      blanks += character;
      continue;
    }
    if (character === '"') {
      isQuoted = !isQuoted;
      value += blanks;
      blanks = '';
      continue;
    }
    value += blanks;
    blanks = '';
    if (character !== '\\') {
      value += character;
      continue;
    }
    const escaped = reader.next();
    if (escaped === '\n') continue;
    const meant = ESCAPED[escaped];
    if (meant === undefined) return null;
    value += meant;
  }
}
