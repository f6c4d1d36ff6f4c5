import { messageOf } from '../core/message-of.ts';
import type { Action } from '../core/plan.ts';
import type { StepProblem } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import type { RunId } from '../core/task.ts';
import { applyResult } from './apply.ts';
import type { Context } from './context.ts';
import { perform } from './perform/index.ts';
import { PortError } from './ports.ts';

/** The actions under way: at most one per run. */
export interface Flights {
  readonly busy: ReadonlySet<RunId>;
  launch(action: Action): void;
  /** All of them given up and awaited. */
  close(): Promise<void>;
}

const FIRST_DELAY = 2_000;
const LONGEST_DELAY = 5 * 60_000;
/** What keeps a slot and a person waiting is tried more often. */
const LONGEST_SWEEP = 15_000;

export function createFlights(context: Context, wake: () => void): Flights {
  const { ports } = context;
  const flying = new Map<RunId, { readonly abort: AbortController; readonly done: Promise<void> }>();
  const busy = new Set<RunId>();

  async function fly(action: Exclude<Action, { kind: 'abort' }>, signal: AbortSignal): Promise<void> {
    const run = ports.store.run(action.run);
    const task = ports.store.task(action.task);
    if (run === null || task === null) return;
    try {
      applyResult(ports, run.id, await perform(context, action, { run, task }, signal));
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(action.kind, run.problem, error, ports.clock.now());
      ports.log.warn(`${action.kind} of ${run.id} (${task.id}): ${problem.message}`, { tries: problem.tries });
      applyResult(ports, run.id, { events: [{ event: { kind: 'problem', problem }, why: `${action.kind}: ${problem.message}` }] });
    }
  }

  return {
    busy,
    launch(action) {
      if (action.kind === 'abort') return flying.get(action.run)?.abort.abort();
      if (flying.has(action.run)) return;
      const abort = new AbortController();
      busy.add(action.run);
      const done = fly(action, abort.signal)
        .catch((error: unknown) => ports.log.error(`${action.kind} of ${action.run}: its result could not be written: ${String(error)}`))
        .finally(() => {
          flying.delete(action.run);
          busy.delete(action.run);
          wake();
        });
      flying.set(action.run, { abort, done });
    },
    async close() {
      for (const { abort } of flying.values()) abort.abort();
      await Promise.allSettled([...flying.values()].map(({ done }) => done));
    },
  };
}

/** A step that did not work is tried again: when the forge says, else after 2, 4, 8 … seconds, at most five minutes. */
function problemOf(step: string, before: StepProblem | null, error: unknown, now: Ms): StepProblem {
  const tries = before?.step === step ? before.tries + 1 : 1;
  const until = error instanceof PortError ? error.until : null;
  const hint = error instanceof PortError && error.hint !== '' ? ` — ${error.hint}` : '';
  const message = `${messageOf(error)}${hint}`;
  const delay = Math.min(FIRST_DELAY * 2 ** (tries - 1), step === 'sweep' ? LONGEST_SWEEP : LONGEST_DELAY);
  return { step, message, tries, at: now, retryAt: until ?? now + delay };
}
