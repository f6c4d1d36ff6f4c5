import type { AgentEvent, Fields } from './events.ts';
import { object, string, time } from './fields.ts';

/** tac8's own lines in a run's log, or null where the line is not one of them. */
export function tac8Events(fields: Fields): readonly AgentEvent[] | null {
  const at = time(fields.at ?? fields.time ?? fields.timestamp);
  const run = string(fields.run);
  if (fields.type === 'tac8' && typeof fields.event === 'string') {
    return [{ kind: 'tac8', at, parent: null, event: fields.event, run, fields }];
  }
  const error = object(fields.error);
  // Other agents write lines of type "error", too: only ours name the run.
  if (fields.type !== 'error' || run === null || error === null) return null;
  const words = { type: string(error.type) ?? 'unknown', message: string(error.message) ?? '', hint: string(error.hint) ?? '' };
  return [{ kind: 'failure', at, parent: null, run, ...words }];
}
