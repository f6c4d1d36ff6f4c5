import type { AgentOf } from '../agent/abilities.ts';
import { agentName } from '../agent/which.ts';
import { isFree, moneyWords } from '../limits/spend.ts';
import { limitsOf } from '../limits/watchdogs.ts';
import { ANY_MACHINE, machineOf } from '../model/fleet.ts';
import type { Gate } from '../model/gate.ts';
import type { Run, RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { TaskIn } from '../model/task.ts';
import type { Policy } from '../tick/policy.ts';
import { stepWords } from '../tick/step-words.ts';
import type { ProcessSeen, World } from '../tick/world.ts';
import { doing } from './doing.ts';

/** What a task's run does, by what is seen of it, and what would end it. */
interface Told {
  readonly sentence: string;
  readonly since: Ms | null;
  readonly gates: readonly Gate[];
  readonly next: string;
}

const gate = (name: string, open: boolean, text: string, more: Partial<Gate> = {}): Gate => ({
  ...{ name, open, text, until: null, since: null, change: null },
  ...more,
});

/** Why this agent, where there was a choice. */
export const choiceOf = (agent: AgentOf): readonly Gate[] =>
  agent.why === undefined
    ? []
    : [gate('route', true, `the agent is ${agentName(agent)}${agent.model === null ? '' : `, ${agent.model}`}: ${agent.why}`)];

export function explainRun(world: World, policy: Policy, task: TaskIn<'active'>, now: Ms): Told {
  const run = world.runs.find((other) => other.id === task.run);
  const since = task.startedAt;
  if (run === undefined) return { sentence: `run ${task.run} is being written down`, since, gates: [], next: 'the next tick' };
  const gates = [
    ...choiceOf(run.agent),
    ...processGates(world, run),
    ...wordGates(world, run),
    ...endGates(world, policy, task, run, now),
    ...warningGates(run),
    ...problemGates(run),
  ];
  return {
    sentence: `run ${run.id} ${DOES[run.state]}, attempt ${run.attempt}/${policy.attempts}, by ${agentName(run.agent)}`,
    since,
    gates,
    next: nextOf(run),
  };
}

const DOES: Readonly<Record<Run['state'], string>> = {
  preparing: 'gets its worktree',
  starting: 'is being launched',
  running: 'works',
  stopping: 'is being ended',
  ended: 'has ended; its work is being checked, pushed and reported',
  settled: 'is over',
};

function nextOf(run: Run): string {
  if (run.machine === ANY_MACHINE) return 'a machine with a free slot takes it (`tac8 machines`)';
  if (run.state === 'preparing' || run.state === 'starting') return 'the agent’s start';
  if (run.state === 'running') return 'the agent’s end, a limit, or `tac8 stop`';
  return run.problem === null ? 'the next step' : `another try of ${stepWords(run.problem.step)}`;
}

function processGates(world: World, run: Run): readonly Gate[] {
  if (run.state !== 'running' && run.state !== 'stopping') return [];
  const seen = world.processes.get(run.id);
  if (seen === undefined) return [gate('process', false, 'tac8 has not looked at its process', { change: 'the next look' })];
  if (!seen.known)
    return [
      gate('process', false, `the state of its process is unknown: ${seen.because}`, {
        since: seen.since,
        change: 'the next look; until then nothing is done',
      }),
    ];
  return [
    gate(
      'process',
      seen.value.kind === 'alive',
      `${processWords(run.process.pid, seen.value)}${machineOf(run) === null ? '' : ` on ${machineOf(run)}`}`,
    ),
  ];
}

function processWords(pid: number, seen: ProcessSeen): string {
  switch (seen.kind) {
    case 'alive':
      return `the agent lives: pid ${pid}, ${seen.members} ${seen.members === 1 ? 'process' : 'processes'}`;
    case 'remains':
      return `the agent (pid ${pid}) is gone, ${seen.members} of its processes still run`;
    case 'gone':
      return `the agent (pid ${pid}) is gone${seen.exit === null ? '' : ` with exit code ${seen.exit.code}`}`;
    case 'never':
      return 'the agent was never launched';
  }
}

/** What it says. */
function wordGates(world: World, run: Run): readonly Gate[] {
  if (run.state !== 'running' && run.state !== 'stopping') return [];
  const unread = world.unread.get(run.id);
  if (unread !== undefined) return [gate('words', false, `its log cannot be read: ${unread}`, { change: 'the next look' })];
  const { lastEventAt, activity, turns, spend } = world.streams.get(run.id) ?? run.stream;
  if (lastEventAt === null) return [gate('words', false, 'it has said nothing yet', { since: run.startedAt, change: 'its first word' })];
  const spent = isFree(spend) ? '' : `, ${moneyWords(spend)}`;
  return [
    gate('words', true, `last heard: ${doing(run.task, activity) ?? 'its beginning'} (${turns} turns${spent})`, { since: lastEventAt }),
  ];
}

/** Who wants it ended, or what would end it and when. */
function endGates(world: World, policy: Policy, task: TaskIn<'active'>, run: Run, now: Ms): readonly Gate[] {
  if (run.wanted !== null) {
    const { by, reason, at } = run.wanted;
    return [gate('wanted', false, `to be ended by ${by}: ${reason}`, { since: at, change: 'its end' })];
  }
  if (run.state !== 'running') return [];
  const seen = world.unread.has(run.id) ? null : (world.streams.get(run.id) ?? run.stream);
  return limitsOf(run, { stream: seen, before: task.spent, disk: world.upkeep.measured.get(run.id) }, policy).flatMap(({ by, at }) =>
    at === null ? [] : [gate(by, at > now, `${by} would end it`, { until: at })],
  );
}

/** Of an agent that was silent and speaks again nothing is said any more. */
export const warningsNow = ({ warnings = [], stream }: Run): NonNullable<Run['warnings']> =>
  warnings.filter(({ by, at }) => by !== 'limits.silence' || (stream.lastEventAt ?? 0) <= at);

const warningGates = (run: Run): readonly Gate[] =>
  warningsNow(run).map(({ by, text, at }) =>
    gate('warning', false, `${by}: ${text}`, { since: at, change: 'the limit is raised, or ends it' }),
  );

function problemGates({ problem }: Pick<RunIn<'ended'>, 'problem'>): readonly Gate[] {
  if (problem === null) return [];
  const text = `${stepWords(problem.step)} did not work (${problem.tries} ${problem.tries === 1 ? 'try' : 'tries'}): ${problem.message}`;
  return [gate(problem.step, false, text, { since: problem.at, until: problem.retryAt, change: 'another try' })];
}
