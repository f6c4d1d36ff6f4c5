import type { StepProblem } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId } from '../../core/model/task.ts';
import type { Action } from '../../core/tick/plan.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { approvedSubject } from '../perform/start/approved.ts';
import { applyResult, type Result } from '../perform/step/apply.ts';
import type { Performed } from '../perform/step/performs.ts';
import type { Subject } from '../perform/step/subject.ts';
import type { Context } from '../ports/context.ts';
import { PortError } from '../ports/error.ts';
import type { Sites } from './site.ts';

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

export function createFlights(context: Context, sites: Sites, wake: () => void): Flights {
  const { ports } = context;
  const flying = new Map<RunId, { readonly abort: AbortController; readonly done: Promise<void> }>();
  const busy = new Set<RunId>();

  async function fly(action: Performed, signal: AbortSignal): Promise<void> {
    const run = ports.store.run(action.run);
    const task = ports.store.task(action.task);
    if (run === null || task === null) return;
    try {
      applyResult(ports, run.id, await done(action, { run, task, issue: null }, signal));
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(action.kind, run.problem, error, ports.clock.now());
      ports.log.warn(`${action.kind} of ${run.id} (${task.id}): ${problem.message}`, { tries: problem.tries });
      applyResult(ports, run.id, { events: [{ event: { kind: 'problem', problem }, why: `${action.kind}: ${problem.message}` }] });
    }
  }

  /** What only the coordinator can find out goes with the action: no other place asks the forge or the store. */
  async function done(action: Performed, bare: Subject, signal: AbortSignal): Promise<Result> {
    const subject = action.kind === 'launch' ? await approvedSubject(context, bare, signal) : bare;
    return 'events' in subject ? subject : sites.siteOf(bare.run).perform(action, subject, signal);
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
  const lasting = error instanceof PortError && error.sort !== 'unknown' ? { lasting: error.sort === 'terminal' } : {};
  return { step, message, ...lasting, tries, at: now, retryAt: until ?? now + delay };
}
