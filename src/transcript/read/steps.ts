import { parseLine } from '../../agents/line.ts';
import type { AgentEvent, EventOf } from '../../agents/words/events.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { PictureKind } from '../pictures/kind.ts';
import { picturesIn } from '../pictures/pictures.ts';
import { isTrouble, OTHER_DIALECT } from './filters.ts';
import { type LogLine, readLog, textOfLine } from './read.ts';
import { statLog } from './read-now.ts';
import { MAY_BE_TROUBLE } from './trouble.ts';

/** One event, and where it stands: the offset of its line, and which of its line it is. */
export interface PlacedEvent {
  readonly offset: number;
  readonly part: number;
  readonly event: AgentEvent;
  /** In a result; null for one that cannot be shown. */
  readonly pictures?: readonly (PictureKind | null)[];
}

/** A piece of a log. */
export interface LogPage {
  readonly events: readonly PlacedEvent[];
  /** Where the first line of the piece begins; null: nothing stands before it. */
  readonly before: number | null;
  /** Behind the last line that was looked at. */
  readonly after: number;
  readonly size: number;
  readonly writtenAt: Ms;
}

export interface PageOptions {
  /** So many events, and the rest of the line with the last one. */
  readonly limit: number;
  readonly errors: boolean;
  readonly signal: AbortSignal;
  /** Forward: lines that were said earlier are passed over. */
  readonly since?: Ms | undefined;
}

/** So much is looked at for one page; a page may be short, or empty, where little of it is wanted. */
const LOOKED_AT = 32 * 1024 * 1024;
const FIRST_WINDOW = 256 * 1024;
const WIDER = 8;
/** So much of the log's own bytes is handed out at most: events of long lines are few. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The events from a line on. Throws LogError. */
export async function pageForward(path: string, from: number, options: PageOptions): Promise<LogPage> {
  const { size, mtimeMs } = statLog(path);
  const chosen = chooser(options);
  let after = from;
  for (let window = LOOKED_AT; ; window *= WIDER) {
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, options.signal]);
    const take = (line: LogLine): void => {
      if (enough.signal.aborted) return;
      after = line.offset + line.size;
      chosen.take(line);
      if (chosen.isFull()) enough.abort();
    };
    await readLog(path, from, take, { to: from + window, signal }).catch((error: unknown) => {
      if (!enough.signal.aborted || options.signal.aborted) throw error;
    });
    // A line longer than all that was looked at would be met again for ever.
    if (after > from || from + window >= size)
      return { events: chosen.events(), before: from === 0 ? null : from, after, size, writtenAt: mtimeMs };
  }
}

/** The events of the lines before a place, which is where a line begins; null: before the end. Throws LogError. */
export async function pageBackward(path: string, to: number | null, options: PageOptions): Promise<LogPage> {
  const { size, mtimeMs } = statLog(path);
  const end = Math.min(to ?? size, size);
  for (let window = FIRST_WINDOW; ; window *= WIDER) {
    const from = Math.max(0, end - window);
    const lines: Kept[] = [];
    let [after, first] = [from === 0 ? 0 : end, end];
    let held = 0;
    const take = (line: LogLine): void => {
      // What begins in the middle of a line is no line.
      if (line.offset === from && from > 0) return;
      if (lines.length === 0) first = line.offset;
      after = line.offset + line.size;
      const kept = keptOf(line, options.errors);
      lines.push(kept);
      held += kept.bytes;
      while (held > 2 * MOST_BYTES && lines.length > 1) {
        held -= lines.shift()?.bytes ?? 0;
        first = lines[0]?.offset ?? first;
      }
    };
    await readLog(path, from, take, { to: end, signal: options.signal });
    const { events, offset } = lastOf(lines, options, first);
    const isAll = events.length >= options.limit || from === 0 || offset > first;
    if (isAll || (window >= LOOKED_AT && lines.length > 0))
      return { events, before: offset === 0 ? null : offset, after: Math.max(after, offset), size, writtenAt: mtimeMs };
  }
}

interface Kept {
  readonly offset: number;
  readonly bytes: number;
  readonly events: readonly PlacedEvent[];
}

