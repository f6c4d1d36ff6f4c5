import type { AgentEvent, EventOf } from '../../agents/words/events.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Show } from '../show/text.ts';
import type { Learnt, Range } from './learnt.ts';

/** Calls without an end are forgotten past this number. */
const MAX_CALLS = 1000;

/** Only what went wrong; a failed tool's result comes with its call. */
export function errorsOnly(show: Show): Show {
  const calls = new Map<string, EventOf<'tool_start'>>();
  return (event) => {
    if (event.kind === 'tool_start') {
      if (calls.size >= MAX_CALLS) calls.clear();
      calls.set(event.id, event);
      return '';
    }
    if (event.kind !== 'tool_end') return isTrouble(event) ? show(event) : '';
    const call = calls.get(event.id);
    calls.delete(event.id);
    if (event.ok) return '';
    return (call === undefined ? '' : show(call)) + show(event);
  };
}

/** The rarer its first letter, the faster it is looked for: with the whole word it takes twice as long. */
const NEEDLE = Buffer.from('_use"');
const BEFORE = Buffer.from('tool');
const COLON = ':'.charCodeAt(0);
const BLANKS = new Set([...' \t\r'].map((blank) => blank.charCodeAt(0)));

/**
 * Finds a value that ends in `tool_use`, as every call has one. As a name it stands in each result (`"server_tool_use":{…}`), which are the
 * longest lines: those are passed over.
 */
export function findToolUse(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(NEEDLE, from); at >= 0; at = bytes.indexOf(NEEDLE, at + NEEDLE.length)) {
    let next = at + NEEDLE.length;
    while (BLANKS.has(bytes[next] ?? 0)) next += 1;
    if (bytes[next] !== COLON && isBefore(bytes, at)) return at - BEFORE.length;
  }
  return -1;
}

function isBefore(bytes: Buffer, at: number): boolean {
  for (let n = 0; n < BEFORE.length; n += 1) if (bytes[at - BEFORE.length + n] !== BEFORE[n]) return false;
  return true;
}

/**
 * A line that an agent wrote in a dialect of its own (JSON-RPC, items, steps, events of a server). A run of another program's may have such lines in its log:
 * the words above stand in none of them, so that nothing of such a log is passed over.
 */
export const OTHER_DIALECT =
  /^\{(?:"jsonrpc":|"method":|"id":(?:"evt_|\d{1,9},"(?:result|error|method)":)|"type":"(?:(?:thread|turn|item)\.|\w{1,20}","timestamp":))/m;

/** Of a result, its own word tells. */
export function isTrouble(event: AgentEvent): boolean {
  switch (event.kind) {
    case 'failure':
    case 'provider_error':
    case 'retry':
    case 'denied':
    // Headings, so that one sees whose trouble it is.
    case 'tac8':
      return true;
    case 'turn_end':
      return event.isError;
    case 'rate_limit':
      return event.status === 'rejected';
    default:
      return false;
  }
}

/** Only from a time on; a line without a time counts as said with the one before it. */
export function sinceOnly(since: Ms, show: Show): Show {
  let at: Ms | null = null;
  return (event) => {
    at = event.at ?? at;
    return at !== null && at >= since ? show(event) : '';
  };
}

/** Lines apart by less are read in one go. */
const NEAR = 256 * 1024;

export interface TroubleRanges {
  readonly add: (line: Range, event: AgentEvent) => void;
  /** A call whose line was passed over. */
  readonly addCall: (id: string, line: Range) => void;
  /** The line of a call that was passed over; null: there is none, or it was not. */
  readonly unread: (id: string) => Range | null;
  readonly learnt: (to: number) => Learnt;
}

/** Collects where trouble stands in a log: its lines, and those of the calls that failed or have not ended. */
export function troubleRanges(known: Learnt | null): TroubleRanges {
  const found: Range[] = [...(known?.trouble ?? [])];
  const calls = lastCalls();
  for (const { id, from, to } of known?.open ?? []) calls.set(id, { from, to, isRead: false });
  const keep = ({ from, to }: Range): void => {
    const last = found.at(-1);
    if (last !== undefined && from >= last.from && from - last.to < NEAR)
      found[found.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else found.push({ from, to });
  };
  return {
    add: (line, event) => {
      if (event.kind === 'tool_start') {
        calls.set(event.id, { ...line, isRead: true });
        return;
      }
      const isEnd = event.kind === 'tool_end';
      const call = isEnd ? calls.take(event.id) : null;
      if (isEnd ? event.ok : !isTrouble(event)) return;
      if (call !== null) keep(call);
      keep(line);
    },
    addCall: (id, line) => calls.set(id, { ...line, isRead: false }),
    unread: (id) => {
      const call = calls.get(id);
      return call === null || call.isRead ? null : call;
    },
    learnt: (to) => ({ to, trouble: joined(found), open: calls.all().map(([id, { from, to }]) => ({ id, from, to })) }),
  };
}

interface Call extends Range {
  readonly isRead: boolean;
}

/** The last so many calls, in two halves of which the older is forgotten whole: most of them went well, and nobody heard of their ends. */
function lastCalls() {
  let [newer, older] = [new Map<string, Call>(), new Map<string, Call>()];
  const get = (id: string): Call | null => newer.get(id) ?? older.get(id) ?? null;
  return {
    get,
    set: (id: string, call: Call): void => {
      if (newer.size >= MAX_CALLS) [newer, older] = [new Map(), newer];
      newer.set(id, call);
    },
    take: (id: string): Call | null => {
      const call = get(id);
      newer.delete(id);
      older.delete(id);
      return call;
    },
    all: (): readonly (readonly [string, Call])[] => [...new Map([...older, ...newer])],
  };
}

/** In their order, those that are near each other as one. */
function joined(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && from - last.to < NEAR) out[out.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else out.push({ from, to });
  }
  return out;
}

/** Counts the uses of each tool; `sums()` answers them as `sort | uniq -c` does. */
export function toolCounts(known: Readonly<Record<string, number>> = {}): {
  readonly add: (name: string) => void;
  readonly join: (more: Readonly<Record<string, number>>) => void;
  readonly counts: () => Record<string, number>;
  readonly sums: () => string;
} {
  const counts = new Map(Object.entries(known));
  return {
    join: (more) => {
      for (const [name, count] of Object.entries(more)) counts.set(name, (counts.get(name) ?? 0) + count);
    },
    counts: () => Object.fromEntries(counts),
    add: (name) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    sums: () =>
      [...counts]
        .map(([name, count]) => [JSON.stringify(name), count] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, count]) => `${String(count).padStart(7)} ${name}\n`)
        .join(''),
  };
}

/** Lines of Claude Code, by how they begin, of which only --detailed shows something. */
const SILENT = ['{"type":"control_response"', '{"type":"control_request"', '{"type":"tool_progress"'].map((words) => Buffer.from(words));
const CLOSING = '}'.charCodeAt(0);
const ITS_TIME = Buffer.from('"timestamp"');

/** Nothing of the line is shown or counted, and it moves no clock: it need not be parsed. A torn one is shown as it is. */
export const isSilent = (line: Buffer): boolean =>
  line.at(-1) === CLOSING && SILENT.some((words) => line.subarray(0, words.length).equals(words)) && !line.includes(ITS_TIME);
