import type { Ms } from '../../../src/core/model/seen.ts';
import { issueNumber, type RunId, type TaskId } from '../../../src/core/model/task.ts';
import { commentMarker } from '../../../src/core/review/pull-text.ts';
import { MINUTE, SECOND } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import { TAC8 } from '../truth/forge.ts';
import type { Process } from '../truth/kernel.ts';
import type { Ink } from '../truth/repository.ts';
import type { Coordinators } from './coordinator.ts';
import type { Machine } from './machine.ts';
import type { PostgresTruth } from './postgres.ts';
import type { Program } from './program.ts';

/** A machine that comes back ends within this time what is not its own any more. */
const RETURN_BOUND: Ms = 10 * SECOND;
/** Beyond `limits.run_time` and the ladder of a stop. */
const OVERTIME: Ms = 12 * MINUTE;
/** Work that is older than so much more than `worktrees.save_every` is at the coordinator, as long as both were there. */
const SAVED_WITHIN: Ms = 4 * MINUTE;
const LOOK_EVERY: Ms = 5 * SECOND;

export interface Ground {
  readonly stage: Stage;
  readonly machines: readonly Machine[];
  readonly coordinators: Coordinators;
  readonly ink: Ink;
  /** Whether a machine and Postgres hear each other now. */
  readonly isJoined: (machine: Machine) => boolean;
  readonly postgres: Pick<PostgresTruth, 'wasForgotten'>;
}

/** Looks at the world itself, not at what tac8 says of it. */
export interface MachineJudge {
  cameUp(machine: string, agent: Process): void;
  edited(machine: string, task: TaskId, edit: string): void;
  /** Power goes off: what is on its disk may never come back. */
  goesOff(machine: Machine): void;
  /** After each step. */
  look(now: Ms): void;
  atTheEnd(): void;
}

interface Edit {
  readonly at: Ms;
  readonly task: TaskId;
  readonly edit: string;
}

