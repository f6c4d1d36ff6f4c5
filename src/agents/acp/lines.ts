import type { Words } from '../ground/kind.ts';
import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { endOf, refused } from './ends.ts';
import { updateEvents } from './updates.ts';

const common: Common = { at: null, parent: null };

/** A line of an agent that speaks the protocol, as a raw log has it. Null: of another. Pure, never throws. */
export function acpEvents(fields: Fields, line: string): readonly AgentEvent[] | null {
  if (fields.jsonrpc !== '2.0') return null;
  if (fields.method === 'session/update') return updateEvents(object(object(fields.params)?.update) ?? {}, new Set(), line);
  const result = object(fields.result);
  if (result !== null && typeof result.stopReason === 'string') return [{ ...common, ...endOf(result) }];
  const session = string(result?.sessionId);
  if (session !== null) return [{ ...common, kind: 'session', session, model: null, cwd: null, version: null, mode: null }];
  const error = object(fields.error);
  if (error === null) return [{ ...common, kind: 'quiet', type: string(fields.method) ?? 'answer', line }];
  const what = { code: number(error.code), message: string(error.message) ?? 'refused', data: error.data ?? null };
  return refused(what).map((event) => ({ ...common, ...event }));
}

export const ACP_WORDS: Words = { events: acpEvents };
