import type { Range } from './learnt.ts';
import type { Find } from './read.ts';

/** What stands in every line with trouble, as JSON.stringify writes it, and in every call whose result may be trouble. */
export const MAY_BE_TROUBLE = /"is_error"\s*:\s*true|"error"|"tac8"|"api_retry"|"permission_denied"|"rejected"|tool_use"(?![ \t\r]*:)/;

/** How a line of Claude Code begins, and what stands in it where it may be trouble; null: it is none, whatever stands in it. */
type Beginning = readonly [beginning: string, within: RegExp | null];

/* Shorter than the words that are meant: they find more, and do so four times as fast as those that begin with a quotation mark, which stands everywhere. */
const FAILED = /is_error"\s*:\s*true/;
const ERROR_OR_CALL = /rror"|_use"(?![ \t\r]*:)/;
/** The longest lines are among them: results of tools, and all that a session has to offer. */
const BEGINNINGS: readonly Beginning[] = [
  ['{"type":"assistant"', ERROR_OR_CALL],
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

/**
 * Finds the lines that may be trouble. A line that is one call and no trouble of its own is not found, but told to `call`: it is wanted only if
 * its result is trouble. Each search begins where a line does.
 */
export function findTrouble(call?: (id: string, line: Range) => void): Find {
  let last: Buffer | null = null;
  let words = '';
  return (bytes, from, offset) => {
    if (bytes !== last) words = bytes.toString('latin1');
    last = bytes;
    for (let at = from; at < words.length; ) {
      const next = words.indexOf('\n', at);
      const end = next < 0 ? words.length : next;
      const line = words.slice(at, end);
      if (patternFor(line)?.test(line) === true) {
        // Of a line without an end, more may come.
        const id = call === undefined || next < 0 ? null : idOfOnlyCall(line);
        if (id === null) return at;
        // A copy: the id itself would keep all the words that it stands in.
        call?.(bytes.toString('latin1', at + id.from, at + id.to), { from: offset + at, to: offset + end + 1 });
      }
      at = end + 1;
    }
    return -1;
  };
}

function patternFor(line: string): RegExp | null {
  for (const [beginning, within] of BY_CHARACTER.get(line.charCodeAt(TELLING)) ?? []) if (line.startsWith(beginning)) return within;
  return MAY_BE_TROUBLE;
}

const EACH = new RegExp(ERROR_OR_CALL, 'g');
const ITS_ID = 'tool_use","id":"';
const BEFORE_ID = ',"id":"'.length;

/** Where in it the id stands of the one call that the line holds, when it is in plain letters; null: the line must be parsed to know. */
function idOfOnlyCall(line: string): Range | null {
  if (!line.startsWith('{"type":"assistant"')) return null;
  EACH.lastIndex = 0;
  if (!EACH.test(line)) return null;
  const from = EACH.lastIndex + BEFORE_ID;
  if (!line.startsWith(ITS_ID, from - ITS_ID.length) || EACH.test(line)) return null;
  const to = line.indexOf('"', from);
  return to > from && PLAIN.test(line.slice(from, to)) ? { from, to } : null;
}

const PLAIN = /^[!-[\]-~]+$/;
