import type { Fields, Said } from '../words/events.ts';
import { list, number, object, string } from '../words/fields.ts';
import { claudeUsage, computed, refusalOf } from './result.ts';

type SystemEvent =
  | Said<'session'>
  | Said<'usage'>
  | Said<'retry'>
  | Said<'task'>
  | Said<'background'>
  | Said<'denied'>
  | Said<'note'>
  | Said<'quiet'>;

/** A `system` line. Subtypes nobody here knows stay quiet: new versions add some. */
export function systemEvent(fields: Fields, line: string): SystemEvent {
  const subtype = string(fields.subtype) ?? '';
  const quiet: Said<'quiet'> = { kind: 'quiet', type: `system ${subtype}`, line };
  switch (subtype) {
    case 'init':
      return session(fields);
    case 'api_retry':
      return retry(fields);
    case 'usage':
      return usage(fields, quiet);
    case 'task_started':
    case 'task_notification':
      return task(fields, subtype === 'task_started' ? 'started' : (string(fields.status) ?? 'ended'));
    case 'background_tasks_changed':
      return { kind: 'background', works: list(fields.tasks).map(work) };
    case 'permission_denied':
      return { kind: 'denied', tool: string(fields.tool_name) ?? 'tool', message: string(fields.message) ?? '' };
    case 'informational':
    case 'model_fallback':
      return note(string(fields.content), quiet);
    case 'hook_response':
      // Hooks that had nothing to say are no news.
      return fields.outcome === 'success' && !string(fields.output) ? quiet : hook(fields);
    default:
      return quiet;
  }
}

const note = (text: string | null, otherwise: Said<'quiet'>): Said<'note'> | Said<'quiet'> => (text ? { kind: 'note', text } : otherwise);

const session = (fields: Fields): Said<'session'> => ({
  kind: 'session',
  session: string(fields.session_id) ?? '',
  model: string(fields.model),
  cwd: string(fields.cwd),
  version: string(fields.claude_code_version),
  mode: string(fields.permissionMode),
});

/** Written by the client of an agent that says it apart. */
function usage(fields: Fields, otherwise: Said<'quiet'>): Said<'usage'> | Said<'quiet'> {
  const used = claudeUsage(object(fields.usage));
  if (used === null) return otherwise;
  return { kind: 'usage', usage: computed(fields, { ...used, usd: number(fields.total_cost_usd) ?? 0 }) };
}

const retry = (fields: Fields): Said<'retry'> => ({
  kind: 'retry',
  attempt: number(fields.attempt) ?? 1,
  maxAttempts: number(fields.max_retries),
  delayMs: number(fields.retry_delay_ms),
  status: number(fields.error_status),
  refusal: refusalOf(string(fields.error)),
  cause: string(fields.error) ?? 'unknown',
});

const task = (fields: Fields, state: string): Said<'task'> => ({
  kind: 'task',
  id: string(fields.task_id) ?? '',
  state,
  tool: string(fields.tool_use_id),
  text: string(fields.summary) ?? string(fields.description) ?? '',
  agent: fields.task_type === 'local_agent' || object(fields.usage) !== null,
  background: typeof fields.is_backgrounded === 'boolean' ? fields.is_backgrounded : null,
});

function work(value: unknown): { readonly id: string; readonly text: string } {
  const fields = object(value) ?? {};
  const id = string(fields.task_id) ?? '';
  return { id, text: string(fields.description) ?? id };
}

const hook = (fields: Fields): Said<'note'> => ({
  kind: 'note',
  text: `hook ${string(fields.hook_name) ?? ''}: ${string(fields.outcome) ?? ''} ${string(fields.output) ?? ''}`.trim(),
});