/** Of lines without trouble that no longer than a call may be, nothing is kept. */
function keptOf(line: LogLine, errors: boolean): Kept {
  const text = textOfLine(line);
  const events = errors && !MAY_BE_TROUBLE.test(text) && !OTHER_DIALECT.test(text) ? [] : placed(line.offset, text);
  return { offset: line.offset, bytes: events.length === 0 ? 0 : line.bytes.length, events };
}

/** What comes whole by itself is not shown in pieces: of these there are a hundred for each reply. */
function placed(offset: number, text: string): readonly PlacedEvent[] {
  const events = parseLine(text);
  const pictures = picturesIn(text);
  // A line has the pictures of one result: the first of those that it ends.
  const theirs = pictures.length === 0 ? -1 : events.findIndex(({ kind }) => kind === 'tool_end' || kind === 'user');
  return events
    .map((event, part) => ({ offset, part, event, ...(part === theirs ? { pictures } : {}) }))
    .filter(({ event }) => event.kind !== 'counted' && !(event.kind === 'quiet' && event.type === 'stream_event'));
}

/** The last lines that make a page, and where the first of them begins. */
function lastOf(
  lines: readonly Kept[],
  { limit, errors }: PageOptions,
  first: number,
): { readonly events: readonly PlacedEvent[]; readonly offset: number } {
  if (errors) {
    const trouble = troubleIn(lines.flatMap(({ events }) => events));
    if (trouble.length <= limit) return { events: trouble, offset: first };
    const cut = trouble.slice(-limit);
    return { events: cut, offset: cut[0]?.offset ?? first };
  }
  let [events, bytes, n] = [0, 0, lines.length];
  for (; n > 0 && events < limit && (bytes < MOST_BYTES || events === 0); n -= 1) {
    const line = lines[n - 1];
    events += line?.events.length ?? 0;
    bytes += line?.bytes ?? 0;
  }
  return { events: lines.slice(n).flatMap((line) => line.events), offset: n === 0 ? first : (lines[n]?.offset ?? first) };
}

/** Takes lines in until a page is full. */
function chooser({ limit, errors, since }: PageOptions) {
  const all: PlacedEvent[] = [];
  let [bytes, wanted] = [0, 0];
  let isLater = since === undefined;
  return {
    take: (line: LogLine): void => {
      const kept = keptOf(line, errors);
      isLater ||= kept.events.some(({ event }) => event.at !== null && event.at >= (since ?? 0));
      if (!isLater) return;
      all.push(...kept.events);
      bytes += kept.bytes;
      wanted += errors ? kept.events.filter(({ event }) => isFailure(event)).length : kept.events.length;
    },
    isFull: () => wanted >= limit || bytes >= MOST_BYTES,
    events: () => (errors ? troubleIn(all) : all),
  };
}

const isFailure = (event: AgentEvent): boolean => (event.kind === 'tool_end' ? !event.ok : isTrouble(event));

/** What went wrong, with the calls whose results did, in the order of the log. */
function troubleIn(events: readonly PlacedEvent[]): readonly PlacedEvent[] {
  const failed = new Set(events.flatMap(({ event }) => (event.kind === 'tool_end' && !event.ok ? [event.id] : [])));
  const isCall = (event: AgentEvent): event is EventOf<'tool_start'> => event.kind === 'tool_start' && failed.has(event.id);
  return events.filter(({ event }) => isFailure(event) || isCall(event));
}

/** The events of the one line that begins there; none where no line does. Throws LogError. */
export async function eventsAt(path: string, offset: number, signal: AbortSignal): Promise<readonly PlacedEvent[]> {
  if (offset > 0 && !(await beginsAt(path, offset, signal))) return [];
  const page = await pageForward(path, offset, { limit: 1, errors: false, signal });
  return page.events.filter((one) => one.offset === offset);
}

/** Whether a line ends right before it. */
async function beginsAt(path: string, offset: number, signal: AbortSignal): Promise<boolean> {
  let isEnd = false;
  const take = ({ size }: LogLine): void => {
    isEnd = size === 1;
  };
  await readLog(path, offset - 1, take, { to: offset, signal });
  return isEnd;
}
