import type { AgentEvent, EventOf } from '../agents/words/events.ts';
import { turnEnded } from '../agents/words/turn-end.ts';
import { NO_SPEND, type Spend } from '../core/model/run.ts';

/** Why a turn is being ended from here. */
export type Asked = 'interrupt' | 'stop' | 'vain';

/** What is known of the turn in hand. */
export interface TurnState {
  readonly startedAt: number;
  asked: Asked | null;
  /** Its last text, which is its result where the end brings none. */
  text: string;
  spent: Spend;
  replies: number;
  /** Tools in hand, by their ids, with their names. */
  readonly tools: Map<string, string>;
  /** The provider does not answer: the last that was said of it, and since when. */
  trouble: { readonly event: EventOf<'retry'>; readonly since: number } | null;
  /** Its end, which is not written before the tools in hand have ended. */
  held: EventOf<'turn_end'> | null;
}

export const newTurn = (now: number): TurnState => ({
  ...{ startedAt: now, asked: null, text: '', spent: NO_SPEND, replies: 0 },
  ...{ tools: new Map<string, string>(), trouble: null, held: null },
});

const sum = (a: Spend, b: Spend): Spend => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  usd: a.usd + b.usd,
  ...(a.usdEstimated || b.usdEstimated ? { usdEstimated: (a.usdEstimated ?? 0) + (b.usdEstimated ?? 0) } : {}),
});

/** Takes in what the agent did. */
export function note(turn: TurnState, event: AgentEvent, now: number): void {
  if (event.kind === 'text' && event.parent === null) turn.text = event.text;
  if (event.kind === 'tool_start') turn.tools.set(event.id, event.name);
  if (event.kind === 'tool_end') turn.tools.delete(event.id);
  if (event.kind === 'usage') turn.spent = sum(turn.spent, event.usage);
  if (event.kind === 'retry') turn.trouble = { event, since: turn.trouble?.since ?? now };
  if (event.kind === 'text' || event.kind === 'thinking' || event.kind === 'tool_start') turn.trouble = null;
}

/** Trying again is of no use: a login that is refused stays refused, and nobody waits for longer than the patience with its provider. */
export const isInVain = ({ event }: NonNullable<TurnState['trouble']>, patience: number): boolean =>
  (event.delayMs ?? 0) > patience || event.refusal === 'login' || event.refusal === 'money' || event.status === 401 || event.status === 403;

/** The turn's end as the log tells it: an end that was asked for here is what was asked for. */
export function endOf(turn: TurnState, said: EventOf<'turn_end'>, now: number): readonly AgentEvent[] {
  const spent = said.spent ?? (turn.spent === NO_SPEND ? null : turn.spent);
  const facts = { durationMs: said.durationMs ?? now - turn.startedAt, turns: turn.replies, spent };
  const place = { at: said.at, parent: null };
  if (said.end !== 'interrupted' || turn.asked === 'interrupt' || turn.asked === null)
    return [{ ...said, ...facts, text: said.text || turn.text }];
  if (turn.asked === 'stop') return [{ ...place, ...turnEnded('stopped', { ...facts, text: turn.text }) }];
  const trouble = turn.trouble?.event;
  const text = `it could not reach its provider: ${trouble?.cause ?? 'no answer'}`;
  return [
    { ...place, kind: 'provider_error', refusal: trouble?.refusal ?? null, cause: trouble?.cause ?? 'unknown', message: text },
    { ...place, ...turnEnded('refused', { ...facts, text, apiErrorStatus: trouble?.status ?? null }) },
  ];
}
