import { createDaemons, type Daemons } from './daemons.ts';
import { happen } from './incidents/happen.ts';
import { DAY, HOUR, type Incident, inventIncidents, MINUTE } from './incidents/incidents.ts';
import { checkResults, unrest } from './judge/at-the-end.ts';
import { createMinutes, type Minutes } from './judge/every-minute.ts';
import type { Violation } from './judge/judge.ts';
import type { Found, Lie, Planted } from './judge/words/statements.ts';
import { ask } from './people/at-the-machine.ts';
import type { Safeguard } from './safeguards.ts';
import { type Stage, setStage } from './stage.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly days: number;
  readonly without?: Safeguard | null;
  /** How many times more happens than on common days; once where it is left out. */
  readonly density?: number;
  /** Instead of those that the seed gives. */
  readonly incidents?: readonly Incident[];
  /** What `status` says of waiting tasks, told otherwise than it is. */
  readonly lie?: Lie | undefined;
  /** What would be said instead of what is: each is held against what there is, beside what is said. */
  readonly planted?: readonly Planted[];
  /** Each labelled issue gets several attempts side by side. */
  readonly races?: boolean;
  /** Three logins share the issues, each with the limits of its own provider. */
  readonly logins?: boolean;
  /** Keeps every step in words. */
  readonly trace?: boolean;
}

export interface Report {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly incidents: readonly Incident[];
  readonly trace: readonly string[];
  readonly ticks: number;
  readonly statements: number;
  /** Of each sentence that was planted what was found. */
  readonly found: readonly (Found | null)[];
  readonly runs: number;
  /** Runs that a limit of their provider has ended. */
  readonly cutOff: number;
  readonly steps: number;
}

/** After the last incident everything must come to rest within this time. */
const REST_BOUND = 30 * HOUR;
/** Steps of the longest story; more means that something goes round in circles. */
const MOST_STEPS = 2_000_000;

/** One story from its seed: the real core and engine in a world of which everything is made up. The same options give the same report. */
export async function simulate({
  seed,
  days,
  without = null,
  trace = false,
  races = false,
  logins = false,
  lie,
  planted,
  ...given
}: SimulationOptions): Promise<Report> {
  const incidents = given.incidents ?? inventIncidents(seed, days, given.density);
  const stage: Stage = setStage({
    seed,
    without,
    races,
    logins: logins ? days : 0,
    isTraced: trace,
    daemons: () => daemons,
    ticked: () => minutes.tick(),
  });
  const daemons: Daemons = createDaemons(stage);
  const minutes: Minutes = createMinutes(stage, lie, planted);
  const { timeline, judge } = stage;
  for (const incident of incidents) timeline.at(incident.at, () => happen(stage, daemons, incident));
  timeline.at(0, daemons.start);
  const end = Math.max(days * DAY, incidents.at(-1)?.at ?? 0) + HOUR;
  const steps = await play(stage, daemons, minutes, () => timeline.mono() >= end);
  if (judge.violation() === null) await comeToRest(stage, daemons, minutes, end);
  const { lines, kernel } = stage;
  return {
    seed,
    violation: judge.violation(),
    incidents,
    trace: lines,
    ticks: minutes.ticks(),
    statements: minutes.statements(),
    found: minutes.found(),
    runs: kernel.folders.size,
    cutOff: stage.witness.cutOff(),
    steps,
  };
}

async function play(stage: Stage, daemons: Daemons, minutes: Minutes, isOver: () => boolean): Promise<number> {
  const { timeline, judge, troubles } = stage;
  let steps = 0;
  while (judge.violation() === null && !isOver()) {
    const before = timeline.mono();
    minutes.rest(before, timeline.next());
    const wasHealthy = daemons.isUp() && !troubles.any() && !stage.isWaiting();
    if (!(await timeline.step())) judge.broken('everything ends', 'nothing will ever happen again');
    steps += 1;
    judge.look(timeline.mono() - before, wasHealthy);
    minutes.look(timeline.mono());
    if (steps > MOST_STEPS) judge.broken('the loop never spins', `${steps} steps`);
  }
  return steps;
}

/** Nothing goes wrong any more: people take back what they paused. Then every task must come to its end. */
async function comeToRest(stage: Stage, daemons: Daemons, minutes: Minutes, from: number): Promise<void> {
  const { timeline, judge } = stage;
  stage.trace(() => 'from here on nothing goes wrong');
  stage.calm();
  timeline.after(0, () => void (daemons.isUp() || daemons.start()));
  ask(stage, 'resume', null);
  for (const task of stage.contents.tasks.values()) if (task.pausedAt !== null) ask(stage, 'resume', task.id);
  let looked = 0;
  const isAtRest = (): boolean => {
    if (timeline.mono() - looked < 10 * MINUTE) return false;
    looked = timeline.mono();
    return unrest(stage).length === 0;
  };
  await play(stage, daemons, minutes, () => timeline.mono() >= from + REST_BOUND || isAtRest());
  const left = unrest(stage);
  if (left.length > 0) stage.trace(() => String(stage.board.text));
  if (left.length > 0) stage.trace(() => JSON.stringify(stage.contents.facts.get('daemon'), null, 1));
  if (left.length > 0) judge.broken('everything ends', left.join('; '));
  else checkResults(stage);
}
