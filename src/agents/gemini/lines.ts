import type { Words } from '../ground/kind.ts';
import type { AgentEvent, Common, Fields, Said } from '../words/events.ts';
import { object, parseObject, string, time } from '../words/fields.ts';
import { refusalIn, statusIn } from '../words/provider.ts';
import { turnEnded } from '../words/turn-end.ts';
import { spendOf } from './spent.ts';

/** The names that readers of logs know; any other tool keeps its own. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['run_shell_command', 'Bash'],
  ['write_file', 'Write'],
  ['replace', 'Edit'],
  ['read_file', 'Read'],
  ['read_many_files', 'Read'],
  ['search_file_content', 'Grep'],
  ['grep_search', 'Grep'],
  ['glob', 'Glob'],
  ['list_directory', 'LS'],
  ['web_fetch', 'WebFetch'],
  ['google_web_search', 'WebSearch'],
]);

/** A line of `gemini -p … -o stream-json`. Null: of another. Pure, never throws. */
export function geminiEvents(fields: Fields): readonly AgentEvent[] | null {
  const common: Common = { at: time(fields.timestamp), parent: null };
  const said = { ...common, message: null, usage: null };
  switch (fields.type) {
    case 'init': {
      const session = string(fields.session_id);
      if (session === null) return null;
      return [{ ...common, kind: 'session', session, model: string(fields.model), cwd: null, version: null, mode: null }];
    }
    case 'message': {
      const text = string(fields.content);
      if (text === null || string(fields.role) === null) return null;
      return [fields.role === 'user' ? { ...common, kind: 'user', text, synthetic: false } : { ...said, kind: 'text', text }];
    }
    case 'tool_use': {
      const [id, name] = [string(fields.tool_id), string(fields.tool_name)];
      if (id === null || name === null) return null;
      return [{ ...said, kind: 'tool_start', id, name: NAMES.get(name) ?? name, input: fields.parameters ?? {} }];
    }
    case 'tool_result': {
      const id = string(fields.tool_id);
      if (id === null) return null;
      const output = string(fields.output) ?? string(object(fields.error)?.message) ?? '';
      return [{ ...common, kind: 'tool_end', id, ok: fields.status === 'success', output, detail: null }];
    }
    case 'error':
      if (typeof fields.message !== 'string' || typeof fields.severity !== 'string') return null;
      return [{ ...common, kind: 'note', text: fields.message }];
    case 'result':
      if (object(fields.stats) === null && object(fields.error) === null) return null;
      return ended(fields).map((event) => ({ ...common, ...event }));
    default:
      return null;
  }
}

function ended(fields: Fields): readonly (Said<'turn_end'> | Said<'provider_error'>)[] {
  const spent = spendOf(object(fields.stats));
  const error = object(fields.error);
  if (fields.status === 'success' || error === null) return [turnEnded('completed', { spent })];
  const given = string(error.message) ?? 'an error without words';
  // `[API Error: {"error":{"code":400,…}}]`
  const inner = object(parseObject(given.slice(given.indexOf('{'), given.lastIndexOf('}') + 1))?.error);
  const message = string(inner?.message) ?? given;
  if (error.type === 'FatalTurnLimitedError') return [turnEnded('turns', { spent, text: message })];
  const status = typeof inner?.code === 'number' ? inner.code : statusIn(given);
  return [
    { kind: 'provider_error', refusal: refusalIn(given), cause: string(error.type) ?? 'error', message },
    turnEnded('refused', { spent, text: message, apiErrorStatus: status }),
  ];
}

export const GEMINI_WORDS: Words = { events: geminiEvents };
