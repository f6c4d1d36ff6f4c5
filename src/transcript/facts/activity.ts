import type { AgentEvent } from '../../agents/words/events.ts';
import { object, string } from '../../agents/words/fields.ts';
import { redactor } from '../../core/words/secrets.ts';
import { cleanLine } from '../show/clean.ts';

/** Which of a tool's parameters tells what it does; the first one there counts. */
const TELLING = [
  'command',
  'cmd',
  'file_path',
  'filePath',
  'notebook_path',
  'path',
  'pattern',
  'query',
  'url',
  'description',
  'prompt',
  'skill',
  'subject',
];
const MAX = 200;
/** It is shown in many places, and posted. */
const redact = redactor([]);

/** A tool call in a few words: `Bash: npm test`. */
export function toolWords(name: string, input: unknown, max = MAX): string {
  const fields = object(input);
  const keys = name === 'Grep' || name === 'Glob' ? ['pattern', ...TELLING] : TELLING;
  const telling = fields === null ? null : keys.map((key) => string(fields[key])).find((value) => value !== null && value !== '');
  return telling ? oneLine(`${name}: ${telling}`, max) : name;
}

/** What an event says the agent is doing; null: nothing that changes it. */
export function activityOf(event: AgentEvent): string | null {
  switch (event.kind) {
    case 'tool_start':
      return toolWords(event.name, event.input);
    case 'text':
      return event.text.trim() === '' ? null : `says: ${oneLine(event.text, MAX)}`;
    case 'thinking':
      return 'thinking';
    case 'retry':
      return `retry ${event.attempt}/${event.maxAttempts ?? '?'}: ${event.status ?? 'network'} ${event.cause}`;
    case 'rate_limit':
      return event.status === 'rejected' ? 'usage limit reached' : null;
    case 'provider_error':
      return `error: ${oneLine(event.message || event.cause, MAX)}`;
    case 'turn_end':
      return event.isError ? 'turn ended with an error' : 'turn ended';
    case 'raw':
      return oneLine(event.text, MAX) || null;
    default:
      return null;
  }
}

/** The first line that says something, cut to `max` characters. */
export function oneLine(text: string, max: number): string {
  // Before it is cut: half a key is one that nobody knows.
  const start = redact(text.slice(0, max * 8)).trimStart();
  const end = start.search(/[\r\n]/);
  const line = cleanLine((end < 0 ? start : start.slice(0, end)).trimEnd());
  const characters = [...line];
  if (characters.length > max) return `${characters.slice(0, max - 1).join('')}…`;
  return end >= 0 && start.slice(end).trim() !== '' ? `${line} …` : line;
}
