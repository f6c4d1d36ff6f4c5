import type { Lookout } from '../compose/lookout.ts';
import { policyOf } from '../compose/policy-of.ts';
import { type Explanation, explain } from '../core/explain/explain.ts';
import { allowanceGate } from '../core/limits/allowance-words.ts';
import type { Gate } from '../core/model/gate.ts';
import type { HistoryEntry } from '../core/model/records.ts';
import type { Ms } from '../core/model/seen.ts';
import { issueNumber, type TaskId } from '../core/model/task.ts';
import { keptSights, PULLS_FACT } from '../core/review/pull-sights.ts';
import type { World } from '../core/tick/world.ts';
import type { Project } from '../place/project.ts';
import { pullGate } from './why-pull.ts';

const HISTORY_SHOWN = 8;
/** So far back it is looked for what a person is told of the text that a run was launched with. */
const HISTORY_READ = 60;

export interface Found {
  readonly why: Explanation;
  readonly history: readonly HistoryEntry[];
  /** False: nothing was found of it, and nothing is unknown. There is no task of that name. */
  readonly isThere: boolean;
}

/** Looks at everything as the next tick would, and says what it would find for this task. */
export async function lookWhy(
  lookout: Lookout,
  { settings }: Pick<Project, 'settings'>,
  task: TaskId,
  hasDaemon: boolean,
  now: () => Ms,
): Promise<Found> {
  const { world } = await lookout.look(task);
  const named = withEnded(world, lookout, task);
  const why = withDaemon(explain(named, policyOf(settings), task, now()), hasDaemon);
  const gate = await pullGateOf(lookout, world, task);
  const history = worthShowing(lookout.store.history({ task, limit: HISTORY_READ }));
  const isThere = why.state !== 'unknown' || why.since !== null || why.gates.length > 0;
  // What the daemon has counted: this look asks on its own account.
  const left = issueNumber(task) === null ? [] : allowanceGate(lookout.store.fact('daemon')?.limit ?? null, now());
  const gates = [...why.gates, ...(gate === null ? [] : [gate]), ...left];
  return { why: { ...why, gates }, history, isThere };
}

/** An ended task and its last run are no part of what a tick looks at. */
function withEnded(world: World, { store }: Lookout, id: TaskId): World {
  const asked = world.tasks.filter((task) => task.id === id);
  const missing = asked.length === 0 ? store.tasks([id]) : [];
  const runs = [...asked, ...missing].flatMap((task) => ('run' in task && task.run !== null ? [task.run] : []));
  const found = runs.filter((run) => world.runs.every((other) => other.id !== run)).map((run) => store.run(run));
  return { ...world, tasks: [...world.tasks, ...missing], runs: [...world.runs, ...found.filter((run) => run !== null)] };
}

/** The newest; and of the older ones what was special about the prompt of the last launch. */
const worthShowing = (history: readonly HistoryEntry[]): readonly HistoryEntry[] => {
  const launch = history.find(({ event }) => event === 'launched');
  return history.filter((entry, n) => n < HISTORY_SHOWN || (entry === launch && entry.detail.includes('; ')));
};

/** Its pull and the checks of it; null where there is none. */
function pullGateOf({ store, forge }: Lookout, { pulls }: World, id: TaskId): Promise<Gate | null> | null {
  const task = store.task(id);
  return task === null ? null : pullGate(task, keptSights(store.fact(PULLS_FACT)), pulls, forge);
}

/** Without a daemon no gate is of any use: that comes first. */
function withDaemon(why: Explanation, runs: boolean): Explanation {
  if (runs || (why.state !== 'pending' && why.state !== 'active')) return why;
  const next = '`tac8 start`';
  const text = why.state === 'active' ? 'no daemon runs: nobody watches the run' : 'no daemon runs: nothing starts';
  const gates = [{ name: 'daemon', open: false, text, until: null, since: null, change: next }, ...why.gates];
  return why.state === 'active' ? { ...why, gates } : { ...why, gates, sentence: text, next };
}
