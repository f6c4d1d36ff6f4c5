import { LOG_PIECE, type LogPiece } from '../adapters/machines/wire.ts';
import { misfitOf } from '../adapters/store/shapes/check.ts';
import { misfitOfRun } from '../adapters/store/shapes/documents.ts';
import * as s from '../adapters/store/shapes/shape.ts';
import { stream } from '../adapters/store/shapes/stream.ts';
import type { Run } from '../core/model/run.ts';
import { type RunEvent, transitionRun } from '../core/model/run-transition.ts';
import { STOP_FILE } from '../core/steer/verbs.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { SiteSight } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Performed } from '../engine/perform/step/performs.ts';
import { PortError } from '../engine/ports/error.ts';

/*
 * What another machine answers decides about the runs that it was given, and about nothing else: here it is held to what such an answer can
 * be, so that a runner that is broken, of another version or in wrong hands costs its own runs, and not the loop.
 */

const text = s.string();
const MOST_WORDS = 4_000;
const seen = (value: s.Shape): s.Shape =>
  s.variants('known', [
    s.object({ known: s.literal(true), value, at: s.number() }),
    s.object({ known: s.literal(false), because: text, since: s.number() }),
  ]);
const pairs = (value: s.Shape): s.Shape =>
  s
    .array(s.array(s.anything()))
    .refine((all) => (all as unknown[][]).every((one) => isPair(one, value)), 'not pairs of a name and what it names');
const isPair = (one: readonly unknown[], value: s.Shape): boolean =>
  one.length === 2 && typeof one[0] === 'string' && value.issues(one[1]).length === 0;

const exit = s.object({ code: s.number(), at: s.number(), outOfMemory: s.literal(true).optional() }).nullable();
const identity = s.object({
  pid: s.number(),
  startTime: s.number(),
  bootId: text,
  containment: s.object({ kind: text, path: text.optional() }),
  parent: s.object({ pid: s.number(), startTime: s.number() }).optional(),
});
const process = s.variants('kind', [
  s.object({ kind: s.literal('alive'), identity, members: s.number() }),
  s.object({ kind: s.literal('remains'), exit, members: s.number() }),
  s.object({ kind: s.literal('gone'), exit, rebooted: s.boolean() }),
  s.object({ kind: s.literal('never') }),
]);
/** What ends a run on a machine that nobody is heard on: its limits and its STOP file. No person gives an order there. */
const ownEnd = s.object({
  type: s.oneOf(['stopped', 'timeout', 'stalled', 'output_limit', 'budget', 'lingering']),
  by: text.refine(
    (by) => by === STOP_FILE || by === 'its result' || /^limits\.[a-z_]{1,40}$/.test(String(by)),
    'nothing that ends a run there',
  ),
  reason: text.refine((reason) => String(reason).length <= MOST_WORDS, 'too long'),
  at: s.number(),
  unfinished: s.array(text).optional(),
});
const piece = s.object({
  from: s.whole(0),
  bytes: text.refine((bytes) => String(bytes).length <= 2 * LOG_PIECE, 'longer than what is asked for at once'),
  isAll: s.boolean(),
  sum: text.optional(),
});
const sight = s.object({
  processes: pairs(seen(process)),
  streams: pairs(stream),
  unread: pairs(text),
  signs: pairs(seen(s.object({ stop: text.nullable(), blocked: text.nullable() }))),
  machine: seen(s.object({ freeMemoryBytes: s.number(), freeDiskBytes: s.number(), loadPerCore: s.number() })),
  endedThere: pairs(ownEnd).optional(),
  pieces: s.record(piece),
});

