import { endOf, refusalOf } from '../../../src/agents/claude/result.ts';
import type { AgentEvent, Common } from '../../../src/agents/words/events.ts';
import { NO_SPEND, type Spend } from '../../../src/core/model/run.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import { MODEL, REPLY } from '../judge/cost.ts';

/** Something an agent says, as the reader of its stream gives it on. */
export type Said = AgentEvent extends infer E ? (E extends Common ? Omit<E, keyof Common> : never) : never;

const used = (replies: number, outputTokens: number): Spend => ({ ...NO_SPEND, inputTokens: replies * REPLY.input, outputTokens });

/** What the agent of a run says, in the events that its real log would be read as. */
export function voiceOf(run: RunId) {
  return {
    session: (): Said => ({ kind: 'session', session: `session of ${run}`, model: MODEL, cwd: null, version: null, mode: null }),
    text: (turn: number): Said => ({ kind: 'text', text: 'Looking at it.', message: `message ${turn}`, model: MODEL, usage: used(1, 1) }),
    /** What the reply before it came to: its own words told the beginning alone. */
    counted: (turn: number): Said => ({
      kind: 'counted',
      message: `message ${turn}`,
      model: MODEL,
      usage: used(1, REPLY.output),
      whole: true,
    }),
    tool: (id: string): Said => ({
      kind: 'tool_start',
      id,
      name: 'Bash',
      input: { command: 'npm test' },
      message: `message of ${id}`,
      usage: null,
    }),
    toolEnd: (id: string): Said => ({ kind: 'tool_end', id, ok: true, output: '', detail: null }),
    refused: (cause: string): Said => ({ kind: 'provider_error', refusal: refusalOf(cause), cause, message: 'refused' }),
    limited: (until: number): Said => ({ kind: 'rate_limit', status: 'rejected', resetsAt: until, type: null, used: null }),
    lifecycle: (uuid: string, state: 'queued' | 'started'): Said => ({
      kind: 'quiet',
      type: 'command_lifecycle',
      line: JSON.stringify({ command_uuid: uuid, state }),
    }),
    raw: (): Said => ({ kind: 'raw', text: 'working' }),
  };
}

/** The end of a turn. `status`: how the provider refused it; null: it did not. */
export function turnEnd(text: string, status: number | null, replies: number, reason = 'completed'): Said {
  const isError = status !== null;
  const apiErrorStatus = status === 0 ? null : status;
  const words = { isError, subtype: 'success', terminalReason: reason };
  return {
    ...{ kind: 'turn_end', end: endOf(words), ...words, apiErrorStatus, text },
    ...{ durationMs: null, turns: null, spent: { ...used(replies, replies * REPLY.output), usd: replies * REPLY.usd }, total: null },
  };
}
