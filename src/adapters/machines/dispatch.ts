import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Database } from './database.ts';
import type { Lead } from './lead.ts';
import { type Offered, openQueue, type Place, type Queue } from './queue.ts';
import { type Shared, sharedOn } from './shared.ts';

/** The queue of runs that wait for a machine. A coordinator that has lost the lead changes nothing in it. */
export interface Dispatch {
  /** Offers a run to one machine, or to all that have these labels (null), once, however often it is called. */
  offer(run: RunId, task: TaskId, priority: number, to: string | null, labels?: readonly string[]): Promise<void>;
  /** It is not to be taken from there any more. */
  withdraw(run: RunId, from: string | null, labels?: readonly string[]): Promise<void>;
  /** For a runner: takes the next run that waits, and writes down that it is this machine's; null: none waits. */
  take(machine: string, labels?: readonly string[]): Promise<Offered | null>;
  /** The machine that a run was given to. */
  machineOf(run: RunId): Promise<string | null>;
  /** For a runner, before it begins anything: whether the run is this machine's still. */
  holds(run: RunId, machine: string): Promise<boolean>;
  /** The run is over, or was never begun there: the machine has the slot again. */
  release(run: RunId): Promise<void>;
  /** Takes a run back that has not begun from a machine that has fallen silent. Answers whether it did. */
  takeBack(run: RunId): Promise<boolean>;
  /** Makes the queue of a machine that may not do so itself. */
  welcome(machine: string): Promise<void>;
  close(): Promise<void>;
}

const NO_LABELS: readonly string[] = [];

export function dispatchOn(queue: Queue, shared: Pick<Shared, 'leases' | 'tell'>): Dispatch {
  const { leases, tell } = shared;
  const placeOf = (machine: string | null, labels: readonly string[] = NO_LABELS): Place => ({ machine, labels });
  return {
    async offer(run, task, priority, to, labels) {
      await queue.send(placeOf(to, labels), { run, task }, priority);
      await tell('offers', '');
    },
    withdraw: (run, from, labels) => queue.cancel(placeOf(from, labels), run),
    async take(machine, labels = NO_LABELS) {
      const fitting = await queue.fitting(labels);
      for (const place of [placeOf(machine), ...fitting.map((all) => placeOf(null, all)), placeOf(null)]) {
        const waiting = await queue.fetch(place);
        if (waiting === null) continue;
        const { run, task } = waiting.offered;
        const isMine = await leases.add(run, task, machine);
        await queue.complete(place, waiting.id);
        await tell('leases', run);
        // It was offered once more in the moment in which another machine took it, or this machine was given up as it took it.
        return isMine ? waiting.offered : null;
      }
      return null;
    },
    machineOf: leases.machineOf,
    holds: async (run, machine) => (await leases.machineOf(run)) === machine,
    async release(run) {
      await leases.release(run);
      await tell('leases', '');
    },
    takeBack: leases.takeBack,
    welcome: (machine) => queue.open(placeOf(machine)),
    close: queue.close,
  };
}

/** `lead`: of a coordinator; null: a runner. */
export const openDispatch = async (database: Database, lead: Pick<Lead, 'generation'> | null = null): Promise<Dispatch> =>
  dispatchOn(await openQueue(database, lead), sharedOn(database, lead));