/** What each action may tell of its run: kinds of events; of a step, which parts of the settlement. */
const MAY: Readonly<Partial<Record<Performed['kind'], readonly (RunEvent['kind'] | `step ${string}`)[]>>> = {
  prepare: ['prepared', 'ended'],
  launch: ['launched', 'ended'],
  rung: ['rung', 'swept'],
  sweep: ['swept'],
  tell: ['saying', 'unsaid', 'untold'],
  'end-input': ['input-ended'],
  save: ['step saved'],
  mend: ['step mended'],
  commit: ['step wip'],
  inspect: ['step inspection', 'step mended'],
  verify: ['step verified'],
  'log-end': ['step logged'],
};
const result = s.object({ events: s.array(s.object({ event: s.anything(), why: text })), counters: s.anything().optional() });

/** The answer to an action on a run. Throws a PortError when it is none. */
export function believeResult(machine: string, kind: Performed['kind'], run: Run, answer: unknown): Result {
  const amiss = (why: string): PortError => new PortError('unknown', `the machine ${machine} gave a wrong answer to ${kind}: ${why}`);
  const wrong = misfitOf(result, answer);
  if (wrong !== null) throw amiss(wrong);
  const { events } = answer as Result;
  const kinds = events.flatMap(({ event }) =>
    event.kind === 'step' ? Object.keys(event.done ?? {}).map((part) => `step ${part}`) : [event.kind],
  );
  const odd = kinds.map(String).find((one) => !(MAY[kind] as readonly string[] | undefined)?.includes(one));
  if (odd !== undefined) throw amiss(`it tells of "${odd.slice(0, 40)}"`);
  const misfit = misfitOfRun(JSON.parse(JSON.stringify(afterAll(run, events, amiss))));
  if (misfit !== null) throw amiss(misfit);
  // A start counts where it is decided: here.
  const counters = kind === 'launch' && kinds.includes('launched') ? { counters: { workers_launched: 1 } } : {};
  return { events: events.map(({ event, why }) => ({ event, why: why.slice(0, MOST_WORDS) })), ...counters };
}

/** As the run would be; what stands in the store is not touched. */
function afterAll(run: Run, events: Result['events'], amiss: (why: string) => PortError): Run {
  try {
    let after = run;
    for (const { event } of events) after = transitionRun(after, event) ?? after;
    return { ...after, version: run.version };
  } catch (error) {
    throw amiss(messageOf(error));
  }
}

/** A stretch of a log, as it was asked for. */
export function believePiece(machine: string, answer: unknown): LogPiece {
  const wrong = misfitOf(piece, answer);
  if (wrong === null) return answer as LogPiece;
  throw new PortError('unknown', `the machine ${machine} sent a wrong part of a log: ${wrong}`);
}

/** The answer to a look at these runs; what it tells of others is left out. `pieces`: of their logs. Throws a PortError when it is none. */
export function believeSight(machine: string, runs: readonly Run[], answer: unknown): Believed {
  const wrong = misfitOf(sight, answer);
  if (wrong !== null) throw new PortError('unknown', `the machine ${machine} gave a wrong answer to a look: ${wrong}`);
  const { processes, streams, unread, signs, machine: itself, endedThere = [], pieces } = answer as Told;
  const names = new Set<string>(runs.flatMap(({ id, task }) => [id, task]));
  const of = (all: readonly (readonly [string, unknown])[]): ReadonlyMap<string, unknown> =>
    new Map(all.filter(([name]) => names.has(name)));
  const held = {
    ...{
      processes: of(processes),
      streams: of(streams),
      unread: of(unread),
      signs: of(signs),
      machine: itself,
      endedThere: of(endedThere),
    },
    pieces: Object.fromEntries(Object.entries(pieces).filter(([name]) => names.has(name))),
  };
  // Looked through above, field by field.
  return held as unknown as Believed;
}

type Believed = SiteSight & { readonly pieces: Readonly<Record<string, LogPiece>> };
interface Told {
  readonly processes: readonly (readonly [string, unknown])[];
  readonly streams: readonly (readonly [string, unknown])[];
  readonly unread: readonly (readonly [string, string])[];
  readonly signs: readonly (readonly [string, unknown])[];
  readonly machine: unknown;
  readonly endedThere?: readonly (readonly [string, unknown])[];
  readonly pieces: Readonly<Record<string, LogPiece>>;
}
