import { isRacer, type Task, type TaskId, type TaskIn } from '../model/task.ts';

type State = Task['state'];

interface Index {
  readonly tasks: readonly Task[];
  readonly byId: ReadonlyMap<TaskId, Task>;
  /** What became of some of `byId`; undefined: it is gone. */
  readonly since: ReadonlyMap<TaskId, Task | undefined>;
  readonly byState: ReadonlyMap<State, readonly Task[]>;
  /** Those that are more than a task which waits for its first attempt. */
  readonly eventful: readonly Task[];
}

/** Found once per list: the store gives the same list as long as none of its tasks is written. */
const known = new WeakMap<readonly Task[], Index>();
/** Of the newest list: the next one mostly differs from it in a task or two. */
let last: Index | null = null;
/** Where more differs, all is looked at again. */
const MOST = 64;

function indexOf(tasks: readonly Task[]): Index {
  const found = known.get(tasks);
  if (found !== undefined) return found;
  const made = (last === null ? null : indexAfter(last, tasks)) ?? {
    tasks,
    byId: new Map(tasks.map((task) => [task.id, task])),
    since: new Map(),
    byState: Map.groupBy(tasks, ({ state }) => state),
    eventful: tasks.filter(isEventful),
  };
  known.set(tasks, made);
  last = made;
  return made;
}

/** The same tasks in each state as one list, in the order of the whole one; the very same list as long as none of them is written. */
export const tasksIn = <S extends State>(tasks: readonly Task[], state: S): readonly TaskIn<S>[] =>
  (indexOf(tasks).byState.get(state) ?? []) as readonly TaskIn<S>[];

/** Of most of a long list there is nothing to say but that they wait. */
const isEventful = (task: Task): boolean =>
  task.state !== 'pending' || task.last !== null || task.rounds !== undefined || task.race !== undefined || isRacer(task.id);

/** All but those that wait for their first attempt, by themselves; in order, and the very same list as long as none of them is written. */
export const eventfulIn = (tasks: readonly Task[]): readonly Task[] => indexOf(tasks).eventful;

/** Made of the one of another list, of which it shares beginning and end. Null: too much lies between. */
function indexAfter(before: Index, tasks: readonly Task[]): Index | null {
  const change = between(before.tasks, tasks);
  const gone = before.tasks.slice(change.from, change.to);
  const came = tasks.slice(change.from, change.newTo);
  if (gone.length + came.length + before.since.size > MOST) return null;
  const since = new Map<TaskId, Task | undefined>(before.since);
  for (const { id } of gone) since.set(id, undefined);
  for (const task of came) since.set(task.id, task);
  const byState = new Map(before.byState);
  for (const state of new Set([...gone, ...came].map((task) => task.state))) {
    byState.set(
      state,
      partAfter(before.byState.get(state) ?? [], (task) => task.state === state),
    );
  }
  return { tasks, byId: before.byId, since, byState, eventful: partAfter(before.eventful, isEventful) };

  /** Those of the whole list that are `in` a part of it, by what they were before. */
  function partAfter(all: readonly Task[], isIn: (task: Task) => boolean): readonly Task[] {
    const [out, into] = [gone.filter(isIn), came.filter(isIn)];
    if (out.length + into.length === 0) return all;
    const at = out[0] === undefined ? placeOf(all, before.tasks, change.from, isIn) : all.indexOf(out[0]);
    return [...all.slice(0, at), ...into, ...all.slice(at + out.length)];
  }
}

/** Where in a part of the list a task belongs that stands at `from` in the whole one. */
function placeOf(some: readonly Task[], all: readonly Task[], from: number, isIn: (task: Task) => boolean): number {
  if (some.length === 0) return 0;
  for (let at = from - 1; at >= 0; at -= 1) {
    const task = all[at];
    if (task !== undefined && isIn(task)) return some.indexOf(task) + 1;
  }
  return 0;
}

export interface Between {
  readonly from: number;
  readonly to: number;
  readonly newTo: number;
}

/** From `from` to `to` of one list stands, in the other, what stands from `from` to `newTo`; before and behind it both have the very same. */
export function between(before: readonly unknown[], now: readonly unknown[]): Between {
  let [from, to, newTo] = [0, before.length, now.length];
  while (from < to && from < newTo && before[from] === now[from]) from += 1;
  while (to > from && newTo > from && before[to - 1] === now[newTo - 1]) {
    to -= 1;
    newTo -= 1;
  }
  return { from, to, newTo };
}

/** The tasks of a tick, and what has become of some of them. In the order of the list, new ones last. */
export class Tasks {
  readonly #index: Index;
  readonly #changed = new Map<TaskId, Task>();
  /** Answers, until the next change. */
  readonly #in = new Map<State, readonly Task[]>();

  constructor(tasks: readonly Task[]) {
    this.#index = indexOf(tasks);
  }

  get(id: TaskId): Task | undefined {
    return this.#changed.get(id) ?? this.#old(id);
  }

  has(id: TaskId): boolean {
    return this.get(id) !== undefined;
  }

  set(id: TaskId, task: Task): void {
    this.#changed.set(id, task);
    this.#in.clear();
  }

  all(): readonly Task[] {
    const { tasks } = this.#index;
    if (this.#changed.size === 0) return tasks;
    return [...tasks.map((task) => this.#changed.get(task.id) ?? task), ...this.#fresh()];
  }

  in<S extends State>(state: S): readonly TaskIn<S>[] {
    const found = this.#in.get(state) ?? this.#find(state);
    this.#in.set(state, found);
    return found as readonly TaskIn<S>[];
  }

  /** All but those that wait for their first attempt, by themselves. In the order of the list; those that have just become so stand last. */
  eventful(): readonly Task[] {
    const { eventful } = this.#index;
    if (this.#changed.size === 0) return eventful;
    const changed = [...this.#changed.values()].filter((task) => isEventful(task) && !eventful.some(({ id }) => id === task.id));
    return [...eventful.map((task) => this.#changed.get(task.id) ?? task).filter(isEventful), ...changed];
  }

  /** Those that are no longer what was read, with the version that was read; null: a new one. */
  changes(): { readonly next: Task; readonly expected: number | null }[] {
    const all = Array.from(this.#changed.values(), (next) => ({ next, expected: this.#old(next.id)?.version ?? null }));
    return all.filter(({ next, expected }) => next.version !== expected);
  }

  #find(state: State): readonly Task[] {
    const before = this.#index.byState.get(state) ?? [];
    if (this.#changed.size === 0) return before;
    const isIn = (task: Task): boolean => task.state === state;
    const changed = Array.from(this.#changed.values(), (task) => ({ old: this.#old(task.id), task }));
    // Where one that was another comes in between, only the whole list tells where.
    if (changed.some(({ old, task }) => old !== undefined && isIn(task) && !isIn(old))) return this.all().filter(isIn);
    const found = [...before];
    const gone: number[] = [];
    for (const { old, task } of changed) {
      const at = old === undefined || !isIn(old) ? -1 : before.indexOf(old);
      if (at !== -1 && isIn(task)) found[at] = task;
      else if (at !== -1) gone.push(at);
    }
    for (const at of gone.sort((a, b) => b - a)) found.splice(at, 1);
    return [...found, ...this.#fresh().filter(isIn)];
  }

  #fresh(): Task[] {
    return [...this.#changed.values()].filter(({ id }) => this.#old(id) === undefined);
  }

  #old(id: TaskId): Task | undefined {
    const { byId, since } = this.#index;
    return since.has(id) ? since.get(id) : byId.get(id);
  }
}
