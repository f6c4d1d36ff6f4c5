import type { Spend } from '../../core/model/run.ts';
import type { AgentEvent, Common, Fields } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';

/** The names that readers of logs know; any other tool keeps its own. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['bash', 'Bash'],
  ['shell', 'Bash'],
  ['edit', 'Edit'],
  ['multiedit', 'Edit'],
  ['patch', 'Edit'],
  ['apply_patch', 'Edit'],
  ['write', 'Write'],
  ['read', 'Read'],
  ['grep', 'Grep'],
  ['glob', 'Glob'],
  ['webfetch', 'WebFetch'],
  ['websearch', 'WebSearch'],
  ['task', 'Task'],
  ['todowrite', 'TodoWrite'],
]);

/** A part of a message, as far as it is told at once: a text that is whole, a tool that is over, a step that is. */
export function partEvents(part: Fields, common: Common): readonly AgentEvent[] {
  const said = { ...common, message: string(part.messageID), usage: null };
  switch (part.type) {
    case 'text':
      return [{ ...said, kind: 'text', text: string(part.text) ?? '' }];
    case 'reasoning':
      return [{ ...said, kind: 'thinking', text: string(part.text) ?? '' }];
    case 'tool':
      return [toolStart(part, common), toolEnd(part, common)];
    case 'step-finish':
      return [{ ...common, kind: 'usage', usage: spendOf(part) }];
    default:
      return [];
  }
}

export function toolStart(part: Fields, common: Common): AgentEvent {
  const tool = string(part.tool) ?? 'tool';
  const state = object(part.state) ?? {};
  const input = object(state.input) ?? {};
  const path = string(input.filePath);
  return {
    ...{ ...common, kind: 'tool_start', id: string(part.callID) ?? '', name: NAMES.get(tool) ?? tool },
    ...{ input: path === null ? input : { file_path: path, ...input }, message: string(part.messageID), usage: null },
  };
}

export function toolEnd(part: Fields, common: Common): AgentEvent {
  const state = object(part.state) ?? {};
  const metadata = object(state.metadata);
  const exit = number(metadata?.exit);
  const ok = state.status === 'completed' && (exit === null || exit === 0);
  const output = string(state.output) ?? string(state.error) ?? '';
  return { ...common, kind: 'tool_end', id: string(part.callID) ?? '', ok, output, detail: exit === null ? null : { exit_code: exit } };
}

/** Whether nothing more comes of a part. */
export function isWhole(part: Fields): boolean {
  if (part.type === 'tool') return ['completed', 'error'].includes(string(object(part.state)?.status) ?? '');
  if (part.type === 'text' || part.type === 'reasoning') return number(object(part.time)?.end) !== null;
  return part.type === 'step-finish';
}

/** Of one step. Dollars are OpenCode's own sum from the prices that it knows; none where it knows none. */
function spendOf(part: Fields): Spend {
  const tokens = object(part.tokens) ?? {};
  const cache = object(tokens.cache) ?? {};
  return {
    inputTokens: number(tokens.input) ?? 0,
    outputTokens: (number(tokens.output) ?? 0) + (number(tokens.reasoning) ?? 0),
    cacheReadTokens: number(cache.read) ?? 0,
    cacheWriteTokens: number(cache.write) ?? 0,
    usd: number(part.cost) ?? 0,
  };
}

/** Which conversation a sub-agent's tool leads; null: it is none. */
export const ledBy = (part: Fields): string | null => string(object(object(part.state)?.metadata)?.sessionId);
