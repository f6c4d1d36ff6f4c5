import { openMemoryStore } from '../../../../src/adapters/store/memory.ts';
import type { Run } from '../../../../src/core/model/run.ts';
import type { Ms } from '../../../../src/core/model/seen.ts';
import type { Task } from '../../../../src/core/model/task.ts';
import { readFleet, waitsFor } from '../../../../src/read/status.ts';
import { MINUTE } from '../../incidents/incidents.ts';
import type { Stage } from '../../stage.ts';
import { TAC8 } from '../../truth/forge.ts';
import { costSentences, saidOfCost } from '../cost.ts';
import { boardSentences, saidByBoard } from './board-words.ts';
import { fleetSentences, runSentences, saidOfFleet, saidOfRuns } from './fleet-words.ts';
import { type Claim, claimOf, evidenceIn, type Sentence } from './sentences.ts';
import { waitingSentences } from './waiting-words.ts';
import { absentFrom, saidByWhy, whySentences } from './why-words.ts';

/** Looks: `why`, the board and costs say twenty times as much as `status`. */
const PAGES_EVERY = 5;

const isEachMinute = (where: Where): boolean => where === 'status' || where === 'fleet' || where === 'run';

/** A clock that is set moves times along. */
const SLIP: Ms = 2_000;

/** Where something is said of a task. */
export type Where = 'status' | 'why' | 'board' | 'cost' | 'fleet' | 'run';
/** What is said instead, to see that the judge notices. */
export type Lie = (words: string, where: Where) => string;

/** What would be said instead, null: nothing. It is held against what there is for itself, and breaks no promise. */
export interface Planted {
  readonly where: Where;
  readonly instead: (words: string, task: Task) => string | null;
}
/** `pattern`: by which sentence of the judge. */
export interface Found {
  readonly message: string;
  readonly pattern: string | undefined;
}

export interface Statements {
  /** Once a minute: all that `status` says, held against what there is. */
  look(): void;
  /** How many sentences were looked at. */
  readonly looked: () => number;
  /** Of each that was planted what was found; null: nothing. */
  readonly found: () => readonly (Found | null)[];
}

/**
 * Everything that `status`, `why` and the board say of tasks and what they cost, judged by the simulated world itself: each sentence has the evidence it must have, a sentence that
 * has none here is a violation, and what is false for longer than it can take to learn better is one, too.
 */
