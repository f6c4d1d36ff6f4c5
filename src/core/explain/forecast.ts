import type { Fleet } from '../model/fleet.ts';
import type { Gate } from '../model/gate.ts';
import type { TaskId } from '../model/task.ts';
import { byTurn } from '../start/schedule.ts';
import type { Plan } from '../tick/plan.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { explain } from './explain.ts';

/** What a plan would start, and what keeps the rest from it. */
export interface Forecast {
  readonly starts: readonly { readonly task: TaskId; readonly title: string }[];
  readonly waits: readonly { readonly task: TaskId; readonly title: string; readonly text: string; readonly until: number | null }[];
}

/** By the gates that decide, in the world as it would be after the plan. Pure. */
export function forecast(before: World, plan: Plan, policy: Policy, now: number): Forecast {
  const world = after(before, plan);
  const fresh = new Set((plan.commit.runs ?? []).flatMap(({ next, expected }) => (expected === null ? [next.task] : [])));
  // That one is started after the other holds nobody back for long: what does is said.
  const lasting = { ...policy, limits: { ...policy.limits, startGap: 0 } };
  const waits = world.tasks
    .flatMap((task) => (task.state === 'pending' ? [task] : []))
    .sort(byTurn)
    .map(({ id, title }) => {
      const { sentence, gates } = explain(world, lasting, id, now);
      const held = gates.filter(({ open }) => !open);
      return { task: id, title, text: held.length === 0 ? NEXT : wordsOf(held, sentence), until: held[0]?.until ?? null };
    });
  const starts = world.tasks.flatMap(({ id, title }) => (fresh.has(id) ? [{ task: id, title }] : []));
  return { starts, waits: [...waits, ...notTaken(world, policy, now)] };
}

/** Labelled issues that do not become tasks: who put the label on may not, or nobody knows yet. */
function notTaken(world: World, policy: Policy, now: number): Forecast['waits'] {
  const known = new Set<string>(world.tasks.map(({ id }) => id));
  const issues = world.issues.known ? world.issues.value : [];
  return issues.flatMap(({ number, title }) => {
    const task: TaskId = `gh-${number}`;
    if (known.has(task)) return [];
    const { sentence, next } = explain(world, policy, task, now);
    return [{ task, title, text: `${sentence} (until ${next})`, until: null }];
  });
}

const NEXT = 'it starts next: limits.start_gap lets one start at a time';

/** All that holds it, each once; and what changes the first of them. */
function wordsOf(held: readonly Gate[], sentence: string): string {
  const change = held[0]?.change ?? null;
  const texts = [...new Set(held.map(({ text }) => text))].join('; ');
  return `${texts === '' ? sentence : texts}${change === null ? '' : ` (until ${change})`}`;
}

function after(world: World, { commit }: Plan): World {
  const runs = new Map(world.runs.map((run) => [run.id, run]));
  const tasks = new Map(world.tasks.map((task) => [task.id, task]));
  for (const { next } of commit.runs ?? []) runs.set(next.id, next);
  for (const { next } of commit.tasks ?? []) tasks.set(next.id, next);
  return {
    ...world,
    runs: [...runs.values()],
    tasks: [...tasks.values()],
    fleet: (commit.facts?.fleet as Fleet | undefined) ?? world.fleet,
  };
}
