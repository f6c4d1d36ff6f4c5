import type { Spend } from '../../core/model/run.ts';
import type { AgentEvent, Common, Fields, Said } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { turnEnded } from '../words/turn-end.ts';
import { failedTurn, retryOf } from './errors.ts';
import { itemEvents } from './items.ts';

/** What the app-server tells by itself. Null: nothing of Codex's. */
export function notified(method: string, params: Fields, at: number | null, line: string): readonly AgentEvent[] | null {
  const common: Common = { at, parent: null };
  switch (method) {
    case 'thread/started':
      return [{ ...common, ...session(object(params.thread) ?? {}) }];
    case 'item/started':
    case 'item/completed':
      return itemEvents(object(params.item) ?? {}, method === 'item/started' ? 'started' : 'completed', common);
    case 'thread/tokenUsage/updated':
      return [{ ...common, kind: 'usage', usage: lastUsage(params) }];
    case 'account/rateLimits/updated':
      return limits(object(params.rateLimits) ?? {}).map((event) => ({ ...common, ...event }));
    case 'error':
      return params.willRetry === true ? [{ ...common, ...retryOf(object(params.error) ?? {}) }] : [];
    case 'turn/completed':
      return turnEnd(object(params.turn) ?? {}).map((event) => ({ ...common, ...event }));
    case 'warning':
      return [{ ...common, kind: 'note', text: string(params.message) ?? '' }];
    default:
      return /^(?:thread|turn|item|account|remoteControl|mcpServer|rawResponse|rawResponseItem)\//.test(method)
        ? [{ ...common, kind: 'quiet', type: method, line }]
        : null;
  }
}

const session = (thread: Fields): Said<'session'> => ({
  kind: 'session',
  session: string(thread.id) ?? '',
  model: string(thread.model),
  cwd: string(thread.cwd),
  version: string(thread.cliVersion),
  mode: null,
});

/** Of the newest reply alone. */
function lastUsage(params: Fields): Spend {
  const last = object(object(params.tokenUsage)?.last) ?? {};
  const cached = number(last.cachedInputTokens) ?? 0;
  return {
    inputTokens: Math.max(0, (number(last.inputTokens) ?? 0) - cached),
    outputTokens: number(last.outputTokens) ?? 0,
    cacheReadTokens: cached,
    cacheWriteTokens: number(last.cacheWriteInputTokens) ?? 0,
    usd: 0,
  };
}

/** The windows of a subscription: the one that is used up counts, and of two the later. */
function limits(rateLimits: Fields): readonly Said<'rate_limit'>[] {
  const windows = [object(rateLimits.primary), object(rateLimits.secondary)].flatMap((window) => {
    const used = number(window?.usedPercent);
    return window === null || used === null ? [] : [{ used: used / 100, resetsAt: secondsToMs(number(window.resetsAt)) }];
  });
  const full = windows.filter(({ used }) => used >= 1);
  const isRejected = string(rateLimits.rateLimitReachedType) !== null || full.length > 0;
  if (windows.length === 0 && !isRejected) return [];
  const counted = full.length > 0 ? full : windows;
  const resets = counted.flatMap(({ resetsAt }) => resetsAt ?? []);
  return [
    {
      kind: 'rate_limit',
      status: isRejected ? 'rejected' : 'allowed',
      resetsAt: resets.length === 0 ? null : Math.max(...resets),
      type: string(rateLimits.rateLimitReachedType) ?? string(rateLimits.limitId),
      used: counted.length === 0 ? null : Math.max(...counted.map(({ used }) => used)),
    },
  ];
}

const secondsToMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

function turnEnd(turn: Fields): readonly (Said<'turn_end'> | Said<'provider_error'>)[] {
  const durationMs = number(turn.durationMs);
  if (turn.status === 'failed') return failedTurn(object(turn.error) ?? {}).map((event) => ({ ...event, durationMs }));
  return [turnEnded(turn.status === 'interrupted' ? 'interrupted' : 'completed', { durationMs })];
}
