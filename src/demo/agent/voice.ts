import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';

/** How a turn ended, as Claude Code says it. */
export type TurnEnd =
  | { readonly kind: 'completed'; readonly text: string }
  /** Interrupted in a tool: no result text. */
  | { readonly kind: 'aborted' };

export interface Voice {
  init(): void;
  say(text: string): void;
  /** Answers the call's id. */
  toolUse(name: string, input: Readonly<Record<string, unknown>>): string;
  toolResult(id: string, content: string, ok: boolean): void;
  result(end: TurnEnd): void;
  /** Confirms a control request. */
  confirm(requestId: string): void;
}

const MODEL = 'scripted-1';
/** What each message is said to cost, so that turns, tokens and dollars have something to show. */
const PER_MESSAGE = { input_tokens: 1200, output_tokens: 45, cache_read_input_tokens: 800, cache_creation_input_tokens: 0 };
const USD_PER_MESSAGE = 0.004;
/** The same by the million tokens, in the words of tac8.yaml. */
export const PRICES = { [MODEL]: { input: 2.5, output: 10, cached: 0.6875 } };

/** Speaks Claude Code's stream-json, one whole line per write; by default on file descriptor 1. */
export function createVoice(session: string, cwd: string, write: (line: string) => void = (line) => void writeSync(1, line)): Voice {
  const startedAt = Date.now();
  let messages = 0;
  const line = (fields: object): void => {
    write(`${JSON.stringify({ ...fields, session_id: session, uuid: randomUUID() })}\n`);
  };
  const assistant = (block: object): void => {
    messages += 1;
    const message = { id: `msg_demo_${messages}`, type: 'message', role: 'assistant', model: MODEL, content: [block], stop_reason: null };
    line({ type: 'assistant', message: { ...message, usage: PER_MESSAGE }, parent_tool_use_id: null, timestamp: new Date().toISOString() });
  };
  return {
    init() {
      const tools = ['Bash', 'Write', 'Edit', 'Read'];
      const facts = { model: MODEL, permissionMode: 'dontAsk', apiKeySource: 'none', claude_code_version: '0.0.0-demo' };
      line({ type: 'system', subtype: 'init', cwd, tools, mcp_servers: [], ...facts });
    },
    say: (text) => assistant({ type: 'text', text }),
    toolUse(name, input) {
      const id = `toolu_demo_${messages + 1}`;
      assistant({ type: 'tool_use', id, name, input });
      return id;
    },
    toolResult(id, content, ok) {
      const block = { type: 'tool_result', tool_use_id: id, content, is_error: !ok };
      const message = { role: 'user', content: [block] };
      line({ type: 'user', message, parent_tool_use_id: null, timestamp: new Date().toISOString() });
    },
    result(end) {
      const usage = Object.fromEntries(Object.entries(PER_MESSAGE).map(([name, each]) => [name, each * messages]));
      const usd = Math.round(messages * USD_PER_MESSAGE * 1e6) / 1e6;
      const common = { duration_ms: Date.now() - startedAt, num_turns: messages, total_cost_usd: usd, usage, permission_denials: [] };
      if (end.kind === 'aborted') {
        line({ type: 'result', subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools', ...common });
        return;
      }
      const said = { subtype: 'success', is_error: false, terminal_reason: 'completed', api_error_status: null, stop_reason: 'end_turn' };
      line({ type: 'result', ...said, result: end.text, ...common });
    },
    confirm: (requestId) => line({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response: {} } }),
  };
}
