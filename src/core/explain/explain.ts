import { hintOf } from '../advice/hints.ts';
import type { Gate } from '../model/gate.ts';
import type { Ms } from '../model/seen.ts';
import { isRacer, issueNumber, rootOf, type Task, type TaskId, type TaskIn } from '../model/task.ts';
import { evidenceOf, evidenceWords } from '../review/evidence.ts';
import { unmergedAt } from '../review/pull-sights.ts';
import { agentNow, racersNow } from '../route/agent-now.ts';
import { overWords } from '../settle/reviews.ts';
import { dependencyGate } from '../start/dependencies.ts';
import { agentGate, fleetGates, pausedGates, relabel, slotsOf, taskGates } from '../start/gates.ts';
import { countMaking, openPullsGate } from '../start/open-pulls.ts';
import { raceGates } from '../start/race-gates.ts';
import { byTurn } from '../start/schedule.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { isOverMeanwhile, leftBehind } from '../words/left-behind.ts';
import { besidesOf } from '../words/left-words.ts';
import { choiceOf, explainRun } from './explain-run.ts';

/** Why a task is where it is: the state in one sentence, then what must hold or has been seen, in the order in which it decides. */
export interface Explanation {
  readonly task: TaskId;
  readonly state: Task['state'] | 'unknown';
  readonly sentence: string;
  /** Since when it is in this state, if that is known. */
  readonly since: Ms | null;
  readonly gates: readonly Gate[];
  /** What will change it: by itself at a time, or by a person. */
  readonly next: string;
}

type Explained = Pick<Explanation, 'sentence' | 'since' | 'gates' | 'next'>;

/** The same gates that decide who starts; so what is explained is what is decided. */
export function explain(world: World, policy: Policy, id: TaskId, now: Ms): Explanation {
  const task = world.tasks.find((other) => other.id === id);
  if (task === undefined) return { task: id, state: 'unknown', ...explainAbsent(world, policy, id, now) };
  return { task: id, state: task.state, ...explainTask(world, policy, task, now) };
}

function explainTask(world: World, policy: Policy, task: Task, now: Ms): Explained {
  switch (task.state) {
    case 'pending':
      return explainWaiting(world, policy, task, now);
    case 'active':
      return explainRun(world, policy, task, now);
    case 'completed': {
      const sentence = notChosen(world, task) ?? (task.pull === null ? `done: branch ${task.branch}` : `done: ${task.pull.url}`);
      const gates = [...resultOf(world, task), ...chosenOf(task), ...overOf(world, task), ...besides(world, task)];
      return { sentence, since: task.at, gates, next: `nothing by itself; \`tac8 retry ${task.id}\` starts it anew` };
    }
    case 'review': {
      const gates = [...pausedGates(task), ...resultOf(world, task), ...notMerged(world, task), ...besides(world, task)];
      const next = `pull #${task.pull?.number ?? ''} is merged or closed; \`tac8 retry ${task.id} --continue --message "…"\` works on it further`;
      return { sentence: `in review: ${task.pull?.url ?? task.branch}`, since: task.at, gates, next };
    }
    case 'failed':
      return explainFailed(policy, task);
    case 'blocked': {
      const reply = policy.orders && issueNumber(task.id) !== null ? '; so does a comment on the issue by someone with write access' : '';
      const next = `\`tac8 retry ${task.id} --continue --message "…"\` answers${reply}`;
      return { sentence: `it asks: ${task.question}`, since: task.at, gates: [fact('question', false, `asked by ${task.run}`)], next };
    }
  }
}

function explainWaiting(world: World, policy: Policy, task: TaskIn<'pending'>, now: Ms): Explained {
  if (task.race !== undefined) return explainRace(world, task, task.race);
  const making = countMaking(world.tasks.filter((one) => one.state === 'active'));
  const gatesOf = (one: TaskIn<'pending'>): readonly Gate[] => [
    ...openPullsGate(world, policy, one, making),
    ...taskGates(world, policy, one, now),
    ...(one.race === undefined ? agentGate(world, world.runs, policy, one, now) : []),
  ];
  const gates = [...gatesOf(task), ...fleetGates(world, policy, slotsOf(world.tasks, world.runs, policy, now), now)];
  const closed = gates.find((gate) => !gate.open);
  const ahead = world.tasks.filter((other): other is TaskIn<'pending'> => other.state === 'pending' && byTurn(other, task) < 0);
  const first = ahead.filter((other) => gatesOf(other).every((gate) => gate.open)).map(({ id }) => id);
  if (first.length > 0 && (closed === undefined || closed.name === 'slot')) gates.push(turn(first));
  const racers = racersNow(world, policy, task, now);
  if (racers === null) gates.push(...choiceOf(agentNow(world, policy, task, now)));
  else gates.push(fact('route', true, `as many attempts side by side as there are agents: ${racers.join(', ')}`));
  const sentence =
    closed === undefined ? (first.length === 0 ? 'it waits for nothing: the next tick starts it' : 'it is ready') : closed.text;
  return { sentence, since: closed?.since ?? null, gates, next: closed?.change ?? 'the next tick' };
}

/** Several attempts are at work on it, or the chosen one is handed over. */
function explainRace(world: World, task: TaskIn<'pending'>, race: NonNullable<Task['race']>): Explained {
  const [gate] = raceGates(world, task);
  const why = race.why === undefined ? [] : [fact('race', true, `chosen: ${race.why}`)];
  return { sentence: gate?.text ?? '', since: null, gates: why, next: gate?.change ?? 'the next tick' };
}

