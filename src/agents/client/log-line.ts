import type { Refusal, Spend } from '../../core/model/run.ts';
import type { AgentEvent, EventOf } from '../words/events.ts';

/*
 * What an agent did, as a line of the run's log: in the shape of Claude Code's stream-json, whoever the agent is. What people and programs do
 * with logs is the same for all of them then. `agents/claude` reads it back.
 */

/** Of the conversation that a line belongs to. */
export interface Conversation {
  readonly session: string | null;
  readonly model: string | null;
}

/** The line without its end, or null for what has no place in that shape. */
export function logLine(event: AgentEvent, { session, model }: Conversation, now: string): string | null {
  const fields = fieldsOf(event, model);
  if (fields === null) return null;
  const at = event.at === null ? now : new Date(event.at).toISOString();
  return JSON.stringify({ ...fields, parent_tool_use_id: event.parent, session_id: session, timestamp: at });
}

function fieldsOf(event: AgentEvent, model: string | null): object | null {
  switch (event.kind) {
    case 'session':
      return {
        ...{ type: 'system', subtype: 'init', cwd: event.cwd, model: event.model },
        ...{ agent_version: event.version, permissionMode: event.mode },
      };
    case 'text':
      return assistant(event, model, { type: 'text', text: event.text });
    case 'thinking':
      return assistant(event, model, { type: 'thinking', thinking: event.text });
    case 'tool_start':
      return assistant(event, model, { type: 'tool_use', id: event.id, name: event.name, input: event.input ?? {} });
    case 'tool_end':
      return toolEnd(event);
    case 'user':
      return {
        type: 'user',
        message: { role: 'user', content: event.text },
        ...(event.synthetic ? { isSynthetic: true } : { isReplay: true }),
        ...(event.ours === true ? { by: 'tac8' } : {}),
      };
    case 'usage':
      return { type: 'system', subtype: 'usage', usage: usageOf(event.usage), ...dollarsOf(event.usage) };
    case 'heartbeat':
      return { type: 'tool_progress', tool_name: event.tool, elapsed_time_seconds: event.elapsedSeconds, heartbeat: true };
    case 'retry':
      return {
        ...{ type: 'system', subtype: 'api_retry', attempt: event.attempt, max_retries: event.maxAttempts },
        ...{ retry_delay_ms: event.delayMs, error_status: event.status, error: causeOf(event.refusal, event.cause) },
      };
    case 'rate_limit':
      return {
        type: 'rate_limit_event',
        rate_limit_info: {
          ...{ status: event.status, resetsAt: event.resetsAt === null ? null : Math.ceil(event.resetsAt / 1000) },
          ...{ rateLimitType: event.type, utilization: event.used },
        },
      };
    case 'provider_error':
      return {
        ...{ type: 'assistant', error: causeOf(event.refusal, event.cause) },
        message: { model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text: event.message }] },
      };
    case 'background':
      return {
        ...{ type: 'system', subtype: 'background_tasks_changed' },
        tasks: event.works.map(({ id, text }) => ({ task_id: id, description: text })),
      };
    case 'turn_end':
      return turnEnd(event, model);
    case 'denied':
      return { type: 'system', subtype: 'permission_denied', tool_name: event.tool, message: event.message };
    case 'note':
      return { type: 'system', subtype: 'informational', content: event.text };
    default:
      return null;
  }
}

type Reply = EventOf<'text'> | EventOf<'thinking'> | EventOf<'tool_start'>;

const assistant = ({ message, usage }: Reply, model: string | null, block: object): object => ({
  type: 'assistant',
  message: { id: message, model, role: 'assistant', content: [block], ...(usage === null ? {} : { usage: usageOf(usage) }) },
});

const toolEnd = ({ id, ok, output, detail }: EventOf<'tool_end'>): object => ({
  type: 'user',
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: output, is_error: !ok }] },
  ...(detail === null || detail === undefined ? {} : { tool_use_result: detail }),
});

const usageOf = (spend: Spend): object => ({
  input_tokens: spend.inputTokens,
  output_tokens: spend.outputTokens,
  cache_read_input_tokens: spend.cacheReadTokens,
  cache_creation_input_tokens: spend.cacheWriteTokens,
});

/** Whether they come from a table of prices is said with them. */
const dollarsOf = ({ usd, usdEstimated = 0 }: Spend): object =>
  usd === 0 ? {} : { total_cost_usd: usd, ...(usdEstimated > 0 ? { cost_is_computed: true } : {}) };

function turnEnd(event: EventOf<'turn_end'>, model: string | null): object {
  const { spent } = event;
  const counted = spent && {
    ...{ total_cost_usd: spent.usd, ...dollarsOf(spent) },
    usage: usageOf(spent),
    model_usage_since_last_result: {
      [model ?? 'unknown']: {
        ...{ inputTokens: spent.inputTokens, outputTokens: spent.outputTokens, costUSD: spent.usd },
        ...{ cacheReadInputTokens: spent.cacheReadTokens, cacheCreationInputTokens: spent.cacheWriteTokens },
      },
    },
  };
  return {
    ...{ type: 'result', subtype: event.subtype, is_error: event.isError, terminal_reason: event.terminalReason },
    ...{ api_error_status: event.apiErrorStatus, result: event.text, duration_ms: event.durationMs, num_turns: event.turns },
    ...counted,
  };
}

const CAUSES: Readonly<Record<Refusal, string>> = {
  money: 'billing_error',
  login: 'authentication_failed',
  limit: 'rate_limit',
  request: 'invalid_request',
};

const causeOf = (refusal: Refusal | null, cause: string): string => (refusal === null ? cause : CAUSES[refusal]);
