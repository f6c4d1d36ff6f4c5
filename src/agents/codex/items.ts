import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { list, number, object, string, textOf } from '../words/fields.ts';

/** What Codex calls its steps, as `exec --json` and as the app-server write it. */
const SAME: Readonly<Record<string, string>> = {
  command_execution: 'commandExecution',
  file_change: 'fileChange',
  mcp_tool_call: 'mcpToolCall',
  web_search: 'webSearch',
  agent_message: 'agentMessage',
};

/** A step of Codex that has begun or ended: a tool, a text, a thought. */
export function itemEvents(item: Fields, state: 'started' | 'completed', common: Common): readonly AgentEvent[] {
  const named = string(item.type) ?? '';
  const type = SAME[named] ?? named;
  const id = string(item.id) ?? '';
  const said = { ...common, message: id, usage: null };
  if (type === 'agentMessage') return state === 'started' ? [] : [{ ...said, kind: 'text', text: string(item.text) ?? '' }];
  if (type === 'reasoning') return state === 'started' ? [] : [{ ...said, kind: 'thinking', text: thought(item) }];
  if (type === 'userMessage') return state === 'started' ? [] : [{ ...common, kind: 'user', text: textOf(item.content), synthetic: false }];
  // In exec, what is only worth a warning.
  if (type === 'error') return [{ ...common, kind: 'note', text: string(item.message) ?? '' }];
  const tool = toolOf(type, item);
  if (tool === null) return [];
  if (state === 'started') return [{ ...said, kind: 'tool_start', id, ...tool }];
  return [{ ...common, kind: 'tool_end', id, ok: isOk(item), output: outputOf(item), detail: detailOf(item) }];
}

function toolOf(type: string, item: Fields): { readonly name: string; readonly input: unknown } | null {
  switch (type) {
    case 'commandExecution':
      return { name: 'Bash', input: { command: commandOf(string(item.command) ?? '') } };
    case 'fileChange':
      return { name: 'Edit', input: { file_path: pathsOf(item).join(', '), changes: item.changes } };
    case 'mcpToolCall':
      return { name: `mcp__${string(item.server) ?? ''}__${string(item.tool) ?? ''}`, input: item.arguments ?? {} };
    case 'dynamicToolCall':
    case 'collabAgentToolCall':
      return { name: string(item.tool) ?? type, input: item.arguments ?? {} };
    case 'webSearch':
      return { name: 'WebSearch', input: { query: string(item.query) ?? '' } };
    case 'imageView':
      return { name: 'Read', input: { file_path: string(item.path) ?? '' } };
    default:
      return null;
  }
}

/** Codex runs every command by a shell of its own choice: what it was asked to run stands in quotes. */
function commandOf(command: string): string {
  const [, quoted] = /^\S*\/?(?:ba|z|da)?sh -l?c '([^']*)'$/.exec(command) ?? [];
  return quoted ?? command;
}

const pathsOf = (item: Fields): readonly string[] => list(item.changes).flatMap((change) => string(object(change)?.path) ?? []);

const codeOf = (item: Fields): number | null => number(item.exitCode) ?? number(item.exit_code);

const isOk = (item: Fields): boolean => item.status === 'completed' && (codeOf(item) ?? 0) === 0;

function outputOf(item: Fields): string {
  const output = string(item.aggregatedOutput) ?? string(item.aggregated_output);
  if (output !== null) return output;
  const error = string(object(item.error)?.message);
  return error ?? (item.result === undefined || item.result === null ? '' : JSON.stringify(item.result));
}

const detailOf = (item: Fields): object | null => {
  const code = codeOf(item);
  return code === null ? null : { exitCode: code };
};

const thought = (item: Fields): string =>
  string(item.text) ??
  [...list(item.summary), ...list(item.content)].map((part) => string(part) ?? string(object(part)?.text) ?? '').join('\n');
