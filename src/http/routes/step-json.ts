import type { AgentEvent } from '../../agents/words/events.ts';
import { iso } from '../../api/iso.ts';
import type { Step } from '../../api/transcript.ts';
import { redactedIn, redactor } from '../../core/words/secrets.ts';
import { toolWords } from '../../transcript/facts/activity.ts';
import { isTrouble } from '../../transcript/read/filters.ts';
import type { PlacedEvent } from '../../transcript/read/steps.ts';

/** Characters of one string; the whole of it is asked for by itself. */
export const SHORT = 4_000;
/** Of one that is asked for by itself. */
export const WHOLE = 2_000_000;
/** The daemon has no other logins in its environment: those that tell by their shape. */
const redact = redactor([]);
const DEEP = 20;
const MANY = 2_000;

/** An event as the API gives it, its strings at most so long. */
export function stepJson({ offset, part, event: whole, pictures = [] }: PlacedEvent, most: number): Step {
  // Before it is cut: half a key is one that nobody knows.
  const event = redactedIn(whole, redact);
  const short = shortener(most);
  const { at, parent, kind, ...said } = event;
  const fields = short.value(said) as Record<string, unknown>;
  return {
    offset,
    part,
    at: iso(at),
    parent,
    kind,
    id: event.kind === 'tool_start' || event.kind === 'tool_end' || event.kind === 'task' ? event.id : null,
    name: event.kind === 'tool_start' ? event.name : null,
    ok: okOf(event),
    text: short.text(wordsOf(event)),
    event: fields,
    cut: short.isCut(),
    pictures: pictures.map((one) => (one === null ? null : { type: one.type, width: one.width, height: one.height })),
  };
}

const okOf = (event: AgentEvent): boolean | null => {
  if (event.kind === 'tool_end') return event.ok;
  if (event.kind === 'turn_end') return !event.isError;
  return isTrouble(event) && event.kind !== 'tac8' ? false : null;
};

function wordsOf(event: AgentEvent): string {
  switch (event.kind) {
    case 'text':
    case 'thinking':
    case 'user':
    case 'note':
    case 'task':
    case 'raw':
    case 'turn_end':
      return event.text;
    case 'tool_start':
      return toolWords(event.name, event.input, 500);
    case 'tool_end':
      return event.output;
    case 'denied':
      return event.message;
    case 'provider_error':
      return `${event.cause}: ${event.message}`;
    case 'failure':
      return `${event.type}: ${event.message}`;
    case 'retry':
      return `retry ${event.attempt}/${event.maxAttempts ?? '?'}: ${event.status ?? 'network'} ${event.cause}`;
    case 'rate_limit':
      return `${event.type ?? 'limit'}: ${event.status}`;
    case 'session':
      return event.model ?? '';
    case 'tac8':
      return event.event;
    case 'background':
      return event.works.map(({ text }) => text).join(', ');
    case 'heartbeat':
    case 'usage':
    case 'counted':
    case 'quiet':
      return '';
  }
}

/** Shortens what a worker wrote to something that a page can hold: strings, lists and depth. */
function shortener(most: number) {
  let isCut = false;
  const text = (words: string): string => {
    if (words.length <= most) return words;
    isCut = true;
    return `${words.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
  };
  const value = (given: unknown, depth = 0): unknown => {
    if (typeof given === 'string') return text(given);
    if (typeof given !== 'object' || given === null) return given;
    const isDeep = depth >= DEEP;
    const entries = Object.entries(given);
    if (isDeep || entries.length > MANY) isCut = true;
    if (isDeep) return null;
    const few = entries.slice(0, MANY).map(([name, one]): [string, unknown] => [name, value(one, depth + 1)]);
    return Array.isArray(given) ? few.map(([, one]) => one) : Object.fromEntries(few);
  };
  return { text, value: (given: unknown) => value(given), isCut: () => isCut };
}
