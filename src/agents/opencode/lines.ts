import type { Words } from '../ground/kind.ts';
import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { turnEnded } from '../words/turn-end.ts';
import { failedTurn, isAborted, retryOf } from './errors.ts';
import { isWhole, partEvents } from './parts.ts';

/** A line of `opencode run --format json`, or an event of its server as a raw log has it. Null: of neither. Pure, never throws. */
export function opencodeEvents(fields: Fields, line: string): readonly AgentEvent[] | null {
  if (string(fields.id)?.startsWith('evt_') === true) return told(fields, line);
  const session = string(fields.sessionID);
  if (session === null) return null;
  const common: Common = { at: number(fields.timestamp), parent: null };
  const part = object(fields.part) ?? {};
  switch (fields.type) {
    case 'step_start':
      return [{ ...common, ...opened(session) }];
    case 'text':
    case 'reasoning':
    case 'tool_use':
      return partEvents(part, common);
    case 'step_finish':
      // What a step came to is said with it, and the end says nothing of its own.
      return [...partEvents(part, common), ...(part.reason === 'stop' ? [{ ...common, ...turnEnded('completed') }] : [])];
    case 'error':
      return [{ ...common, ...opened(session) }, ...failedTurn(object(fields.error) ?? {}).map((event) => ({ ...common, ...event }))];
    default:
      return null;
  }
}

const opened = (session: string) => ({ kind: 'session', session, model: null, cwd: null, version: null, mode: null }) as const;

/** When a conversation began: what is said of it later has that time as well. */
const createdIn = (type: string, properties: Fields): number | null =>
  type === 'session.created' ? number(object(object(properties.info)?.time)?.created) : null;

/** A text that the model says has the time at which it began; one that it is sent is there at once. */
const isToModel = (part: Fields): boolean => part.type === 'text' && object(part.time) === null;

function told(fields: Fields, line: string): readonly AgentEvent[] {
  const type = string(fields.type) ?? '';
  const properties = object(fields.properties) ?? {};
  const part = object(properties.part) ?? {};
  const common: Common = { at: number(properties.time) ?? createdIn(type, properties), parent: null };
  const status = object(properties.status) ?? {};
  const error = object(properties.error) ?? {};
  switch (type) {
    case 'session.created':
      return [{ ...common, ...opened(string(properties.sessionID) ?? '') }];
    case 'message.part.updated':
      if (isToModel(part)) return [{ ...common, kind: 'user', text: string(part.text) ?? '', synthetic: part.synthetic === true }];
      return isWhole(part) ? partEvents(part, common) : [{ ...common, kind: 'quiet', type, line }];
    case 'session.status':
      return [{ ...common, ...(status.type === 'retry' ? retryOf(status, null) : ({ kind: 'quiet', type, line } as const)) }];
    case 'session.error':
      return (isAborted(error) ? [turnEnded('interrupted')] : failedTurn(error)).map((event) => ({ ...common, ...event }));
    case 'session.idle':
      return [{ ...common, ...turnEnded('completed') }];
    default:
      return [{ ...common, kind: 'quiet', type, line }];
  }
}

export const OPENCODE_WORDS: Words = { events: opencodeEvents };
