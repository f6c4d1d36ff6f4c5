import type { Run, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Task } from '../model/task.ts';

/*
 * The clock on the wall was set by so much: what lies between then and now has not become longer or shorter by that. The times that something is
 * waited for from are moved along, so that an age, a limit and a wait are what they were. When something was made, and what somebody else
 * stated, stays as it was written.
 */

type Moved = <T extends Ms | null | undefined>(time: T) => T;
const moverOf =
  (by: Ms): Moved =>
  (time) =>
    (typeof time === 'number' ? time + by : time) as typeof time;

/** A run that is not settled. */
export function movedRun(run: Run, by: Ms): Run {
  const move = moverOf(by);
  const { problem, tells } = run;
  const moved = {
    stream: movedStream(run.stream, move),
    problem: problem === null ? null : { ...problem, at: move(problem.at), retryAt: move(problem.retryAt) },
    ...(tells === undefined
      ? {}
      : {
          tells: tells.map((tell) => ({
            ...tell,
            saidAt: move(tell.saidAt),
            ...(tell.notBefore === undefined ? {} : { notBefore: move(tell.notBefore) }),
          })),
        }),
  };
  switch (run.state) {
    case 'preparing':
    case 'settled':
      return { ...run, ...moved };
    case 'starting':
      return { ...run, ...moved, since: move(run.since) };
    case 'running':
      return { ...run, ...moved, startedAt: move(run.startedAt) };
    case 'stopping':
      return { ...run, ...moved, startedAt: move(run.startedAt), rungAt: move(run.rungAt) };
    case 'ended':
      return { ...run, ...moved, startedAt: move(run.startedAt), endedAt: move(run.endedAt) };
  }
}

export const movedStreamBy = (stream: StreamFacts, by: Ms): StreamFacts => movedStream(stream, moverOf(by));

function movedStream(stream: StreamFacts, move: Moved): StreamFacts {
  const { result, heard, circling } = stream;
  return {
    ...stream,
    firstEventAt: move(stream.firstEventAt),
    lastEventAt: move(stream.lastEventAt),
    result: result === null ? null : { ...result, at: move(result.at) },
    ...(heard === undefined ? {} : { heard: Object.fromEntries(Object.entries(heard).map(([id, at]) => [id, move(at)])) }),
    ...(circling == null ? {} : { circling: { ...circling, since: move(circling.since) } }),
  };
}

/** A task that is pending, active or blocked. */
export function movedTask(task: Task, by: Ms): Task {
  const move = moverOf(by);
  const moved = {
    pausedAt: move(task.pausedAt),
    ...(task.waits === undefined ? {} : { waits: { ...task.waits, since: move(task.waits.since) } }),
  };
  if (task.state === 'pending') return { ...task, ...moved, retryAt: move(task.retryAt) };
  return task.state === 'active' ? { ...task, ...moved, startedAt: move(task.startedAt) } : { ...task, ...moved };
}
