import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { list, object, string, textOf } from '../words/fields.ts';
import { claudeUsage, refusalOf } from './result.ts';

/** An `assistant` line: one event per content block (Claude writes one block per line). Null: not of that shape. */
export function messageEvents(fields: Fields, common: Common): readonly AgentEvent[] | null {
  const message = object(fields.message);
  if (message === null) return null;
  const cause = string(fields.error);
  if (cause !== null) return [{ ...common, kind: 'provider_error', refusal: refusalOf(cause), cause, message: textOf(message.content) }];
  // A message that Claude wrote itself is no turn of the model.
  const model = string(message.model);
  const id = model === '<synthetic>' ? null : string(message.id);
  const usage = id === null ? null : claudeUsage(object(message.usage));
  const blocks = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : list(message.content);
  return blocks.flatMap((value): AgentEvent[] => {
    const block = object(value) ?? {};
    switch (block.type) {
      case 'text':
        return [{ ...common, kind: 'text', text: string(block.text) ?? '', message: id, model, usage }];
      case 'thinking':
      case 'redacted_thinking':
        return [{ ...common, kind: 'thinking', text: string(block.thinking) ?? '', message: id, model, usage }];
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use': {
        const call = { id: string(block.id) ?? '', name: string(block.name) ?? 'tool', input: block.input };
        return [{ ...common, kind: 'tool_start', ...call, message: id, model, usage }];
      }
      default:
        return [{ ...common, kind: 'quiet', type: `assistant ${String(block.type)}`, line: JSON.stringify(value) }];
    }
  });
}

const INTERRUPTED = /^\[Request interrupted by user(?: for tool use)?\]$/;

/** A `user` line: results of tools, the messages to the agent, and what the agent tells itself. Null: not of that shape. */
export function userEvents(fields: Fields, common: Common): readonly AgentEvent[] | null {
  const message = object(fields.message);
  if (message === null) return null;
  const synthetic = fields.isReplay !== true;
  const content = message.content;
  const ours = fields.by === 'tac8' ? ({ ours: true } as const) : {};
  if (typeof content === 'string') return [{ ...common, kind: 'user', text: content, synthetic, ...ours }];
  const only = list(content).length === 1 ? textOf(content) : '';
  // Claude says it of whoever ends its turn from outside: tac8 does, and persons through it.
  if (synthetic && INTERRUPTED.test(only)) return [{ ...common, kind: 'note', text: 'its turn was ended from outside' }];
  return list(content).map((value): AgentEvent => {
    const block = object(value) ?? {};
    if (block.type !== 'tool_result') return { ...common, kind: 'user', text: textOf([value]), synthetic };
    const end = { id: string(block.tool_use_id) ?? '', ok: block.is_error !== true, output: textOf(block.content) };
    return { ...common, kind: 'tool_end', ...end, detail: fields.tool_use_result ?? null };
  });
}
