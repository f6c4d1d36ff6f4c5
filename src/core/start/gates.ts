import type { AgentOf } from '../agent/abilities.ts';
import { DEFAULT_AGENT, loginsOf } from '../agent/which.ts';
import { dayIsSpent, spentToday } from '../limits/spending.ts';
import type { Failure } from '../model/failure.ts';
import { endOf, type Parking, parkedNow, parkingOf } from '../model/fleet.ts';
import { isFreshTrigger, type Pull, whyUnwanted } from '../model/forge.ts';
import { type Gate, gate, NEXT_POLL, pass, shut } from '../model/gate.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { issueNumber, type Task, type TaskIn } from '../model/task.ts';
import { agentNow, changesLogin, racersNow } from '../route/agent-now.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { dependencyGate } from './dependencies.ts';
import { CLAIMED_BY_OTHERS, claimGate } from './issue-claim.ts';
import { raceGates } from './race-gates.ts';
import { strayOf, whatLives } from './strays.ts';

/** The slots in use, when the last of them was taken, and when the next one is given back though its task is not settled. */
export interface Slots {
  readonly active: number;
  readonly lastStart: Ms | null;
  readonly nextFree: Ms | null;
}

/** So long after its run's end a task keeps its slot, whatever still keeps it from being settled: git, GitHub, a full disk. */
const SETTLING: Ms = 60_000;

/** Its task is still at work by its state, and has given its slot back, as far as the run alone tells: checks of its work keep it. */
export function gaveSlotBack(run: Run, now: Ms): boolean {
  if (run.state !== 'ended' || run.endedAt + SETTLING > now) return false;
  const { outcome, verified, pushed } = run.settlement;
  const mayBeChecked = outcome?.kind === 'done' && verified === undefined && pushed === undefined;
  return !mayBeChecked || (run.problem !== null && run.problem.step !== 'verify');
}

/** Counts the slots in use. `runs`: those of the active tasks at least. */
export function slotsOf(tasks: Iterable<Task>, runs: Iterable<Run>, policy: Policy, now: Ms): Slots {
  const freeAt = new Map(
    [...runs].flatMap((run) => (run.state === 'ended' && !isChecked(run, policy) ? [[run.id, run.endedAt + SETTLING]] : [])),
  );
  let active = 0;
  let lastStart: Ms | null = null;
  let nextFree: Ms | null = null;
  for (const task of tasks) {
    if (task.state !== 'active') continue;
    const free = freeAt.get(task.run) ?? null;
    if (free !== null && free <= now) continue;
    active += 1;
    lastStart = Math.max(lastStart ?? 0, task.startedAt);
    if (free !== null) nextFree = Math.min(nextFree ?? free, free);
  }
  return { active, lastStart, nextFree };
}

/** The checks of its work run, or are about to: they use the machine as an agent does. */
const isChecked = ({ settlement: { outcome, verified } }: Run, { pulls }: Policy): boolean =>
  pulls.verify && outcome?.kind === 'done' && verified === undefined;

/** The gates of the whole fleet: the same for every task. */
export function fleetGates(world: World, policy: Policy, { active, lastStart, nextFree }: Slots, now: Ms): readonly Gate[] {
  const { fleet } = world;
  const out = [
    ...strayGates(world),
    world.draining
      ? shut('leaving', 'the daemon is about to leave: nothing new starts', 'the next `tac8 start`')
      : pass('leaving', 'the daemon is not about to leave'),
    fleet.pausedAt === null
      ? pass('paused', 'the fleet is not paused')
      : shut('paused', 'the fleet is paused: by a person', '`tac8 resume`', { since: fleet.pausedAt }),
  ];
  const parked = whatHoldsAll(fleet, policy, now);
  if (parked !== null) out.push(parkedGate(parked));
  const spent = spentToday(fleet.day, world);
  if (spent.usd >= policy.limits.usdPerDay) {
    const change = 'midnight, or limits.usd_per_day is raised';
    out.push(shut('day', dayIsSpent(spent, policy.limits.usdPerDay), change, { until: world.today.end }));
  }
  out.push(...machineGates(world, policy));
  const next = (lastStart ?? 0) + policy.limits.startGap;
  if (now < next) out.push(shut('gap', 'another task was started just now (limits.start_gap)', 'a moment', { until: next }));
  const used = `(${active}/${policy.slots})`;
  if (active < policy.slots) out.push(pass('slot', `a slot is free ${used}`));
  else
    out.push(shut('slot', `waiting for a slot ${used}`, 'a running worker ends, or max_concurrent_workers is raised', { until: nextFree }));
  return out;
}

