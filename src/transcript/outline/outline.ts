import { parseLine } from '../../agents/line.ts';
import type { AgentEvent, EventOf } from '../../agents/words/events.ts';
import { time } from '../../agents/words/fields.ts';
import { EMPTY_STREAM, type StreamFacts } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import { redactor } from '../../core/words/secrets.ts';
import { tallied } from '../facts/spent.ts';
import type { LogLine } from '../read/read.ts';
import { type Doing, doingOf } from './doings.ts';

/** A step that a reader looks for. */
export interface Mark {
  readonly kind: 'error' | 'edit' | 'test' | 'limit' | 'told';
  readonly offset: number;
  readonly part: number;
  readonly at: Ms | null;
  /** Of an edit or a test run: whether it went well. */
  readonly ok: boolean | null;
  /** The path of an edit, the command of a test run, what went wrong. */
  readonly text: string;
}

/** A line of the log, by its number: where it begins, and when it was said. */
export interface Milestone {
  readonly line: number;
  readonly offset: number;
  readonly at: Ms | null;
}

/** What the run had come to by then, in dollars. */
export interface CostPoint {
  readonly offset: number;
  readonly usd: number;
}

/** A run in short: what stands where in its log. It grows with the log. */
export interface Outline {
  /** By when they had ended; at most so many, then `isCut`. */
  readonly marks: readonly Mark[];
  readonly isCut: boolean;
  /** Every so manieth line, with the first one. */
  readonly milestones: readonly Milestone[];
  readonly costs: readonly CostPoint[];
  readonly lines: number;
  /** Behind the last line that was looked at. */
  readonly after: number;
  readonly last: Ms | null;
}

const MOST_MARKS = 20_000;
/** When there are more, every second one goes. */
const MOST_PLACES = 512;
const MOST_CALLS = 1000;
const MOST_TEXT = 200;
const redact = redactor([]);

/** A call that has not ended. */
export interface OpenCall {
  readonly offset: number;
  readonly part: number;
  readonly at: Ms | null;
  readonly name: string;
  readonly doing: Doing | null;
}

/** All that an outline needs to go on from where it stands. */
export interface Kept extends Outline {
  /** A milestone is set every so many lines. */
  readonly every: number;
  readonly calls: readonly (readonly [id: string, call: OpenCall])[];
  readonly facts: Pick<StreamFacts, 'model' | 'prices' | 'spend' | 'unsettled'>;
}

const NOTHING: Kept = {
  ...{ marks: [], isCut: false, milestones: [], costs: [], lines: 0, after: 0, last: null },
  ...{ every: 1, calls: [], facts: { model: null, spend: EMPTY_STREAM.spend } },
};

export interface Outlining {
  readonly take: (line: LogLine) => void;
  readonly now: () => Outline;
  readonly kept: () => Kept;
}

/** Begins with an empty log, or with what is kept of one; each line is taken once, in their order. */
export function createOutline(begun: Kept = NOTHING): Outlining {
  const marks: Mark[] = [...begun.marks];
  let milestones: Milestone[] = [...begun.milestones];
  let costs: CostPoint[] = [...begun.costs];
  let { lines, after, every, isCut, last } = begun;
  let facts: StreamFacts = { ...EMPTY_STREAM, ...begun.facts };
  const calls = new Map<string, OpenCall>(begun.calls);

  const add = (mark: Mark): void => {
    if (marks.length < MOST_MARKS) marks.push({ ...mark, text: redact(mark.text.slice(0, 8 * MOST_TEXT)).slice(0, MOST_TEXT) });
    else isCut = true;
  };
  const begin = (event: EventOf<'tool_start'>, place: Omit<OpenCall, 'name' | 'doing'>): void => {
    if (calls.size >= MOST_CALLS) calls.clear();
    calls.set(event.id.slice(0, MOST_TEXT), { ...place, name: event.name.slice(0, MOST_TEXT), doing: doingOf(event) });
  };
  const end = (id: string, ok: boolean, at: Ms | null, here: { readonly offset: number; readonly part: number }, said = ''): void => {
    const key = id.slice(0, MOST_TEXT);
    const call = calls.get(key);
    calls.delete(key);
    const doing = call?.doing ?? null;
    const place = { offset: call?.offset ?? here.offset, part: call?.part ?? here.part, at: call?.at ?? at };
    if (doing !== null) add({ kind: doing.kind, ...place, ok, text: doing.kind === 'edit' ? doing.path : doing.command });
    else if (!ok)
      add({ kind: 'error', ...place, ok: null, text: [call?.name ?? 'a call', firstLine(said)].filter((part) => part !== '').join(': ') });
  };
  const hear = (event: AgentEvent, offset: number, part: number): void => {
    last = event.at ?? last;
    const place = { offset, part, at: event.at ?? last };
    if (event.kind === 'tool_start') begin(event, place);
    else if (event.kind === 'tool_end') end(event.id, event.ok, event.at, { offset, part }, event.output);
    else {
      const mark = markOf(event);
      if (mark !== null) add({ ...mark, ...place, ok: null });
    }
    const before = facts.spend.usd;
    facts = tallied(facts, event);
    if (facts.spend.usd === before) return;
    costs.push({ offset, usd: facts.spend.usd });
    if (costs.length > MOST_PLACES) costs = costs.filter((_, index) => index % 2 === 1);
  };
  return {
    take: (line) => {
      if (lines % every === 0) milestones.push({ line: lines, offset: line.offset, at: last });
      if (milestones.length > MOST_PLACES) {
        milestones = milestones.filter((_, index) => index % 2 === 0);
        every *= 2;
      }
      lines += 1;
      after = line.offset + line.size;
      const text = line.bytes.toString('utf8');
      const brief = briefly(text);
      if (brief === null) for (const [part, event] of parseLine(text).entries()) hear(event, line.offset, part);
      else {
        last = brief.at ?? last;
        if (brief.model !== null) facts = { ...facts, model: brief.model };
        for (const [part, id] of brief.calls.entries())
          if (calls.has(id.slice(0, MOST_TEXT))) end(id, true, last, { offset: line.offset, part });
      }
    },
    now: () => ({ marks, isCut, milestones, costs, lines, after, last }),
    kept: () => {
      const { model, prices, spend, unsettled } = facts;
      const own = { model, spend, ...(prices !== undefined && { prices }), ...(unsettled !== undefined && { unsettled }) };
      return { marks, isCut, milestones, costs, lines, after, last, every, calls: [...calls], facts: own };
    },
  };
}

