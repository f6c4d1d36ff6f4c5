import type { AgentEvent } from '../../agents/words/events.ts';
import { list, object, string } from '../../agents/words/fields.ts';
import { type Find, findPattern } from './read.ts';

/** What is looked for, and where. */
export interface Query {
  /** Words as they are, upper and lower case alike; a regular expression with `regex`. */
  readonly text: string;
  readonly regex: boolean;
  /** Only in calls of this tool and their results. */
  readonly tool: string | null;
}

/** A line that holds what is looked for. */
export interface Hit {
  readonly event: AgentEvent;
  /** Who says it: `says`, `told`, the name of a tool, … */
  readonly who: string;
  readonly line: string;
  /** Where in the line the match begins, and its length. */
  readonly start: number;
  readonly length: number;
}

export interface Search {
  /** Finds every line that may hold a hit, and a few more; null: every line must be looked at. */
  readonly only: Find | null;
  /** The hits of the next event of a log, in their order. */
  readonly take: (event: AgentEvent) => readonly Hit[];
}

/** Calls without an end are forgotten past this number. */
const MAX_CALLS = 1000;

/** One search through one log. Throws SyntaxError where `regex` is none. */
export function searchOf({ text, regex, tool }: Query): Search {
  // Without the flag `u`, letters outside of ASCII match none inside of it: so the search among bytes below misses nothing.
  const pattern = new RegExp(regex ? text : escaped(text), 'i');
  const literal = regex ? null : plainPart(text);
  const calls = new Map<string, string>();
  const take = (event: AgentEvent): readonly Hit[] => {
    if (event.kind === 'tool_start') {
      if (calls.size >= MAX_CALLS) calls.clear();
      calls.set(event.id, event.name);
    }
    const name = event.kind === 'tool_start' ? event.name : event.kind === 'tool_end' ? (calls.get(event.id) ?? null) : null;
    if (tool !== null && name?.toLowerCase() !== tool.toLowerCase()) return [];
    const who = whoSays(event, name);
    return wordsOf(event)
      .flatMap((words) => words.split(/\r?\n/))
      .flatMap((line): Hit[] => {
        const found = pattern.exec(line);
        return found === null ? [] : [{ event, who, line, start: found.index, length: found[0].length }];
      });
  };
  return {
    only: literal === null ? null : findPattern(new RegExp(tool === null ? escaped(literal) : `${escaped(literal)}|tool_use"`, 'i')),
    take,
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The longest part of the words that JSON writes as it is, however it is encoded; null: there is none. */
function plainPart(text: string): string | null {
  const parts = text.split(/[^ -~]|["\\/]/).sort((a, b) => b.length - a.length);
  return parts[0] || null;
}

function whoSays(event: AgentEvent, tool: string | null): string {
  switch (event.kind) {
    case 'text':
      return 'says';
    case 'thinking':
      return 'thinks';
    case 'user':
      return event.synthetic ? 'note' : 'told';
    case 'tool_start':
      return event.name;
    case 'tool_end':
      return `${tool ?? 'tool'} ${event.ok ? '✓' : '✗'}`;
    case 'failure':
    case 'provider_error':
    case 'turn_end':
      return 'error';
    default:
      return event.kind;
  }
}

/** What a person could have read of it. A final text is the last message once more: it counts only where it is an error. */
function wordsOf(event: AgentEvent): readonly string[] {
  switch (event.kind) {
    case 'text':
    case 'thinking':
    case 'user':
    case 'note':
    case 'task':
    case 'raw':
      return [event.text];
    case 'tool_start':
      return stringsOf(event.input);
    case 'tool_end':
      return [event.output];
    case 'turn_end':
      return event.isError ? [event.text] : [];
    case 'denied':
      return [event.message];
    case 'provider_error':
      return [`${event.cause}: ${event.message}`];
    case 'failure':
      return [`${event.type}: ${event.message}`];
    case 'retry':
      return [`${event.status ?? 'network'} ${event.cause}`];
    case 'tac8':
      return [JSON.stringify(event.fields)];
    default:
      return [];
  }
}

/** Every string in a tool's parameters, however deep. */
function stringsOf(value: unknown): readonly string[] {
  const text = string(value);
  if (text !== null) return [text];
  const within = Array.isArray(value) ? list(value) : Object.values(object(value) ?? {});
  return within.flatMap(stringsOf);
}