/** Where every login is parked: the one that is let go first. */
function whatHoldsAll(fleet: World['fleet'], policy: Policy, now: Ms): Parking | null {
  const all = loginsOf(policy).map((login) => parkingOf(fleet, login, now));
  const held = all.filter((parking) => parking !== null);
  if (held.length < all.length) return null;
  const end = (parking: Parking): number => endOf(parking) ?? Number.POSITIVE_INFINITY;
  return held.reduce((first, other) => (end(other) < end(first) ? other : first));
}

function parkedGate(parking: Parking): Gate {
  const { type, message, until, since, login } = parking;
  const change = until === null ? '`tac8 resume` once it is mended, or another login of the agent' : 'it goes on by itself';
  const whose = login === undefined ? '' : ` the login ${login}`;
  return shut('parked', `parked${whose}: ${type}: ${message}`, change, { until: endOf(parking), since });
}

/** Its agent's login is parked, while another is not. */
function loginGate({ fleet }: World, policy: Policy, agent: AgentOf, now: Ms): readonly Gate[] {
  const parking = parkingOf(fleet, agent.login, now);
  return parking === null || whatHoldsAll(fleet, policy, now) !== null ? [] : [parkedGate(parking)];
}

/** Where an agent has slots of its own, and all of them are in use. `runs`: those of the active tasks at least. */
export function agentGate(
  world: Pick<World, 'fleet' | 'today'>,
  runs: Iterable<Run>,
  policy: Policy,
  task: TaskIn<'pending'>,
  now: Ms,
): readonly Gate[] {
  if (policy.own === undefined) return [];
  const agent = agentNow(world, policy, task, now);
  const name = agent.profile ?? DEFAULT_AGENT;
  const slots = (Object.hasOwn(policy.own, name) ? policy.own[name]?.slots : null) ?? null;
  if (slots === null) return [];
  const used = [...runs].filter((run) => run.state !== 'ended' && run.state !== 'settled' && run.agent.profile === agent.profile).length;
  const setting = agent.profile === undefined ? 'agent.slots' : `agents.${name}.slots`;
  if (used < slots) return [pass('agent', `a slot of the agent ${name} is free (${used}/${slots})`)];
  const change = `a running worker of ${name} ends, or ${setting} is raised`;
  return [shut('agent', `waiting for a slot of the agent ${name} (${used}/${slots}, ${setting})`, change)];
}

function machineGates({ machine }: World, { limits }: Policy): readonly Gate[] {
  if (!machine.known) return [];
  const { freeMemoryBytes, freeDiskBytes, loadPerCore } = machine.value;
  const out: Gate[] = [];
  const add = (name: string, text: string, setting: string): void => void out.push(shut(name, text, `it eases, or ${setting} is changed`));
  if (loadPerCore > limits.loadPerCore)
    add('load', `${loadPerCore.toFixed(1)} processes want each core (limits.load_per_core ${limits.loadPerCore})`, 'limits.load_per_core');
  if (freeMemoryBytes < limits.minFreeMemory)
    add(
      'memory',
      `only ${mib(freeMemoryBytes)} of memory are free (limits.min_free_memory ${mib(limits.minFreeMemory)})`,
      'limits.min_free_memory',
    );
  if (freeDiskBytes < limits.minFreeDisk)
    add('disk', `only ${mib(freeDiskBytes)} of disk are free (limits.min_free_disk ${mib(limits.minFreeDisk)})`, 'limits.min_free_disk');
  return out;
}

/** Whatever may still be at work on any of the tasks keeps all of them from being started a second time. */
function strayGates(world: World): readonly Gate[] {
  if (!world.strays.known) {
    const text = `tac8 is looking up what still runs here: ${world.strays.because}`;
    return [shut('strays', text, 'the next look', { since: world.strays.since })];
  }
  const nobodys = strayOf(world, null);
  if (nobodys === undefined) return [];
  return [
    shut(
      'strays',
      `${whatLives(nobodys)}, and tac8 cannot tell for which task`,
      `\`tac8 doctor --fix\`, or \`kill ${nobodys.process.pid}\``,
    ),
  ];
}

/** What went wrong, and what mends it where whoever refused said so: a person can do that before the next attempt. */
const whatHelps = ({ message, hint }: Failure): string => (hint === undefined ? message : `${message} — ${hint}`);

const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** None: nobody has paused it. */
export const pausedGates = ({ id, pausedAt }: Task): readonly Gate[] =>
  pausedAt === null ? [] : [shut('paused', 'paused by a person', `\`tac8 resume ${id}\``, { since: pausedAt })];

