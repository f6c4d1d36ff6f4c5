import { type Letter, type Run, type StreamFacts, type Warning, WRAP_UP } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';

/** Limits that cut an agent off in the middle of its work, though it did nothing wrong. */
const ENDS: ReadonlySet<string> = new Set(['limits.run_time', 'limits.turns', 'limits.tokens', 'limits.usd_per_task']);

/**
 * What the agent is told, once in a run, when the first of them comes near; null: nothing, since none does, it cannot be told, or its turn is over.
 * The same for the same run.
 */
export function wrapUp(
  run: Pick<Run, 'id' | 'agent' | 'inputEnded' | 'tells'>,
  stream: StreamFacts,
  warnings: readonly Warning[],
  now: Ms,
): Letter | null {
  const near = warnings.find(({ by }) => ENDS.has(by));
  if (near === undefined || run.agent.can.steer === 'none' || run.inputEnded || (run.tells ?? []).some(({ id }) => id === WRAP_UP))
    return null;
  if (stream.result !== null && stream.inTurn !== true) return null;
  const text =
    `Most of what this run may take is used up (${near.by}: ${near.text}); at the limit it is cut off. Begin nothing new: finish what you have in hand, ` +
    'commit what belongs to the task, and say in your last message what is done and what is left.';
  return { id: WRAP_UP, uuid: `00000000-0000-4000-8001-${run.id.slice(2).padStart(12, '0')}`, text, at: now };
}
