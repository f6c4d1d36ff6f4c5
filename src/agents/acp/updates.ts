import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { list, object, string } from '../words/fields.ts';

const common: Common = { at: null, parent: null };

/** What `session/update` tells. A tool is told of again and again: `known` are those that have begun. */
export function updateEvents(update: Fields, known: Set<string>, line: string): readonly AgentEvent[] {
  const text = string(object(update.content)?.text) ?? '';
  const said = { ...common, message: null, usage: null };
  switch (update.sessionUpdate) {
    case 'agent_message_chunk':
      return [{ ...said, kind: 'text', text }];
    case 'agent_thought_chunk':
      return [{ ...said, kind: 'thinking', text }];
    case 'tool_call':
    case 'tool_call_update':
      return toolEvents(update, known);
    default:
      return [{ ...common, kind: 'quiet', type: string(update.sessionUpdate) ?? 'session/update', line }];
  }
}

function toolEvents(update: Fields, known: Set<string>): readonly AgentEvent[] {
  const id = string(update.toolCallId) ?? '';
  const isOver = update.status === 'completed' || update.status === 'failed';
  // Some name the tool first and say what it is to do when it begins.
  const begins = !known.has(id) && (isOver || update.status === 'in_progress');
  const start: AgentEvent = { ...common, kind: 'tool_start', id, ...toolOf(update), message: null, usage: null };
  const end: AgentEvent = { ...common, kind: 'tool_end', id, ok: update.status === 'completed', output: outputOf(update), detail: null };
  if (begins) known.add(id);
  return [...(begins ? [start] : []), ...(isOver ? [end] : [])];
}

/** The names that readers of logs know, by the protocol's kinds. */
const NAMES: ReadonlyMap<unknown, string> = new Map([
  ['execute', 'Bash'],
  ['edit', 'Edit'],
  ['read', 'Read'],
  ['search', 'Grep'],
  ['fetch', 'WebFetch'],
]);

function toolOf(update: Fields): { readonly name: string; readonly input: unknown } {
  const title = string(update.title) ?? '';
  const name = NAMES.get(update.kind) ?? (title.split(' ')[0] || 'tool');
  const given = object(update.rawInput) ?? {};
  if (name === 'Bash') return { name, input: { ...given, command: string(given.command) ?? title } };
  const path = string(object(list(update.locations)[0])?.path);
  return {
    name,
    input: { ...(path === null ? {} : { file_path: path }), ...given, ...(path === null && title !== '' ? { description: title } : {}) },
  };
}

const outputOf = (update: Fields): string =>
  list(update.content)
    .map((part) => string(object(object(part)?.content)?.text) ?? '')
    .filter((text) => text !== '')
    .join('\n') ||
  (string(object(update.rawOutput)?.output) ?? '');
