import type { AgentEvent } from '../../agents/words/events.ts';
import { page } from './page.ts';
import type { Paint } from './paint.ts';
import * as notices from './text-notices.ts';
import { toolEnd, toolStart } from './text-tools.ts';

/** Shows events as they come; each call answers the lines to print, each with its line end. Keeps only the calls in hand. */
export type Show = (event: AgentEvent) => string;

export interface TextOptions {
  /** Every parameter, every result, and the lines that say little. */
  readonly detailed: boolean;
  readonly paint: Paint;
}

/** Kept of a conversation's tasks. */
const MOST_TASKS = 1000;

/** The conversation as a person reads it. Nothing in it controls a terminal but our own colours. */
export function textShow({ detailed, paint }: TextOptions): Show {
  const on = page(detailed, paint);
  let session: string | null = null;
  /** Of what works beside the conversation or in it, which. */
  const beside = new Map<string, boolean>();
  return (event) => {
    switch (event.kind) {
      case 'session': {
        // Some say it again before every turn.
        const again = session === event.session && !detailed;
        session = event.session;
        return again ? '' : notices.session(on, event);
      }
      case 'text':
        return notices.text(on, event);
      case 'thinking':
        return notices.thinking(on, event);
      case 'user':
        return notices.user(on, event);
      case 'tool_start':
        return toolStart(on, event);
      case 'tool_end':
        return toolEnd(on, event);
      case 'turn_end':
        return notices.turnEnd(on, event);
      case 'retry':
        return notices.retry(on, event);
      case 'rate_limit':
        return notices.rateLimit(on, event);
      case 'provider_error':
        return notices.providerError(on, event);
      case 'denied':
        return notices.denied(on, event);
      case 'task':
        if (event.background !== null) beside.set(event.id, event.background);
        if (beside.size > MOST_TASKS) beside.clear();
        return notices.task(on, event, event.background ?? beside.get(event.id) ?? null);
      case 'note':
        return notices.note(on, event);
      case 'tac8':
        return notices.own(on, event);
      case 'failure':
        return notices.failure(on, event);
      case 'raw':
        return notices.raw(on, event);
      case 'heartbeat':
        return detailed ? notices.heartbeat(on, event) : '';
      case 'background':
        return detailed ? notices.background(on, event) : '';
      case 'usage':
      case 'counted':
        return '';
      case 'quiet':
        // Pieces of what comes whole by itself.
        return detailed && event.type !== 'stream_event' ? notices.quiet(on, event) : '';
      default:
        return event satisfies never;
    }
  };
}
