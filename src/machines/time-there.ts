import type { Exit, Run, StopCause } from '../core/model/run.ts';
import type { RunEvent } from '../core/model/run-transition.ts';
import type { Ms, Seen } from '../core/model/seen.ts';
import { movedRun, movedStreamBy, movedTask } from '../core/tick/clock-set.ts';
import type { ProcessSeen } from '../core/tick/world.ts';
import type { SiteSight } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Subject } from '../engine/perform/step/subject.ts';

/*
 * Two machines need not have the same time: what is waited for is moved from one clock to the other on its way, so that an age is the same on
 * both. The machine itself knows its own clock alone.
 */

/** As the machine would have written it, whose clock is `by` ahead. */
export const subjectThere = (subject: Subject, by: Ms): Subject =>
  by === 0 ? subject : { ...subject, run: movedRun(subject.run, by), task: movedTask(subject.task, by) };
export const runsThere = (runs: readonly Run[], by: Ms): readonly Run[] => (by === 0 ? runs : runs.map((run) => movedRun(run, by)));

/** As it would have been written here. */
export const resultHere = (result: Result, by: Ms): Result =>
  by === 0 ? result : { ...result, events: result.events.map(({ event, why }) => ({ event: eventHere(event, by), why })) };

function eventHere(event: RunEvent, by: Ms): RunEvent {
  switch (event.kind) {
    case 'prepared':
    case 'launched':
    case 'rung':
    case 'saying':
      return { ...event, at: event.at - by };
    case 'ended': {
      const { failedStart } = event;
      const failed = failedStart === undefined ? {} : { failedStart: { ...failedStart, at: failedStart.at - by } };
      return { ...event, at: event.at - by, exit: exitHere(event.exit, by), ...failed };
    }
    case 'unsaid':
      return { ...event, notBefore: event.notBefore - by };
    default:
      return event;
  }
}

export function sightHere<S extends SiteSight>(sight: S, by: Ms): S {
  if (by === 0) return sight;
  const each = <K, V>(map: ReadonlyMap<K, V>, move: (value: V) => V): ReadonlyMap<K, V> =>
    new Map([...map].map(([key, value]) => [key, move(value)]));
  return {
    ...sight,
    processes: each(sight.processes, (seen) => seenHere(seen, by, (value) => processHere(value, by))),
    streams: each(sight.streams, (stream) => movedStreamBy(stream, -by)),
    signs: each(sight.signs, (seen) => seenHere(seen, by)),
    machine: seenHere(sight.machine, by),
    ...(sight.endedThere === undefined
      ? {}
      : { endedThere: each(sight.endedThere, (cause: StopCause): StopCause => ({ ...cause, at: cause.at - by })) }),
  };
}

const seenHere = <T>(seen: Seen<T>, by: Ms, move: (value: T) => T = (value) => value): Seen<T> =>
  seen.known ? { ...seen, value: move(seen.value), at: seen.at - by } : { ...seen, since: seen.since - by };

const processHere = (seen: ProcessSeen, by: Ms): ProcessSeen =>
  seen.kind === 'gone' || seen.kind === 'remains' ? { ...seen, exit: exitHere(seen.exit, by) } : seen;

const exitHere = (exit: Exit | null, by: Ms): Exit | null => (exit === null ? null : { ...exit, at: exit.at - by });
