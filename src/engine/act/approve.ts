import type { TaskId } from '../../core/model/task.ts';
import { approveHeld } from '../../core/steer/approve.ts';
import type { Ports } from '../ports/context.ts';

/** Written at once, between two ticks, and not asked for in the store: whoever can write that is no person by that alone. */
export function approve(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  wake: () => void,
  id: TaskId,
  by: string,
): { readonly ok: boolean; readonly message: string } {
  const named = store.task(id);
  // Of several attempts the chosen one is what is handed over.
  const task = named?.race?.winner === undefined ? named : store.task(named.race.winner);
  if (task === null) return { ok: false, message: `there is no task ${id}` };
  const run = 'run' in task && task.run !== null ? store.run(task.run) : null;
  const next = approveHeld(task, run, clock.now());
  if (typeof next === 'string' || run === null) return { ok: false, message: typeof next === 'string' ? next : `${id} has no run` };
  const detail = `commit ${run.settlement.held?.commit.slice(0, 7) ?? ''}, by ${by}`;
  store.commit({
    tasks: [{ next: next.task, expected: task.version }],
    runs: [{ next: next.run, expected: run.version }],
    history: [{ at: clock.now(), task: task.id, run: run.id, event: 'approved', detail }],
  });
  wake();
  return { ok: true, message: `${id}: ${detail}: it is pushed now; nothing else that is committed later is` };
}
