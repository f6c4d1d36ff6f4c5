import type { AgentEvent, Fields } from '../words/events.ts';
import { parseObject, string, textOf } from '../words/fields.ts';

/** What the model calls by which a command is run. */
const COMMANDS = ['exec_command', 'shell', 'shell_command'];

/** Commands of a conversation that runs. */
export interface Calls {
  /** What the model itself said, as the app-server passes it on. */
  readonly said: (item: Fields, at: number | null) => readonly AgentEvent[];
  /** What the app-server tells, without the beginnings that were told already. */
  readonly told: (events: readonly AgentEvent[]) => readonly AgentEvent[];
}

/**
 * The app-server says that a command has begun when it has run for a while already. The model's own call comes before it begins: by that, a stop
 * is in time, and a command that has begun is known. Long commands go on after the model has its first answer: they are in hand until they end.
 */
export function createCalls(): Calls {
  const called = new Set<string>();
  const begun = new Set<string>();

  function call(item: Fields, id: string, at: number | null): readonly AgentEvent[] {
    const { cmd, command } = parseObject(string(item.arguments) ?? '') ?? {};
    called.add(id);
    const input = { command: string(cmd) ?? string(command) ?? (Array.isArray(command) ? command.join(' ') : '') };
    return [{ at, parent: null, kind: 'tool_start', id, name: 'Bash', input, message: id, usage: null }];
  }
  return {
    said: (item, at) => {
      const id = string(item.call_id) ?? '';
      if (item.type === 'function_call' && COMMANDS.includes(string(item.name) ?? '')) return call(item, id, at);
      // It never began: it was refused, or the turn was ended before.
      if (item.type !== 'function_call_output' || !called.delete(id) || begun.has(id)) return [];
      return [{ at, parent: null, kind: 'tool_end', id, ok: false, output: textOf(item.output), detail: null }];
    },
    told: (events) =>
      events.filter((event) => {
        if (event.kind === 'tool_end') begun.delete(event.id);
        if (event.kind === 'tool_end') called.delete(event.id);
        if (event.kind !== 'tool_start') return true;
        begun.add(event.id);
        return !called.has(event.id);
      }),
  };
}
