import { isLastCall, LAST_CALL, type Letter, type Run, type StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { asWritten } from '../words/span.ts';

/** How long an agent may stay after it has said its result. */
export const LINGER: Ms = 60_000;

/** So long it has to begin its last turn, however short the limit is. */
const LEAST: Ms = 10_000;

/** An agent whose turn is over and whose background work goes on: it is part of the run. */
export interface Behind {
  readonly works: readonly string[];
  /** When the agent said its result. */
  readonly since: Ms;
  /** Until then it is waited for … */
  readonly until: Ms;
  /** … and then the agent is told so, once, with one more turn; or it is cut off. */
  readonly what: 'tell' | 'cut off';
}

export function workBehind(run: Pick<Run, 'agent' | 'inputEnded' | 'tells'>, stream: StreamFacts, limit: Ms): Behind | null {
  const { background: works = [], result, inTurn } = stream;
  if (works.length === 0 || result === null || inTurn === true) return null;
  const called = run.tells?.find(isLastCall);
  const since = result.at;
  if (called !== undefined)
    return { works, since, until: Math.max(since, called.saidAt ?? called.at) + Math.min(LINGER, Math.max(limit, LEAST)), what: 'cut off' };
  const what = run.agent.can.steer === 'none' || run.inputEnded ? 'cut off' : 'tell';
  return { works, since, until: since + limit, what };
}

/** What the agent is told when its background work has had its time. The same for the same run. */
export function lastCall(run: Pick<Run, 'id'>, works: readonly string[], limit: Ms, now: Ms): Letter {
  const text =
    `Your background work still runs ${asWritten(limit)} after your last message: ${works.join(', ')}. ` +
    'This is the last turn of this run: finish or stop that work now, commit what belongs to the task, and say in your last message what is not finished. What still runs after it is cut off.';
  return { id: LAST_CALL, uuid: `00000000-0000-4000-8000-${run.id.slice(2).padStart(12, '0')}`, text, at: now };
}
