import type { Ms } from '../../../src/core/model/seen.ts';
import { HOUR, type Incident, MINUTE } from '../incidents/incidents.ts';
import { unrest } from '../judge/at-the-end.ts';
import type { Violation } from '../judge/judge.ts';
import type { Witness } from '../judge/witness.ts';
import { actAtForge } from '../people/at-the-forge.ts';
import { ask } from '../people/at-the-machine.ts';
import { type Stage, setStage } from '../stage.ts';
import { WILD } from '../truth/programs.ts';
import type { Ink } from '../truth/repository.ts';
import { createCoordinators } from './coordinator.ts';
import { inventTroubles, type Trouble } from './incidents.ts';
import { judgeMachines, type MachineJudge } from './judge.ts';
import { createMachine, type Machine } from './machine.ts';
import { createPostgres } from './postgres.ts';
import type { Without } from './safeguards.ts';

export interface MachinesOptions {
  readonly seed: number;
  readonly hours: number;
  readonly machines: number;
  readonly density?: number;
  readonly without?: Without | null;
  /** Instead of those that the seed gives. */
  readonly incidents?: readonly Trouble[];
  readonly trace?: boolean;
}

export interface MachinesReport {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly incidents: readonly Trouble[];
  readonly trace: readonly string[];
  readonly runs: number;
  readonly steps: number;
}

const REST_BOUND = 12 * HOUR;
const MOST_STEPS = 5_000_000;
const SLOTS = 2;
const nothing = (): undefined => undefined;