export function createStatements(stage: Stage, lie: Lie = (words) => words, planted: readonly Planted[] = []): Statements {
  const { judge, contents, kernel, forge, troubles, timeline } = stage;
  const sentences: Readonly<Record<Where, readonly Sentence[]>> = {
    status: waitingSentences(stage),
    why: whySentences(stage),
    board: boardSentences(stage),
    cost: costSentences(stage),
    fleet: fleetSentences(stage),
    run: runSentences(stage),
  };
  const { notEndedBy } = evidenceIn(stage);
  const each = { minute: new Map<string, Ms>(), page: new Map<string, Ms>() };
  const plants = planted.map((one) => ({ ...one, claims: [] as Claim[], falseSince: new Map<string, Ms>(), found: null as Found | null }));
  let looked = 0;
  /** By the clock that the daemon writes with. */
  let upSince: Ms | null = null;
  let minutes = 0;

  function* claims(now: Ms): Generator<Claim> {
    const fleet = readFleet(openMemoryStore(contents), now);
    const known = { ...fleet, daemon: stage.isUp() ? {} : null };
    for (const task of contents.tasks.values()) {
      if (task.state === 'pending') for (const words of waitsFor(task, known)) yield* ofSentence(task, words, 'status');
      yield* ofTimes(task, now);
      yield* ofCounts(task);
      if (task.state === 'failed') yield* ofEnd(task);
    }
    for (const run of contents.runs.values()) yield* ofRun(run, now);
    yield* ofTotals();
    upSince = stage.isUp() ? (upSince ?? now) : null;
    for (const { task, words } of saidOfFleet(stage, upSince)) yield* ofSentence(task, words, 'fleet');
    for (const { task, words } of saidOfRuns(stage)) yield* ofSentence(task, words, 'run');
  }

  function* ofSentence(task: Task, words: string, where: Where): Generator<Claim> {
    looked += 1;
    for (const plant of plants) if (plant.where === where && plant.found === null) plant.claims.push(...plantedIn(plant, task, words));
    const claim = claimOf(sentences[where], task, lie(words, where), where);
    if (claim !== null) yield claim;
  }

  function plantedIn({ where, instead }: Planted, task: Task, words: string): readonly Claim[] {
    const said = instead(words, task);
    const claim = said === null ? null : claimOf(sentences[where], task, said, where);
    return claim === null ? [] : [claim];
  }

  /** While nobody runs, `why` says that first, and the board is as it was left. */
  function* ofPages(): Generator<Claim> {
    for (const { task, words } of saidOfCost(stage)) yield* ofSentence(task, words, 'cost');
    if (!stage.isUp()) return;
    for (const { task, words } of saidByBoard(stage)) yield* ofSentence(task, words, 'board');
    const world = stage.seen();
    if (world === null) return;
    for (const task of [...contents.tasks.values(), ...absentFrom(stage)])
      for (const words of saidByWhy(stage, world, task)) yield* ofSentence(task, words, 'why');
  }

  /** Nothing that happened is still to come. */
  function* ofTimes(task: Task, now: Ms): Generator<Claim> {
    const { addedAt, pausedAt } = task;
    const times = {
      addedAt,
      pausedAt,
      ...('at' in task ? { at: task.at } : {}),
      ...('startedAt' in task ? { startedAt: task.startedAt } : {}),
    };
    for (const [name, at] of Object.entries(times))
      if (at !== null && at > now + SLIP)
        yield { words: `${task.id}: ${name}`, because: 'that is still to come: its age is negative', within: MINUTE };
  }

  function* ofCounts({ id, runs, attempts }: Task): Generator<Claim> {
    looked += 1;
    const there = [...contents.runs.values()].filter(({ task }) => task === id).length;
    if (attempts > runs) yield { words: `${id}: ${attempts} attempts`, because: `it had ${runs} runs`, within: 0 };
    if (runs < there) yield { words: `${id}: ${runs} runs`, because: `there are ${there}`, within: 0 };
  }

  /** Who is said to have ended it did so. */
  function* ofEnd(task: Extract<Task, { state: 'failed' }>): Generator<Claim> {
    looked += 1;
    const { type, by, message } = task.failure;
    const because = type === 'stopped' || type === 'killed' || type === 'cancelled' ? notEndedBy(type, task) : null;
    if (because !== null) yield { words: `${task.id} ${type} by ${by ?? 'someone'}: ${message}`, because, within: 0 };
  }

  /** Turns, and when it was last heard. */
  function* ofRun(run: Run, now: Ms): Generator<Claim> {
    const talk = stage.conversations.of.get(run.id);
    const { turns, lastEventAt } = run.stream;
    looked += 1;
    if (talk !== undefined && turns > talk.log.length)
      yield { words: `${run.id}: ${turns} turns`, because: `its log has ${talk.log.length} lines`, within: 0 };
    if (lastEventAt !== null && lastEventAt > now + SLIP && (run.state === 'running' || run.state === 'stopping'))
      yield { words: `${run.id}: last heard`, because: 'that is still to come: its age is negative', within: MINUTE };
  }

  function* ofTotals(): Generator<Claim> {
    looked += 1;
    const launched = [...kernel.folders.values()].filter(({ launchedIn }) => launchedIn !== null).length;
    const pulls = forge.pulls.filter(({ author }) => author === TAC8).length;
    const most = { workers_launched: launched, prs_created: pulls };
    for (const [name, bound] of Object.entries(most)) {
      const said = contents.counters.get(name as never) ?? 0;
      if (said > bound) yield { words: `${name}: ${said}`, because: `there were ${bound}`, within: 0 };
    }
  }

  /** What has been said falsely for longer than it may be. `falseSince`: what was at the look before, and since when. */
  function overdue(all: Iterable<Claim>, falseSince: Map<string, Ms>): readonly Found[] {
    const still = new Map<string, Ms>();
    const found: Found[] = [];
    for (const { words, because, within, pattern } of all) {
      const since = falseSince.get(words) ?? judge.healthy();
      still.set(words, since);
      if (judge.healthy() - since >= within && (within === 0 || !troubles.any()))
        found.push({ message: `"${words}" is said, but ${because}`, pattern });
    }
    falseSince.clear();
    for (const [words, since] of still) falseSince.set(words, since);
    return found;
  }

  function hold(all: Iterable<Claim>, falseSince: Map<string, Ms>, where: (plant: Planted) => boolean): void {
    for (const { message } of overdue(all, falseSince)) judge.broken('every statement is true', message);
    for (const plant of plants) {
      if (!where(plant) || plant.found !== null) continue;
      plant.found = overdue(plant.claims, plant.falseSince)[0] ?? null;
      plant.claims = [];
    }
  }

  return {
    looked: () => looked,
    found: () => plants.map(({ found }) => found),
    look() {
      hold(claims(timeline.wall()), each.minute, ({ where }) => isEachMinute(where));
      minutes += 1;
      if (minutes % PAGES_EVERY === 0) hold(ofPages(), each.page, ({ where }) => !isEachMinute(where));
    },
  };
}
