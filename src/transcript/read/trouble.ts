import type { Range } from './learnt.ts';
import type { Find } from './read.ts';

/** What stands in every line with trouble, as JSON.stringify writes it, and in every call whose result may be trouble. */
export const MAY_BE_TROUBLE = /"is_error"\s*:\s*true|"error"|"tac8"|"api_retry"|"permission_denied"|"rejected"|tool_use"(?![ \t\r]*:)/;

/* Shorter than the words that are meant: they find more, and do so four times as fast as those that begin with a quotation mark, which stands everywhere. */
const FAILED = /is_error"\s*:\s*true/;
const ERROR_OR_CALL = /rror"|_use"(?![ \t\r]*:)/;
/**
 * How lines of Claude Code begin, and what stands in one where it may be trouble; null: it is none, whatever stands in it. The longest are
 * among them: results of tools, and all that a session has to offer.
 */
const BEGINNINGS: readonly (readonly [beginning: string, within: RegExp | null])[] = [
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
const BY_CHARACTER = Map.groupBy(
  BEGINNINGS.map(([beginning, within]) => ({ beginning: Buffer.from(beginning), within })),
  ({ beginning }) => beginning[TELLING],
);

const LF = 0x0a;

/**
 * Finds the lines that may be trouble. A line that is one call and no trouble of its own is not found, but told to `call`: it is wanted only if
 * its result is trouble. Each search begins where a line does. Bytes are looked at where they lie: half of a log becomes text for nothing else.
 */
export function findTrouble(call?: (id: string, line: Range) => void): Find {
  return (bytes, from, offset) => {
    for (let at = from; at < bytes.length; ) {
      const next = bytes.indexOf(LF, at);
      const end = next < 0 ? bytes.length : next;
      const within = patternFor(bytes, at);
      const line = within === null ? '' : bytes.toString('latin1', at, end);
      if (within?.test(line) === true) {
        // Of a line without an end, more may come.
        const id = within !== ERROR_OR_CALL || call === undefined || next < 0 ? null : idOfOnlyCall(line);
        if (id === null) return at;
        // A copy: the id itself would keep all the words that it stands in.
        call?.(bytes.toString('latin1', at + id.from, at + id.to), { from: offset + at, to: offset + end + 1 });
      }
      at = end + 1;
    }
    return -1;
  };
}

function patternFor(bytes: Buffer, at: number): RegExp | null {
  for (const { beginning, within } of BY_CHARACTER.get(bytes[at + TELLING]) ?? []) if (stands(beginning, bytes, at)) return within;
  return MAY_BE_TROUBLE;
}

/** From the end, in which words differ that begin alike. */
function stands(words: Buffer, bytes: Buffer, at: number): boolean {
  for (let n = words.length - 1; n >= 0; n -= 1) if (words[n] !== bytes[at + n]) return false;
  return true;
}

const EACH = new RegExp(ERROR_OR_CALL, 'g');
const ITS_ID = 'tool_use","id":"';
const BEFORE_ID = ',"id":"'.length;

/** Where in it the id stands of the one call that an agent's line holds, when it is in plain letters; null: the line must be parsed to know. */
function idOfOnlyCall(line: string): Range | null {
  EACH.lastIndex = 0;
  if (!EACH.test(line)) return null;
  const from = EACH.lastIndex + BEFORE_ID;
  if (!line.startsWith(ITS_ID, from - ITS_ID.length) || EACH.test(line)) return null;
  const to = line.indexOf('"', from);
  return to > from && PLAIN.test(line.slice(from, to)) ? { from, to } : null;
}

const PLAIN = /^[!-[\]-~]+$/;
