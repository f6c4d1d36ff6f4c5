import type { Words } from '../ground/kind.ts';
import type { AgentEvent, Common, Fields, Said } from '../words/events.ts';
import { number, object, parseObject, string, time } from '../words/fields.ts';
import { toolCalled } from '../words/tool-called.ts';
import { messageEvents, userEvents } from './message.ts';
import { claudePrice } from './prices.ts';
import { claudeResult, claudeUsage } from './result.ts';
import { systemEvent } from './system.ts';

/**
 * One line of Claude Code's stream-json output as events. Pure, never throws.
 * What is not Claude's comes back as one `raw` event with the line as it is.
 */
export function parseClaudeLine(line: string): readonly AgentEvent[] {
  const fields = parseObject(line);
  return (fields === null ? null : claudeEvents(fields, line)) ?? [{ kind: 'raw', at: null, parent: null, text: line }];
}

/** Events of a parsed line, or null where it is not Claude's. */
export function claudeEvents(fields: Fields, line: string): readonly AgentEvent[] | null {
  const common: Common = { at: time(fields.timestamp), parent: string(fields.parent_tool_use_id) };
  switch (fields.type) {
    case 'assistant':
      return messageEvents(fields, common);
    case 'user':
      return userEvents(fields, common);
    case 'result':
      return typeof fields.is_error === 'boolean' ? [{ ...common, ...claudeResult(fields) }] : null;
    case 'system':
      return typeof fields.subtype === 'string' ? [{ ...common, ...systemEvent(fields, line) }] : null;
    case 'rate_limit_event':
      return [{ ...common, ...rateLimit(object(fields.rate_limit_info) ?? {}) }];
    case 'tool_progress':
      // What it calls its parent is the tool in hand: no sub-agent.
      return [{ ...common, parent: null, ...heartbeat(fields) }];
    case 'stream_event':
      return [{ ...common, ...(counted(object(fields.event) ?? {}) ?? { kind: 'quiet', type: 'stream_event', line }) }];
    case 'control_request':
    case 'control_response':
    case 'control_cancel_request':
    case 'command_lifecycle':
    case 'keep_alive':
      return [{ ...common, kind: 'quiet', type: String(fields.type), line }];
    default:
      return null;
  }
}

/** Of a message that is being said: what it takes in stands at its beginning, what it came to at its end. */
function counted(event: Fields): Said<'counted'> | null {
  const message = object(event.message);
  const begins = event.type === 'message_start';
  const usage = begins ? claudeUsage(object(message?.usage)) : event.type === 'message_delta' ? claudeUsage(object(event.usage)) : null;
  if (usage === null) return null;
  return { kind: 'counted', message: string(message?.id), model: string(message?.model), usage, whole: !begins };
}

const heartbeat = (fields: Fields): Said<'heartbeat'> => ({
  kind: 'heartbeat',
  tool: string(fields.tool_name),
  elapsedSeconds: number(fields.elapsed_time_seconds),
});

function rateLimit(info: Fields): Said<'rate_limit'> {
  const seconds = number(info.resetsAt);
  return {
    kind: 'rate_limit',
    status: string(info.status) ?? 'unknown',
    resetsAt: seconds === null ? null : seconds * 1000,
    type: string(info.rateLimitType),
    used: number(info.utilization),
  };
}

export const CLAUDE_WORDS: Words = { events: claudeEvents, toolCalled, price: claudePrice };
