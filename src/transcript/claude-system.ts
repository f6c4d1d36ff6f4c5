import type { Fields, Said } from './events.ts';
import { number, object, string } from './fields.ts';

type SystemEvent = Said<'session'> | Said<'retry'> | Said<'task'> | Said<'denied'> | Said<'note'> | Said<'quiet'>;

/** A `system` line. Subtypes nobody here knows stay quiet: new versions add some. */
export function systemEvent(fields: Fields, line: string): SystemEvent {
  const subtype = string(fields.subtype) ?? '';
  const quiet: Said<'quiet'> = { kind: 'quiet', type: `system ${subtype}`, line };
  switch (subtype) {
    case 'init':
      return session(fields);
    case 'api_retry':
      return retry(fields);
    case 'task_started':
    case 'task_notification':
      return task(fields, subtype === 'task_started' ? 'started' : (string(fields.status) ?? 'ended'));
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

const retry = (fields: Fields): Said<'retry'> => ({
  kind: 'retry',
  attempt: number(fields.attempt) ?? 1,
  maxAttempts: number(fields.max_retries),
  delayMs: number(fields.retry_delay_ms),
  status: number(fields.error_status),
  cause: string(fields.error) ?? 'unknown',
});

const task = (fields: Fields, state: string): Said<'task'> => ({
  kind: 'task',
  id: string(fields.task_id) ?? '',
  state,
  tool: string(fields.tool_use_id),
  text: string(fields.summary) ?? string(fields.description) ?? '',
  agent: fields.task_type === 'local_agent' || object(fields.usage) !== null,
});

const hook = (fields: Fields): Said<'note'> => ({
  kind: 'note',
  text: `hook ${string(fields.hook_name) ?? ''}: ${string(fields.outcome) ?? ''} ${string(fields.output) ?? ''}`.trim(),
});