export function judgeMachines({ stage, machines, coordinators, ink, isJoined, postgres }: Ground): MachineJudge {
  const { judge, forge, policy } = stage;
  const bornAt = new Map<RunId, Ms>();
  const joinedSince = new Map<string, Ms>();
  const edits = new Map<string, Edit[]>();
  /** Since when both the machine and the coordinator were there, without a gap. */
  const togetherSince = new Map<string, Ms>();
  let looked: Ms = 0;
  let before: Program | null = null;

  const answers = (machine: Machine, now: Ms): boolean => {
    const since = joinedSince.get(machine.name);
    return since !== undefined && now - since > RETURN_BOUND;
  };

  function noteJoined(now: Ms): void {
    const boss = coordinators.leader();
    const isLed = boss !== null && !boss.isFrozen() && boss === before;
    before = boss;
    for (const machine of machines) {
      if (!isJoined(machine)) joinedSince.delete(machine.name);
      else if (!joinedSince.has(machine.name)) joinedSince.set(machine.name, now);
      if (!isLed || !isJoined(machine) || stage.troubles.any() || machine.troubles.any()) togetherSince.delete(machine.name);
      else if (!togetherSince.has(machine.name)) togetherSince.set(machine.name, now);
    }
  }

  /** Two workers of one task, on machines that answer, are one too many. */
  function lookAtWorkers(now: Ms): void {
    const seen = new Map<TaskId, { readonly run: RunId; readonly machine: string }>();
    for (const machine of machines.filter((one) => answers(one, now))) {
      for (const run of machine.stage.kernel.liveRuns()) {
        const agent = machine.stage.kernel.membersOf(run).find(({ role }) => role === 'agent');
        if (agent?.task == null) continue;
        const other = seen.get(agent.task);
        if (other !== undefined && (other.run !== run || other.machine !== machine.name))
          judge.broken('one live worker per task', `${agent.task}: ${other.run} on ${other.machine} and ${run} on ${machine.name}`);
        seen.set(agent.task, { run, machine: machine.name });
      }
    }
  }

  /** No limit stops holding because a cable is pulled: the runner alone ends what has gone on for too long. */
  function lookAtLimits(now: Ms): void {
    for (const machine of machines) {
      const since = machine.since();
      const runner = machine.runner();
      if (since === null || runner === null || runner.isFrozen() || now - since < OVERTIME) continue;
      for (const run of machine.stage.kernel.liveRuns()) {
        const age = now - (bornAt.get(run) ?? now);
        if (age > policy.limits.runTime + OVERTIME && thawedFor(machine, now) > OVERTIME)
          judge.broken('every limit holds everywhere', `${run} on ${machine.name} has lived for ${Math.round(age / MINUTE)} minutes`);
      }
    }
  }

  const frozenAt = new Map<string, Ms>();
  const thawedFor = ({ name }: Machine, now: Ms): Ms => now - (frozenAt.get(name) ?? Number.NEGATIVE_INFINITY);
  function noteFrozen(now: Ms): void {
    for (const machine of machines) if (machine.runner()?.isFrozen() !== false) frozenAt.set(machine.name, now);
  }

  function isSafe({ task, edit }: Edit): boolean {
    const { repository } = stage;
    const within = (commits: readonly string[]): boolean => commits.some((commit) => ink.editsIn.get(commit)?.includes(edit) === true);
    return (
      within(repository.branches.get(task) ?? []) ||
      repository.savedOf(task).some(({ edits: kept, commits }) => kept.has(edit) || within(commits))
    );
  }

  return {
    cameUp(machine, agent) {
      const { run, task } = agent;
      if (run === null) return;
      const before = bornAt.get(run);
      if (before !== undefined) judge.broken('each effect happens once', `the agent of ${run} (${task}) comes up once more, on ${machine}`);
      bornAt.set(run, stage.timeline.mono());
    },
    edited(machine, task, edit) {
      const all = edits.get(machine) ?? [];
      all.push({ at: stage.timeline.mono(), task, edit });
      edits.set(machine, all);
    },
    goesOff(machine) {
      const now = stage.timeline.mono();
      const since = togetherSince.get(machine.name);
      if (since === undefined) return;
      const live = new Set(
        [...machine.stage.kernel.liveRuns()].flatMap((run) => machine.stage.kernel.membersOf(run).map(({ task }) => task)),
      );
      const due = now - policy.saveEvery - SAVED_WITHIN;
      const lost = (edits.get(machine.name) ?? []).find((one) => one.at > since && one.at < due && live.has(one.task) && !isSafe(one));
      if (lost !== undefined)
        judge.broken(
          'a machine’s death loses minutes',
          `${lost.edit} of ${lost.task} was made on ${machine.name} ${Math.round((now - lost.at) / SECOND)} s before it died, and is nowhere else`,
        );
    },
    look(now) {
      noteFrozen(now);
      noteJoined(now);
      if (now - looked < LOOK_EVERY) return;
      looked = now;
      lookAtWorkers(now);
      lookAtLimits(now);
    },
    atTheEnd() {
      for (const run of stage.contents.runs.values()) {
        const marks = forge.comments.filter(({ body, author }) => author === TAC8 && body.includes(commentMarker(run))).length;
        if (marks > 1) judge.broken('each effect happens once', `${marks} comments of ${run.id} stand on ${run.task}`);
        const there = machines.find(({ name }) => name === run.machine);
        const isOver = run.state === 'settled' && run.settlement.logged !== undefined;
        if (there === undefined || !isOver || postgres.wasForgotten(run.id)) continue;
        const whole = there.logOf(run.id);
        // That of a run that was over stays with the coordinator that wrote it.
        if (coordinators.logsOf(run.id).every((here) => here !== whole))
          judge.broken(
            'no byte of a log is missing',
            `the log of ${run.id} has ${whole.length} bytes on ${there.name}, and is another one here`,
          );
      }
      for (const task of stage.contents.tasks.values()) {
        if (issueNumber(task.id) === null) continue;
        const open = forge.pulls.filter(({ head, author }) => author === TAC8 && head.branch === task.branch).length;
        if (open > 1) judge.broken('each effect happens once', `${task.id} has ${open} pulls`);
      }
      for (const machine of machines)
        for (const run of machine.stage.kernel.liveRuns()) judge.broken('everything ends', `processes of ${run} live on ${machine.name}`);
    },
  };
}