/** What a result says first: enough to tell one error from another. */
function firstLine(text: string): string {
  const line = text.slice(0, 8 * MOST_TEXT).trimStart();
  const end = line.indexOf('\n');
  return end === -1 ? line : line.slice(0, end);
}

function markOf(event: AgentEvent): Pick<Mark, 'kind' | 'text'> | null {
  switch (event.kind) {
    case 'failure':
      return { kind: 'error', text: `${event.type}: ${event.message}` };
    case 'provider_error':
      return { kind: 'error', text: `${event.cause}: ${event.message}` };
    case 'denied':
      return { kind: 'error', text: `${event.tool} was denied` };
    case 'turn_end':
      return event.isError ? { kind: 'error', text: event.text || event.subtype } : null;
    case 'retry':
      return { kind: 'limit', text: `retry ${event.attempt}: ${event.status ?? 'network'} ${event.cause}` };
    case 'rate_limit':
      return event.status === 'rejected' ? { kind: 'limit', text: 'usage limit reached' } : null;
    case 'user':
      return event.synthetic ? null : { kind: 'told', text: event.text };
    default:
      return null;
  }
}

/** All that matters here of a line that is not parsed. */
interface Brief {
  /** The calls that it ends well. */
  readonly calls: readonly string[];
  readonly at: Ms | null;
  /** That a session begins with. */
  readonly model: string | null;
}

const RESULT_OF = '"tool_use_id":"';
const SAID_AT = '"timestamp":"';
const MODEL = '"model":"';
const INIT = '{"type":"system","subtype":"init"';
/** Of these nothing matters but when they were said. */
const SILENT = ['{"type":"control_response"', '{"type":"control_request"', '{"type":"tool_progress"'];

/**
 * What a line of Claude Code's says, where that is told by a few words of it: results and beginnings of sessions are the longest lines of a log, and
 * are not parsed for it. Null: it must be parsed. What a result says stands there with its quotes escaped, and looks like none of these words.
 */
function briefly(line: string): Brief | null {
  if (line.startsWith('{"type":"stream_event"')) return line.includes('"usage"') ? null : { calls: [], at: null, model: null };
  const isInit = line.startsWith(INIT);
  if (isInit || SILENT.some((beginning) => line.startsWith(beginning))) {
    const [said, model] = [wordsAfter(line, SAID_AT), isInit ? wordsAfter(line, MODEL) : []];
    // Said twice, it is one's own and that of something within.
    if (said.length > 1 || model.length > 1 || !line.endsWith('}')) return null;
    return { calls: [], at: time(said[0]), model: model[0] ?? null };
  }
  if (!line.startsWith('{"type":"user"') || /"is_error"\s*:\s*true/.test(line)) return null;
  const calls = wordsAfter(line, RESULT_OF);
  return calls.length === 0 ? null : { calls, at: time(wordsAfter(line, SAID_AT)[0]), model: null };
}

/** What stands behind each of these words, up to the next quote. */
function wordsAfter(line: string, words: string): readonly string[] {
  const found: string[] = [];
  for (let at = line.indexOf(words); at >= 0; at = line.indexOf(words, at + 1)) {
    const from = at + words.length;
    found.push(line.slice(from, line.indexOf('"', from)));
  }
  return found;
}
