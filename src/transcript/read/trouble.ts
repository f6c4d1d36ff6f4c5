import { parseLine } from '../../agents/line.ts';
import type { EventOf } from '../../agents/words/events.ts';
import type { Find } from './read.ts';

/** What stands in every line with trouble, as JSON.stringify writes it, and in every call whose result may be trouble. */
export const MAY_BE_TROUBLE = /"is_error"\s*:\s*true|"error"|"tac8"|"api_retry"|"permission_denied"|"rejected"|tool_use"(?![ \t\r]*:)/;

/** How a line of Claude Code begins, and what stands in it where it may be trouble; null: it is none, whatever stands in it. */
type Beginning = readonly [beginning: string, within: RegExp | null];

const FAILED = /"is_error"\s*:\s*true/;
/** The longest lines are among them: results of tools, and all that a session has to offer. */
const BEGINNINGS: readonly Beginning[] = [
  ['{"type":"assistant"', /"error"|tool_use"(?![ \t\r]*:)/],
  ['{"type":"user"', FAILED],
  ['{"type":"result"', FAILED],
  // A turn's end, too.
  ['{"duration_api_ms":', FAILED],
  ['{"type":"system","subtype":"api_retry"', /^/],
  ['{"type":"system","subtype":"permission_denied"', /^/],
  ['{"type":"system","subtype":"', null],
  ['{"type":"stream_event"', null],
  ['{"type":"control_response"', null],
  ['{"type":"control_request"', null],
  ['{"type":"tool_progress"', null],
];
/** A character in which most of them differ. */
const TELLING = '{"type":"'.length;
const BY_CHARACTER: ReadonlyMap<number, readonly Beginning[]> = Map.groupBy(BEGINNINGS, ([beginning]) => beginning.charCodeAt(TELLING));

/** Finds the lines that may be trouble. Each search begins where a line does. */
export function findTrouble(): Find {
  let last: Buffer | null = null;
  let words = '';
  return (bytes, from) => {
    if (bytes !== last) words = bytes.toString('latin1');
    last = bytes;
    for (let at = from; at < words.length; ) {
      const next = words.indexOf('\n', at);
      const end = next < 0 ? words.length : next;
      if (patternFor(words, at)?.test(words.slice(at, end)) === true) return at;
      at = end + 1;
    }
    return -1;
  };
}

function patternFor(words: string, at: number): RegExp | null {
  for (const [beginning, within] of BY_CHARACTER.get(words.charCodeAt(at + TELLING)) ?? [])
    if (words.startsWith(beginning, at)) return within;
  return MAY_BE_TROUBLE;
}

const USE = 'tool_use"';
const ITS_ID = `${USE},"id":"`;

/** A line that holds one call and no trouble of its own, as that call, not parsed before somebody asks for more than its id; else null. */
export function unreadCall(line: string): EventOf<'tool_start'> | null {
  if (!line.startsWith('{"type":"assistant"') || line.includes('"error"')) return null;
  const call = line.indexOf(USE);
  if (call < 0 || !line.startsWith(ITS_ID, call)) return null;
  for (let at = line.indexOf(USE, call + 1); at >= 0; at = line.indexOf(USE, at + 1)) if (line[at + USE.length] !== ':') return null;
  const from = call + ITS_ID.length;
  const id = line.slice(from, line.indexOf('"', from));
  return id === '' || id.includes('\\') ? null : new UnreadCall(id, line);
}

class UnreadCall implements EventOf<'tool_start'> {
  readonly kind = 'tool_start';
  readonly id: string;
  readonly #line: string;
  #call: EventOf<'tool_start'> | null = null;

  constructor(id: string, line: string) {
    this.id = id;
    this.#line = line;
  }

  get at() {
    return this.#read().at;
  }
  get parent() {
    return this.#read().parent;
  }
  get name() {
    return this.#read().name;
  }
  get input() {
    return this.#read().input;
  }
  get message() {
    return this.#read().message;
  }
  get usage() {
    return this.#read().usage;
  }

  #read(): EventOf<'tool_start'> {
    this.#call ??= parseLine(this.#line).find((event) => event.kind === 'tool_start') ?? {
      ...{ kind: 'tool_start', at: null, parent: null, id: this.id, name: 'tool', input: null, message: null, usage: null },
    };
    return this.#call;
  }
}
