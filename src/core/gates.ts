import { isParked } from './fleet.ts';
import { type Pull, whyUnwanted } from './forge.ts';
import type { Policy } from './policy.ts';
import type { Ms } from './seen.ts';
import { dayIsSpent, spentToday } from './spending.ts';
import { strayOf, whatLives } from './strays.ts';
import { issueNumber, type Task, type TaskIn } from './task.ts';
import type { World } from './world.ts';

/** One thing that must hold before a task may start; the same list decides and explains. */
export interface Gate {
  readonly name: string;
  readonly open: boolean;
  /** The evidence, one sentence. */
  readonly text: string;
  /** When it changes by itself, if that is known. */
  readonly until: Ms | null;
}

/** An answer about who labelled an issue counts for so long. */
export const TRIGGER_AGE: Ms = 5 * 60_000;
const gate = (name: string, open: boolean, text: string, until: Ms | null = null): Gate => ({ name, open, text, until });

/** The slots in use, and when the last of them was taken. */
export interface Slots {
  readonly active: number;
  readonly lastStart: Ms | null;
}

/** The gates of the whole fleet: the same for every task. */
export function fleetGates(world: World, policy: Policy, { active, lastStart }: Slots, now: Ms): readonly Gate[] {
  const { fleet, machine } = world;
  const out = [
    ...strayGates(world),
    gate('leaving', !world.draining, world.draining ? 'the daemon is about to leave: nothing new starts' : 'the daemon runs'),
    gate('paused', fleet.pausedAt === null, fleet.pausedAt === null ? 'not paused' : 'the fleet is paused: `tac8 resume` goes on'),
  ];
  if (fleet.parked !== null && isParked(fleet, now)) {
    const { type, message, until } = fleet.parked;
    out.push(gate('parked', false, `parked: ${type}: ${message}${until === null ? '; `tac8 resume` after checking' : ''}`, until));
  }
  const usd = spentToday(fleet.day, world);
  if (usd >= policy.limits.usdPerDay) out.push(gate('day', false, dayIsSpent(usd, policy.limits.usdPerDay), world.today.end));
  if (machine.known) {
    const { freeMemoryBytes, freeDiskBytes, loadPerCore } = machine.value;
    const { minFreeMemory, minFreeDisk } = policy.limits;
    if (loadPerCore > policy.limits.loadPerCore)
      out.push(
        gate('load', false, `${loadPerCore.toFixed(1)} processes want each core (limits.load_per_core ${policy.limits.loadPerCore})`),
      );
    if (freeMemoryBytes < minFreeMemory)
      out.push(gate('memory', false, `only ${mib(freeMemoryBytes)} of memory are free (limits.min_free_memory ${mib(minFreeMemory)})`));
    if (freeDiskBytes < minFreeDisk)
      out.push(gate('disk', false, `only ${mib(freeDiskBytes)} of disk are free (limits.min_free_disk ${mib(minFreeDisk)})`));
  }
  const next = (lastStart ?? 0) + policy.limits.startGap;
  if (now < next) out.push(gate('gap', false, 'another task was started just now (limits.start_gap)', next));
  out.push(
    gate(
      'slot',
      active < policy.slots,
      active < policy.slots ? `a slot is free (${active}/${policy.slots})` : `waiting for a slot (${active}/${policy.slots})`,
    ),
  );
  return out;
}

/** Whatever may still be at work on any of the tasks keeps all of them from being started a second time. */
function strayGates(world: World): readonly Gate[] {
  if (!world.strays.known) return [gate('strays', false, `what still runs here is being looked up: ${world.strays.because}`)];
  const nobodys = strayOf(world, null);
  return nobodys === undefined ? [] : [gate('strays', false, `${whatLives(nobodys)}, and nothing tells for which task`)];
}

const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** The gates of one pending task. */
export function taskGates(world: World, policy: Policy, task: TaskIn<'pending'>, now: Ms): readonly Gate[] {
  const out: Gate[] = [];
  if (task.pausedAt !== null) out.push(gate('paused', false, `paused by a person: \`tac8 resume ${task.id}\` goes on`));
  if (task.retryAt !== null && task.retryAt > now) {
    const why = task.last === null ? '' : ` after ${task.last.type} (${task.attempts} used)`;
    out.push(gate('backoff', false, `backing off${why}`, task.retryAt));
  }
  const stray = strayOf(world, task.id);
  if (stray !== undefined) out.push(gate('stray', false, `${whatLives(stray)} from before: nothing is started in its place`));
  const number = issueNumber(task.id);
  if (number === null || world.forge === 'none') return out;
  return [...out, ...labelGate(world, policy, task, number), ...triggerGate(world, task, number, now), ...pullGate(world, task, number)];
}

/** Missing from the list: it starts only when the issue itself says that it is wanted. */
function labelGate(world: World, policy: Policy, task: Task, number: number): readonly Gate[] {
  if (task.armedBy !== 'label' || !world.issues.known || world.issues.value.some((issue) => issue.number === number)) return [];
  const own = world.singles.get(number);
  if (own === undefined) return [gate('label', false, 'its issue is missing from the list: it is asked for by itself')];
  if (!own.known) return [gate('label', false, `whether its issue still bears the label is not known: ${own.because}`)];
  const why = whyUnwanted(own.value, policy.label);
  return [gate('label', why === null, why ?? 'its issue is open and bears the label, though the list lacks it')];
}

/** Asked again at dispatch: who put the label on may have lost the right since. */
function triggerGate(world: World, task: Task, number: number, now: Ms): readonly Gate[] {
  if (task.armedBy !== 'label') return [];
  const trigger = world.triggers.get(number);
  if (trigger === undefined || (trigger.known && now - trigger.at > TRIGGER_AGE))
    return [gate('trigger', false, 'who put the label on is being looked up')];
  if (!trigger.known) return [gate('refused', false, `who put the label on is not known: ${trigger.because}`)];
  return [gate(trigger.value.allowed ? 'trigger' : 'refused', trigger.value.allowed, trigger.value.why)];
}

/** An open pull for the issue means that somebody is at it, or was: starting would be the same work twice. */
function pullGate(world: World, task: Task, number: number): readonly Gate[] {
  if (!world.pulls.known) return [gate('pulls', false, `open pulls are not known: ${world.pulls.because}`)];
  const theirs = world.pulls.value.find((pull) => pull.head.branch !== task.branch && closes(pull, number));
  if (theirs !== undefined)
    return [gate('pulls', false, `a person's open pull #${theirs.number} by ${theirs.author ?? 'someone'} closes it`)];
  const ours = world.pulls.value.find((pull) => pull.head.branch === task.branch);
  if (ours !== undefined && task.runs === 0) return [gate('pulls', false, `its branch has an open pull already: #${ours.number}`)];
  return [gate('pulls', true, 'no open pull closes it')];
}

/** GitHub's closing keywords before `#N` in the title or body. */
export function closes(pull: Pick<Pull, 'title' | 'body'>, number: number): boolean {
  const pattern = new RegExp(`\\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\\s+(?:[\\w.-]+/[\\w.-]+)?#${number}(?!\\d)`, 'i');
  return pattern.test(pull.title) || pattern.test(pull.body);
}