/** What was made, and what shows that it is done. */
function resultOf(world: World, task: TaskIn<'completed' | 'review'>): readonly Gate[] {
  const commit = task.commit === null ? 'no commit' : `commit ${task.commit.slice(0, 12)}`;
  const { branch } = world.tasks.find(({ id }) => id === task.race?.winner) ?? task;
  const made = fact('result', true, `${commit} on ${branch}, by ${task.run}`);
  const run = world.runs.find(({ id }) => id === task.run);
  if (run === undefined) return [made];
  return [made, ...evidenceWords(evidenceOf(task, run, world.pullSights)).map(({ name, ok, text }) => fact(name, ok, text))];
}

/** Of one of several attempts whose work is done, and is not handed over. */
function notChosen(world: World, task: TaskIn<'completed'>): string | null {
  if (!isRacer(task.id) || task.pull !== null) return null;
  const root = rootOf(task.id);
  const winner = world.tasks.find(({ id }) => id === root)?.race?.winner;
  if (winner === task.id) return null;
  return winner === undefined ? `done: it waits for the other attempts at ${root}` : `done, and ${winner} was chosen for ${root}`;
}

/** Which of several attempts it was, and why. */
const chosenOf = ({ race }: Task): readonly Gate[] =>
  race?.winner === undefined ? [] : [fact('race', true, `${race.winner} was chosen of ${race.racers.length} attempts: ${race.why ?? ''}`)];

/** Why its pull is green and not merged, where it is to be. */
function notMerged({ pullSights }: World, { id, pull }: TaskIn<'review'>): readonly Gate[] {
  const sight = pull === null ? undefined : pullSights.get(pull.number);
  const unmerged = sight?.task === id ? unmergedAt(sight) : null;
  return unmerged === null ? [] : [{ ...fact('unmerged', false, `not merged: ${unmerged.why}`), since: unmerged.since }];
}

/** What became of its pull, and what a round made that did not get onto it. */
function overOf(world: World, task: TaskIn<'completed'>): readonly Gate[] {
  if (task.over === undefined) return [];
  const run = world.runs.find(({ id }) => id === task.run);
  const left = run !== undefined && isOverMeanwhile(task, run) ? leftBehind(task, run) : null;
  const words = fact('pull', true, overWords(task, task.over.how));
  return left === null ? [words] : [words, fact('besides', false, `a round was under way: ${left}`)];
}

/** What a person should know of it besides. */
const besides = (world: World, { run }: TaskIn<'completed' | 'review'>): readonly Gate[] =>
  besidesOf(world.runs.find(({ id }) => id === run)?.settlement ?? {}).map((text) => fact('besides', false, text));

/** Who has the next free slot before it. */
const turn = (first: readonly TaskId[]): Gate => ({
  ...fact(
    'turn',
    false,
    `${first.length} ${first.length === 1 ? 'task is' : 'tasks are'} before it: ${first.slice(0, 5).join(', ')}${first.length > 5 ? ' …' : ''}`,
  ),
  change: 'its turn; `tac8 priority` puts it first',
});

const fact = (name: string, open: boolean, text: string): Gate => ({ name, open, text, until: null, since: null, change: null });

function explainFailed(policy: Policy, task: TaskIn<'failed'>): Explained {
  const { failure } = task;
  const by = failure.by === undefined || failure.message.includes(failure.by) ? '' : ` (by ${failure.by})`;
  const before = task.runs === 0 ? 'it never ran' : `it had ${task.runs} ${task.runs === 1 ? 'run' : 'runs'} before`;
  // Ended while it waited, it names no run of its own.
  const run = task.run === null ? before : `its last run is ${task.run}`;
  const { race } = task;
  const made = race === undefined ? null : `${race.racers.length} attempts were made side by side: ${race.racers.join(', ')}`;
  const used = `${run}; ${task.attempts}/${policy.attempts} attempts used`;
  const gates = [made === null ? fact('attempts', task.attempts < policy.attempts, used) : fact('race', false, made)];
  return {
    sentence: `${failure.type}: ${failure.message}${by}`,
    since: task.at,
    gates,
    next: hintOf(failure, { task: task.id, failed: true }),
  };
}

function explainAbsent(world: World, policy: Policy, id: TaskId, now: Ms): Explained {
  const number = issueNumber(id);
  const base = { since: null, gates: [] };
  if (number === null || world.forge === 'none')
    return { ...base, sentence: 'there is no such task', next: '`tac8 add`, or a line in tasks.md' };
  const { issues } = world;
  if (!issues.known)
    return {
      ...base,
      since: issues.since,
      sentence: `the state of GitHub is unknown: ${issues.because}`,
      next: 'the next look that GitHub answers',
    };
  if (!issues.value.some((other) => other.number === number)) {
    const more = [
      ...(policy.milestone === null ? [] : [`in the milestone ${policy.milestone}`]),
      ...(policy.assignee === null ? [] : [`assigned to ${policy.assignee}`]),
    ];
    const sentence = [`it is not an open, unlocked issue with the label ${policy.label}`, ...more].join(', ');
    return { ...base, sentence, next: 'put the label on, or write its line into tasks.md' };
  }
  const trigger = world.triggers.get(number);
  if (trigger === undefined) return absent(false, 'tac8 is looking up who put the label on', 'the next tick', null);
  if (!trigger.known)
    return absent(false, `tac8 does not know who put the label on: ${trigger.because}`, 'the next look that GitHub answers', trigger.since);
  const { allowed, why, at } = trigger.value;
  const told = absent(allowed, why, allowed ? 'the next tick takes it into the queue' : relabel(policy.label), at);
  return { ...told, gates: [...told.gates, ...dependencyGate(world, {}, number, now)] };
}

function absent(open: boolean, text: string, next: string, since: Ms | null): Explained {
  return { sentence: text, since, gates: [{ ...fact('trigger', open, text), since, change: open ? null : next }], next };
}