/** One story of a coordinator, its machines and Postgres, from its seed. */
export async function simulateMachines({
  seed,
  hours,
  machines: count,
  without = null,
  trace = false,
  ...given
}: MachinesOptions): Promise<MachinesReport> {
  const incidents = given.incidents ?? inventTroubles(seed, hours, given.density);
  const stage = setStage({
    ...{ seed, without: null, isTraced: trace, ticked: nothing },
    daemons: () => ({ isUp: () => coordinators.leader() !== null, wake: coordinators.wake, seen: () => null }),
  });
  const { timeline, judge } = stage;
  const ink: Ink = { count: 0, editsIn: new Map() };
  const policy = { ...stage.policy, machines: true, slots: 5, pulls: { ...stage.policy.pulls, verify: false } };
  const wild = { ...WILD, floods: 0, spends: 0, limited: 0, endless: 8, silent: 6 };
  const quiet = quietWitness(stage.witness);
  Object.assign(stage, { policy, wild, hasForge: true, witness: quiet, letters: noLetters() });

  let away = 0;
  let lossy = 0;
  const cut = new Map<string, number>();
  const chance = stage.random('lost answers');
  const lines = {
    isAway: () => away > 0,
    isCut: (host: string) => (cut.get(host) ?? 0) > 0,
    losesAnswers: () => lossy > 0 && chance.chance(0.2),
  };
  const postgres = createPostgres(timeline, stage.random('postgres'), lines, without !== 'leader’s fence');
  const coordinators = createCoordinators(stage, postgres, ink, without);
  let watching: MachineJudge | null = null;
  const machines = Array.from({ length: count }, (_, n) => {
    const name = `m${n + 1}`;
    const witness = { ...quiet, cameUp: (agent: Parameters<Witness['cameUp']>[0]) => watching?.cameUp(name, agent) };
    const machine = createMachine({ stage, name, slots: SLOTS, postgres, ink, without, witness });
    const { repository } = machine.stage;
    const { edit } = repository;
    Object.assign(repository, {
      edit(task: Parameters<typeof edit>[0], run: Parameters<typeof edit>[1]) {
        edit(task, run);
        watching?.edited(name, task, `edit ${ink.count}`);
      },
    });
    return machine;
  });
  const isJoined = (machine: Machine): boolean => {
    const runner = machine.runner();
    return runner !== null && machine.since() !== null && !runner.isFrozen() && away === 0 && !lines.isCut(machine.name);
  };
  watching = judgeMachines({ stage, machines, coordinators, ink, isJoined, postgres });

  const during = (lasts: Ms, begin: () => void, end: () => void): void => {
    begin();
    timeline.after(lasts, end);
  };
  const one = (pick: number): Machine => machines[Math.floor(pick * machines.length)] as Machine;

  function happen(trouble: Trouble): void {
    if (stage.isCalm()) return;
    stage.trace(() => `* ${JSON.stringify(trouble)}`);
    switch (trouble.kind) {
      case 'issues':
        return actAtForge(stage, trouble as Extract<Incident, { kind: 'issues' }>);
      case 'command':
        return command(stage, trouble.verb, trouble.pick);
      case 'runner-killed':
        return one(trouble.pick).killRunner(trouble.down);
      case 'machine-off':
        watching?.goesOff(one(trouble.pick));
        return one(trouble.pick).powerOff(trouble.down);
      case 'frozen':
        return trouble.on === null
          ? one(trouble.pick).freeze(trouble.lasts)
          : one(trouble.pick).runner()?.freezeAt(trouble.on, trouble.lasts);
      case 'cut': {
        // The coordinator's own line is one of them.
        const all = [...machines.map(({ name }) => name), ...coordinators.hosts];
        const host = all[Math.floor(trouble.pick * all.length)] ?? '';
        const add = (by: number): void => void cut.set(host, (cut.get(host) ?? 0) + by);
        return during(
          trouble.lasts,
          () => add(1),
          () => {
            add(-1);
            postgres.mended(host);
          },
        );
      }
      case 'postgres-away':
        return during(
          trouble.lasts,
          () => {
            away += 1;
          },
          () => {
            away -= 1;
            if (away === 0) postgres.mended(null);
          },
        );
      case 'answers-lost':
        return during(
          trouble.lasts,
          () => {
            lossy += 1;
          },
          () => {
            lossy -= 1;
          },
        );
      case 'runner-crash':
        return one(trouble.pick).troubles.begin({ at: 0, kind: 'crash', on: trouble.on as '', skip: trouble.skip, down: trouble.down });
      case 'coordinator-killed':
        return coordinators.kill(trouble.down);
      case 'coordinator-crash':
        return coordinators.crash(trouble.on, trouble.skip, trouble.down);
      case 'coordinator-frozen':
        return coordinators.freeze(trouble.on, trouble.lasts);
      case 'garbled': {
        // One that was proven whole is nobody's business any more.
        const runs = [...coordinators.logs()].filter(
          ([run, text]) => text.length > 0 && stage.contents.runs.get(run)?.settlement.logged === undefined,
        );
        const found = runs[Math.floor(trouble.pick * runs.length)];
        if (found !== undefined) coordinators.logs().set(found[0], `?${found[1].slice(1)}`);
      }
    }
  }

  for (const incident of incidents) timeline.at(incident.at, () => happen(incident));
  timeline.at(0, () => {
    coordinators.start();
    for (const machine of machines) machine.start();
  });
  let steps = 0;
  let looked = 0;
  const play = async (isOver: () => boolean): Promise<void> => {
    while (judge.violation() === null && !isOver()) {
      const before = timeline.mono();
      if (!(await timeline.step())) judge.broken('everything ends', 'nothing will ever happen again');
      steps += 1;
      judge.look(timeline.mono() - before, false);
      watching?.look(timeline.mono());
      if (steps > MOST_STEPS) judge.broken('the loop never spins', `${steps} steps`);
    }
  };
  // What is away comes back by itself, before people take back what they asked for.
  const end = Math.max(hours * HOUR, incidents.at(-1)?.at ?? 0) + 4 * HOUR;
  await play(() => timeline.mono() >= end || (timeline.mono() > hours * HOUR && isQuiet()));
  function isQuiet(): boolean {
    if (timeline.mono() - looked < 2 * MINUTE) return false;
    looked = timeline.mono();
    const isWell =
      away === 0 &&
      [...cut.values()].every((by) => by === 0) &&
      machines.every(isJoined) &&
      coordinators.leader() !== null &&
      coordinators.isWell();
    return isWell && timeline.mono() > (incidents.at(-1)?.at ?? 0) && stillness().length === 0;
  }
  function stillness(): readonly string[] {
    return [
      ...unrest(stage),
      ...machines.flatMap(({ stage: { kernel } }) => [...kernel.liveRuns()].map((run) => `processes of ${run} live`)),
    ];
  }
  if (judge.violation() === null) {
    stage.trace(() => 'from here on nothing goes wrong');
    stage.calm();
    for (const { troubles } of machines) troubles.endAll();
    coordinators.calm();
    const from = timeline.mono();
    await play(() => timeline.mono() >= from + REST_BOUND || isQuiet());
    const left = stillness();
    if (left.length > 0) judge.broken('everything ends', left.join('; '));
    else watching.atTheEnd();
  }
  return { seed, violation: judge.violation(), incidents, trace: stage.lines, runs: stage.contents.runs.size, steps };
}

function command(stage: Stage, verb: 'stop' | 'kill' | 'cancel' | 'retry', pick: number): void {
  const states = verb === 'retry' ? ['failed', 'blocked'] : ['active'];
  const fit = [...stage.contents.tasks.values()].filter(({ state }) => states.includes(state));
  const task = fit[Math.floor(pick * fit.length)];
  if (task !== undefined) ask(stage, verb, task.id);
}

/** The judge of one machine has no word here: much of what it looks at is elsewhere. */
const quietWitness = (witness: Witness): Witness =>
  Object.fromEntries(
    Object.entries(witness).map(([name, value]) => [name, typeof value === 'function' ? nothing : value]),
  ) as unknown as Witness;

const noLetters = (): Stage['letters'] => ({ posted: nothing, taken: nothing, forget: nothing, lost: () => [] });
