import { ANY_MACHINE } from '../core/model/fleet.ts';
import { type Site, unseen } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { farSite, type Means } from './far-site.ts';

/** Words of a lease may be missed; it is looked for this often besides. */
const LOOK_AGAIN_MS = 2_000;

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
      if (action.kind === 'prepare') return prepare(subject, signal);
      // It never came to a worktree there: what is left to do is done where its machine is, or here.
      const machine = await dispatch.machineOf(subject.run.id);
      return machine === null ? home.perform(action, subject, signal) : farSite(machine, means).perform(action, subject, signal);
    },
    look: async (runs) => unseen(runs, 'no machine has taken it yet', 0),
  };
}

/** Offers the run to all machines and answers the one that has taken it. Taken back from one that falls silent before it has begun. */
async function given({ database, dispatch }: Means, { run, task }: Subject, signal: AbortSignal): Promise<string> {
  try {
    for (;;) {
      signal.throwIfAborted();
      const machine = await dispatch.machineOf(run.id);
      if (machine !== null && !(await dispatch.takeBack(run.id))) return machine;
      const word = wordOrTime(database, signal);
      await dispatch.offer(run.id, task.id, -task.priority);
      await word;
    }
  } catch (error) {
    if (signal.aborted) await dispatch.withdraw(run.id).catch(() => undefined);
    throw error;
  }
}

function wordOrTime(database: Means['database'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    const stop = database.listen('leases', done);
    signal.addEventListener('abort', done);
  });
}