/** The gates of one pending task. */
export function taskGates(world: World, policy: Policy, task: TaskIn<'pending'>, now: Ms): readonly Gate[] {
  const out: Gate[] = [...raceGates(world, task)];
  if (task.race !== undefined) return out;
  out.push(...pausedGates(task));
  const isHeldByNone = parkedNow(world.fleet, now).length === 0 && task.last?.cutOff === undefined;
  const agent = isHeldByNone || racersNow(world, policy, task, now) !== null ? null : agentNow(world, policy, task, now);
  if (agent !== null) out.push(...loginGate(world, policy, agent, now));
  if (task.retryAt !== null && task.retryAt > now && (agent === null || !changesLogin(policy, task.last, agent))) {
    const why = task.last === null ? '' : ` after ${task.last.type} (${task.attempts}/${policy.attempts}): ${whatHelps(task.last)}`;
    const change = `it starts by itself; \`tac8 retry ${task.id}\` starts it now`;
    out.push(shut('backoff', `backing off${why}`, change, { until: task.retryAt, since: task.last?.at ?? null }));
  }
  const stray = strayOf(world, task.id);
  if (stray !== undefined)
    out.push(
      shut('stray', `${whatLives(stray)} from before: nothing is started in its place`, `its end; \`kill ${stray.process.pid}\` ends it`),
    );
  const number = issueNumber(task.id);
  if (number === null || world.forge === 'none') return out;
  const label = labelGate(world, policy, task, number);
  const rest = [...dependencyGate(world, task, number, now), ...pullGate(world, task, number)];
  const claim = claimGate(world.claims, task);
  // That another works on it tells more than that there is a pull; it is claimed when nothing else holds it.
  const others = claim.filter(({ name }) => name === CLAIMED_BY_OTHERS);
  const isHeld = [...out, ...label, ...others, ...rest].some(({ open }) => !open);
  const trigger = triggerGate(world, policy, task, number, isHeld, now);
  return [...out, ...label, ...trigger, ...others, ...rest, ...(others.length === 0 ? claim : [])];
}

/** Missing from the list: it starts only when the issue itself says that it is wanted. */
function labelGate(world: World, policy: Policy, task: Task, number: number): readonly Gate[] {
  if (task.armedBy !== 'label' || !world.issues.known || world.issues.value.some((issue) => issue.number === number)) return [];
  const own = world.singles.get(number);
  if (own === undefined) return [shut('label', 'its issue is missing from the list: tac8 asks for it by itself', NEXT_POLL)];
  if (!own.known)
    return [shut('label', `tac8 does not know whether its issue still bears the label: ${own.because}`, NEXT_POLL, { since: own.since })];
  const why = whyUnwanted(own.value, policy);
  if (why === null) return [pass('label', 'its issue is open and bears the label, though the list lacks it')];
  return [shut('label', why, `an open issue with the label ${policy.label}`)];
}

/**
 * Asked again at dispatch: who put the label on may have lost the right since. While something else holds the task back, the answer of then
 * stands, or it would be asked for again and again.
 */
function triggerGate(world: World, policy: Policy, task: Task, number: number, isHeld: boolean, now: Ms): readonly Gate[] {
  if (task.armedBy !== 'label') return [];
  const trigger = world.triggers.get(number);
  // Nobody asks before nothing else holds it.
  if (trigger === undefined && isHeld) return [];
  if (trigger === undefined || (trigger.known && !isHeld && !isFreshTrigger(trigger.at, now)))
    return [shut('trigger', 'tac8 is looking up who put the label on', NEXT_POLL)];
  if (!trigger.known)
    return [shut('refused', `tac8 does not know who put the label on: ${trigger.because}`, NEXT_POLL, { since: trigger.since })];
  if (trigger.value.allowed) return [gate('trigger', true, trigger.value.why, { since: trigger.value.at })];
  return [shut('refused', trigger.value.why, relabel(policy.label), { since: trigger.value.at })];
}

/** What makes a label count that somebody without the right put on. */
export const relabel = (label: string): string => `someone with write access takes the label ${label} off and puts it on again`;

/** An open pull for the issue means that somebody is at it, or was: starting would be the same work twice. */
function pullGate(world: World, task: Task, number: number): readonly Gate[] {
  const { pulls } = world;
  if (!pulls.known) return [shut('pulls', `GitHub: open pulls are unknown: ${pulls.because}`, NEXT_POLL, { since: pulls.since })];
  const isOurs = ({ number: one, head }: Pull): boolean =>
    head.branch === task.branch && (head.elsewhere !== true || one === task.pull?.number);
  const theirs = pulls.value.find((pull) => !isOurs(pull) && pull.closes.includes(number));
  if (theirs !== undefined) {
    const text = `a person's open pull #${theirs.number} by ${theirs.author ?? 'someone'} closes it`;
    return [shut('pulls', text, `pull #${theirs.number} is closed, or does not name #${number} any more`)];
  }
  const ours = pulls.value.find(isOurs);
  if (ours !== undefined && task.runs === 0) {
    const text = `its branch has an open pull already: #${ours.number}`;
    return [shut('pulls', text, `pull #${ours.number} is merged or closed`)];
  }
  return [gate('pulls', true, 'no open pull closes it', { since: null })];
}
