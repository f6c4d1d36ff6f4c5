import type { Ms } from '../core/seen.ts';
import type { AgentEvent, EventOf } from './events.ts';
import type { Show } from './text.ts';

/** Only what went wrong; a failed tool's result comes with its call. */
export function errorsOnly(show: Show): Show {
  const calls = new Map<string, EventOf<'tool_start'>>();
  return (event) => {
    if (event.kind === 'tool_start') {
      if (calls.size >= 1000) calls.clear();
      calls.set(event.id, event);
      return '';
    }
    if (event.kind !== 'tool_end') return isTrouble(event) ? show(event) : '';
    const call = calls.get(event.id);
    calls.delete(event.id);
    if (event.ok) return '';
    return (call === undefined ? '' : show(call)) + show(event);
  };
}

/** What stands in every line with trouble, as JSON.stringify writes it, and in every call whose result may be trouble. */
export const MAY_BE_TROUBLE = /"is_error"\s*:\s*true|"error"|"tac8"|"api_retry"|"permission_denied"|"rejected"|tool_use"/;

function isTrouble(event: AgentEvent): boolean {
  switch (event.kind) {
    case 'failure':
    case 'provider_error':
    case 'retry':
    case 'denied':
    // Headings, so that one sees whose trouble it is.
    case 'tac8':
      return true;
    case 'turn_end':
      return event.isError;
    case 'rate_limit':
      return event.status === 'rejected';
    default:
      return false;
  }
}

/** Only from a time on; a line without a time counts as said with the one before it. */
export function sinceOnly(since: Ms, show: Show): Show {
  let at: Ms | null = null;
  return (event) => {
    at = event.at ?? at;
    return at !== null && at >= since ? show(event) : '';
  };
}

/** Counts the uses of each tool; `sums()` answers them as `sort | uniq -c` does. */
export function toolCounts(): { readonly add: (event: AgentEvent) => void; readonly sums: () => string } {
  const counts = new Map<string, number>();
  return {
    add: (event) => {
      if (event.kind === 'tool_start') counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
    },
    sums: () =>
      [...counts]
        .map(([name, count]) => [JSON.stringify(name), count] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, count]) => `${String(count).padStart(7)} ${name}\n`)
        .join(''),
  };
}
