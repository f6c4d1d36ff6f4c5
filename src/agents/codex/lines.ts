import type { Spend } from '../../core/model/run.ts';
import type { Words } from '../ground/kind.ts';
import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { turnEnded } from '../words/turn-end.ts';
import { failedTurn, retryOf } from './errors.ts';
import { itemEvents } from './items.ts';
import { notified } from './notifications.ts';

/** A line of `codex exec --json`, or of its app-server. Null: of neither. Pure, never throws. */
export function codexEvents(fields: Fields, line: string): readonly AgentEvent[] | null {
  if (typeof fields.method === 'string') return notified(fields.method, object(fields.params) ?? {}, number(fields.emittedAtMs), line);
  const common: Common = { at: null, parent: null };
  const item = object(fields.item);
  switch (fields.type) {
    case 'thread.started':
      return [{ ...common, kind: 'session', session: string(fields.thread_id) ?? '', model: null, cwd: null, version: null, mode: null }];
    case 'turn.started':
      return [{ ...common, kind: 'quiet', type: 'turn.started', line }];
    case 'item.started':
      return item === null ? null : itemEvents(item, 'started', common);
    case 'item.completed':
      return item === null ? null : itemEvents(item, 'completed', common);
    case 'item.updated':
      return [{ ...common, kind: 'quiet', type: 'item.updated', line }];
    case 'turn.completed':
      return [{ ...common, ...turnEnded('completed', { spent: spendOf(object(fields.usage)) }) }];
    case 'turn.failed':
      return failedTurn(object(fields.error) ?? {}).map((event) => ({ ...common, ...event }));
    case 'error':
      // Only with its words beside the type: other agents have an object there.
      if (typeof fields.message !== 'string') return null;
      return /^Reconnecting/.test(fields.message)
        ? [{ ...common, ...retryOf(fields) }]
        : [{ ...common, kind: 'note', text: fields.message }];
    default:
      return null;
  }
}

function spendOf(usage: Fields | null): Spend | null {
  if (usage === null) return null;
  const cached = number(usage.cached_input_tokens) ?? 0;
  return {
    inputTokens: Math.max(0, (number(usage.input_tokens) ?? 0) - cached),
    outputTokens: number(usage.output_tokens) ?? 0,
    cacheReadTokens: cached,
    cacheWriteTokens: number(usage.cache_write_input_tokens) ?? 0,
    usd: 0,
  };
}

export const CODEX_WORDS: Words = { events: codexEvents };
