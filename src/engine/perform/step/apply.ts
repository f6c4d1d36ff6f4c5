import type { Counters, HistoryEntry } from '../../../core/model/records.ts';
import type { Run } from '../../../core/model/run.ts';
import { type RunEvent, transitionRun } from '../../../core/model/run-transition.ts';
import type { RunId } from '../../../core/model/task.ts';
import type { Ports } from '../../ports/context.ts';

/** What an action found out: events for its run, with a few words each. */
export interface Result {
  readonly events: readonly { readonly event: RunEvent; readonly why: string }[];
  readonly counters?: Partial<Counters>;
}

export const result = (event: RunEvent, why: string, counters?: Partial<Counters>): Result =>
  counters === undefined ? { events: [{ event, why }] } : { events: [{ event, why }], counters };
export const NOTHING: Result = { events: [] };

/**
 * Writes an action's result onto the run as it is by now. An event that no longer fits (the run ended meanwhile) is dropped;
 * the world is looked at again anyway.
 */
export function applyResult(ports: Ports, id: RunId, { events, counters }: Result): void {
  const read = ports.store.run(id);
  if (read === null) return;
  const history: HistoryEntry[] = [];
  let run: Run = read;
  for (const { event, why } of events) {
    const next = transitionRun(run, event);
    if (next === null) continue;
    run = next;
    history.push({
      at: ports.clock.now(),
      task: run.task,
      run: id,
      event: event.kind === 'step' ? Object.keys(event.done).join(' ') : event.kind,
      detail: why,
    });
  }
  if (run === read) return;
  ports.store.commit({ runs: [{ next: run, expected: read.version }], history, ...(counters === undefined ? {} : { counters }) });
}
