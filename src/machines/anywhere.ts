import type { MachineSeen } from '../adapters/machines/register.ts';
import { SILENT_AFTER_MS } from '../core/limits/machines-seen.ts';
import { minuteOfDay } from '../core/limits/reset.ts';
import { ANY_MACHINE, machineOf } from '../core/model/fleet.ts';
import type { Run } from '../core/model/run.ts';
import type { RunId, Task } from '../core/model/task.ts';
import { runsOnFor } from '../core/route/routes.ts';
import { type Site, unseen } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { earlierOf, farSite, type Means } from './far-site.ts';

/** Where a run is that no machine has begun yet. Its first step waits until one has taken it, and tells which. */
export function anywhere(means: Means): Site {
  const { dispatch, home } = means;

  async function prepare(subject: Subject, signal: AbortSignal): Promise<Result> {
    const { run, task } = subject;
    const machine = await given(means, subject, signal);
    const { events, ...rest } = await farSite(machine, means).perform({ kind: 'prepare', run: run.id, task: task.id }, subject, signal);
    return {
      ...rest,
      events: events.map(({ event, why }) =>
        event.kind === 'prepared' ? { event: { ...event, machine }, why: `${why} on ${machine}` } : { event, why },
      ),
    };
  }

  return {
    name: ANY_MACHINE,
    patience: 0,
    async perform(action, subject, signal) {
      await means.lead.check();
      if (action.kind === 'prepare') return prepare(subject, signal);
      // The run was given up before it was prepared: a machine that has taken it ends it there; without one it is ended here.
      const machine = await dispatch.machineOf(subject.run.id);
      return machine === null ? home.perform(action, subject, signal) : farSite(machine, means).perform(action, subject, signal);
    },
    look: async (runs) => unseen(runs, 'no machine has taken it yet', 0),
  };
}

/** A machine that has the task's worktree from before is waited for so long, if it has a free slot. */
const PREFERRED_FOR_MS = 3_000;

/**
 * Offers the run and answers the machine that has taken it. One that goes on in a conversation goes to the machine that has it, for as long as
 * that one is there; else to any that has the labels, and first to the one that worked on the task before. Taken back from a machine that falls
 * silent before it has begun.
 */
async function given(means: Means, { run, task }: Subject, signal: AbortSignal): Promise<string> {
  const { shared, clock, dispatch } = means;
  const labels = runsOnFor(means.policy(), task, () => minuteOfDay(clock.now()));
  const conversation = run.resumes === null ? null : earlierOf(means, run.resumes.run);
  const before = conversation ?? lastMachineOf(means, run, task);
  const since = clock.steady();
  let isTold = false;
  /** An offer that was made in the moment in which it was taken would be taken once more when the run is over. */
  const withdraw = async (): Promise<void> => {
    await dispatch.withdraw(run.id, null, labels);
    if (before !== null) await dispatch.withdraw(run.id, before);
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      await means.lead.check();
      const machine = await dispatch.machineOf(run.id);
      if (machine !== null && !(await dispatch.takeBack(run.id))) {
        await withdraw();
        return machine;
      }
      const machines = await shared.machines();
      await giveBack(means, machines);
      const fitting = machines.filter((one) => labels.every((label) => one.labels.includes(label)));
      if (fitting.length === 0 && labels.length > 0 && !isTold) {
        means.log.warn(`no machine has what ${task.id} needs: runs_on ${labels.join(', ')}`, { run: run.id });
        isTold = true;
      }
      const last = fitting.find(({ name }) => name === before);
      const isPreferred =
        conversation !== null || (clock.steady() - since < PREFERRED_FOR_MS && last !== undefined && last.runs.length < last.slots);
      const to = last !== undefined && isPreferred && isThere(last) ? last.name : null;
      if (to === null && before !== null) await dispatch.withdraw(run.id, before);
      const word = shared.word('leases', signal);
      await dispatch.offer(run.id, task.id, -task.priority, to, to === null ? labels : []);
      await word;
    }
  } catch (error) {
    if (signal.aborted) await withdraw().catch(() => undefined);
    throw error;
  }
}

/** Slots of runs that are over: a machine that froze while it took one may have written it down afterwards. */
async function giveBack({ store, dispatch }: Means, machines: readonly MachineSeen[]): Promise<void> {
  for (const run of machines.flatMap(({ runs }) => runs as readonly RunId[]))
    if (store.run(run)?.state === 'settled') await dispatch.release(run);
}

function lastMachineOf({ store }: Means, run: Run, task: Task): string | null {
  const last = store.runsOf(task.id).findLast(({ id }) => id !== run.id);
  return last === undefined ? null : machineOf(last);
}

const isThere = ({ draining, forgotten, broken, silentMs }: MachineSeen): boolean =>
  !draining && !forgotten && broken === null && silentMs <= SILENT_AFTER_MS;
