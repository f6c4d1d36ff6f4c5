import { machineNamed, SILENT_AFTER_MS } from '../adapters/machines/register.ts';
import { wordOrTime } from '../adapters/machines/word-or-time.ts';
import { ANY_MACHINE } from '../core/model/fleet.ts';
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
      if (action.kind === 'prepare') return prepare(subject, signal);
      // The run was given up before it was prepared: a machine that has taken it ends it there; without one it is ended here.
      const machine = await dispatch.machineOf(subject.run.id);
      return machine === null ? home.perform(action, subject, signal) : farSite(machine, means).perform(action, subject, signal);
    },
    look: async (runs) => unseen(runs, 'no machine has taken it yet', 0),
  };
}

/**
 * Offers the run and answers the machine that has taken it. One that goes on in a conversation goes to the machine that has it, for as long as
 * that one is there; else to any. Taken back from a machine that falls silent before it has begun.
 */
async function given(means: Means, { run, task }: Subject, signal: AbortSignal): Promise<string> {
  const { database, dispatch } = means;
  const wanted = run.resumes === null ? null : earlierOf(means, run.resumes.run);
  try {
    for (;;) {
      signal.throwIfAborted();
      const machine = await dispatch.machineOf(run.id);
      if (machine !== null && !(await dispatch.takeBack(run.id))) return machine;
      const to = wanted !== null && (await isThere(database, wanted)) ? wanted : null;
      if (to === null && wanted !== null) await dispatch.withdraw(run.id, wanted);
      const word = wordOrTime(database, 'leases', signal);
      await dispatch.offer(run.id, task.id, -task.priority, to);
      await word;
    }
  } catch (error) {
    if (signal.aborted) for (const from of new Set([wanted, null])) await dispatch.withdraw(run.id, from).catch(() => undefined);
    throw error;
  }
}

async function isThere(database: Means['database'], name: string): Promise<boolean> {
  const machine = await machineNamed(database, name);
  return machine !== null && !machine.draining && machine.silentMs <= SILENT_AFTER_MS;
}
