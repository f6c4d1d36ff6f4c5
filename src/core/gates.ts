import { dependencyGate } from './dependencies.ts';
import { isParked } from './fleet.ts';
import { type Pull, whyUnwanted } from './forge.ts';
import { type Gate, gate, NEXT_POLL, pass, shut } from './gate.ts';
import type { Policy } from './policy.ts';
import type { Ms } from './seen.ts';
import { dayIsSpent, spentToday } from './spending.ts';
import { strayOf, whatLives } from './strays.ts';
import { issueNumber, type Task, type TaskIn } from './task.ts';
import type { World } from './world.ts';

/** An answer about who labelled an issue counts for so long. */
export const TRIGGER_AGE: Ms = 5 * 60_000;
/** The slots in use, and when the last of them was taken. */
export interface Slots {
  readonly active: number;
  readonly lastStart: Ms | null;
}

/** Counts the slots in use. */
export function slotsOf(tasks: Iterable<Task>): Slots {
  let active = 0;
  let lastStart: Ms | null = null;
  for (const task of tasks) {
    if (task.state !== 'active') continue;
    active += 1;
    lastStart = Math.max(lastStart ?? 0, task.startedAt);
  }
  return { active, lastStart };
}

/** The gates of the whole fleet: the same for every task. */
export function fleetGates(world: World, policy: Policy, { active, lastStart }: Slots, now: Ms): readonly Gate[] {
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
  if (fleet.parked !== null && isParked(fleet, now)) {
    const { type, message, until, since } = fleet.parked;
    const change = until === null ? '`tac8 resume` once it is mended, or another login of the agent' : 'it goes on by itself';
    out.push(shut('parked', `parked: ${type}: ${message}`, change, { until, since }));
  }
  const usd = spentToday(fleet.day, world);
  if (usd >= policy.limits.usdPerDay) {
    const change = 'midnight, or limits.usd_per_day is raised';
    out.push(shut('day', dayIsSpent(usd, policy.limits.usdPerDay), change, { until: world.today.end }));
  }
  out.push(...machineGates(world, policy));
  const next = (lastStart ?? 0) + policy.limits.startGap;
  if (now < next) out.push(shut('gap', 'another task was started just now (limits.start_gap)', 'a moment', { until: next }));
  const used = `(${active}/${policy.slots})`;
  if (active < policy.slots) out.push(pass('slot', `a slot is free ${used}`));
  else out.push(shut('slot', `waiting for a slot ${used}`, 'a running worker ends, or max_concurrent_workers is raised'));
  return out;
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
    const text = `what still runs here is being looked up: ${world.strays.because}`;
    return [shut('strays', text, 'the next look', { since: world.strays.since })];
  }
  const nobodys = strayOf(world, null);
  if (nobodys === undefined) return [];
  return [
    shut('strays', `${whatLives(nobodys)}, and nothing tells for which task`, `\`tac8 doctor --fix\`, or \`kill ${nobodys.process.pid}\``),
  ];
}

const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** The gates of one pending task. */
export function taskGates(world: World, policy: Policy, task: TaskIn<'pending'>, now: Ms): readonly Gate[] {
  const out: Gate[] = [];
  if (task.pausedAt !== null) out.push(shut('paused', 'paused by a person', `\`tac8 resume ${task.id}\``, { since: task.pausedAt }));
  if (task.retryAt !== null && task.retryAt > now) {
    const why = task.last === null ? '' : ` after ${task.last.type} (${task.attempts}/${policy.attempts})`;
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
  return [
    ...out,
    ...labelGate(world, policy, task, number),
    ...triggerGate(world, policy, task, number, now),
    ...dependencyGate(world, task, number, now),
    ...pullGate(world, task, number),
  ];
}

/** Missing from the list: it starts only when the issue itself says that it is wanted. */
function labelGate(world: World, policy: Policy, task: Task, number: number): readonly Gate[] {
  if (task.armedBy !== 'label' || !world.issues.known || world.issues.value.some((issue) => issue.number === number)) return [];
  const own = world.singles.get(number);
  if (own === undefined) return [shut('label', 'its issue is missing from the list: it is asked for by itself', NEXT_POLL)];
  if (!own.known)
    return [shut('label', `whether its issue still bears the label is not known: ${own.because}`, NEXT_POLL, { since: own.since })];
  const why = whyUnwanted(own.value, policy.label);
  if (why === null) return [pass('label', 'its issue is open and bears the label, though the list lacks it')];
  return [shut('label', why, `an open issue with the label ${policy.label}`)];
}

/** Asked again at dispatch: who put the label on may have lost the right since. */
function triggerGate(world: World, policy: Policy, task: Task, number: number, now: Ms): readonly Gate[] {
  if (task.armedBy !== 'label') return [];
  const trigger = world.triggers.get(number);
  if (trigger === undefined || (trigger.known && now - trigger.at > TRIGGER_AGE))
    return [shut('trigger', 'who put the label on is being looked up', NEXT_POLL)];
  if (!trigger.known)
    return [shut('refused', `who put the label on is not known: ${trigger.because}`, NEXT_POLL, { since: trigger.since })];
  if (trigger.value.allowed) return [gate('trigger', true, trigger.value.why, { since: trigger.value.at })];
  return [shut('refused', trigger.value.why, relabel(policy.label), { since: trigger.value.at })];
}

/** What makes a label count that somebody without the right put on. */
export const relabel = (label: string): string => `someone with write access takes the label ${label} off and puts it on again`;

/** An open pull for the issue means that somebody is at it, or was: starting would be the same work twice. */
function pullGate(world: World, task: Task, number: number): readonly Gate[] {
  const { pulls } = world;
  if (!pulls.known) return [shut('pulls', `GitHub: open pulls are not known: ${pulls.because}`, NEXT_POLL, { since: pulls.since })];
  const theirs = pulls.value.find((pull) => pull.head.branch !== task.branch && closes(pull, number));
  if (theirs !== undefined) {
    const text = `a person's open pull #${theirs.number} by ${theirs.author ?? 'someone'} closes it`;
    return [shut('pulls', text, `pull #${theirs.number} is closed, or does not name #${number} any more`)];
  }
  const ours = pulls.value.find((pull) => pull.head.branch === task.branch);
  if (ours !== undefined && task.runs === 0) {
    const text = `its branch has an open pull already: #${ours.number}`;
    return [shut('pulls', text, `pull #${ours.number} is merged or closed`)];
  }
  return [gate('pulls', true, 'no open pull closes it', { since: null })];
}

/** GitHub's closing keywords before `#N` in the title or body. */
export function closes(pull: Pick<Pull, 'title' | 'body'>, number: number): boolean {
  const pattern = new RegExp(`\\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\\s+(?:[\\w.-]+/[\\w.-]+)?#${number}(?!\\d)`, 'i');
  return pattern.test(pull.title) || pattern.test(pull.body);
}
