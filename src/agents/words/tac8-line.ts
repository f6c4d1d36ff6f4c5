import type { AgentEvent, Fields } from './events.ts';
import { object, string, time } from './fields.ts';

/** tac8's own lines in a run's log, or null where the line is not one of them. */
export function tac8Events(fields: Fields): readonly AgentEvent[] | null {
  const { type } = fields;
  if (type !== 'tac8' && type !== 'error') return null;
  const common = { at: time(fields.at ?? fields.time ?? fields.timestamp), parent: null };
  const run = string(fields.run);
  if (type === 'tac8') return typeof fields.event === 'string' ? [{ ...common, kind: 'tac8', event: fields.event, run, fields }] : null;
  const error = object(fields.error);
  // Other agents write lines of type "error", too: only ours name the run.
  if (run === null || error === null) return null;
  const words = { type: string(error.type) ?? 'unknown', message: string(error.message) ?? '', hint: string(error.hint) ?? '' };
  return [{ ...common, kind: 'failure', run, ...words }];
}
