import type { Policy } from './policy.ts';
import type { Rung, StopCause } from './run.ts';
import type { Ms } from './seen.ts';

/** Which rungs a cause takes, in order. A kill goes straight to the end; an agent that has said its result is not asked again. */
const RUNGS: Readonly<Record<StopCause['type'], readonly Rung[]>> = {
  stopped: ['ask', 'interrupt', 'terminate', 'kill'],
  cancelled: ['ask', 'terminate', 'kill'],
  killed: ['kill'],
  timeout: ['ask', 'interrupt', 'terminate', 'kill'],
  stalled: ['interrupt', 'terminate', 'kill'],
  output_limit: ['terminate', 'kill'],
  budget: ['ask', 'interrupt', 'terminate', 'kill'],
  startup_error: ['terminate', 'kill'],
  interrupted: ['ask', 'interrupt', 'terminate', 'kill'],
  lingering: ['terminate', 'kill'],
};

export type Step = { readonly take: Rung } | { readonly wait: Ms };

/** The rung to take now, or until when the last one has time. The last rung is taken again and again until the tree is gone. */
export function nextRung(cause: StopCause, rung: Rung | null, rungAt: Ms | null, stop: Policy['stop'], now: Ms): Step {
  const rungs = RUNGS[cause.type];
  if (rung === null || rungAt === null) return { take: rungs[0] ?? 'kill' };
  const over = rungAt + patience(rung, stop);
  if (now < over) return { wait: over };
  return { take: rungs[rungs.indexOf(rung) + 1] ?? 'kill' };
}

function patience(rung: Rung, stop: Policy['stop']): Ms {
  switch (rung) {
    case 'ask':
    case 'interrupt':
      return stop.interrupt;
    case 'terminate':
      return stop.terminate;
    case 'kill':
      return stop.kill;
  }
}
