import type { Task, TaskId, TaskIn } from '../model/task.ts';

interface Index {
  readonly byId: ReadonlyMap<TaskId, Task>;
  readonly byState: ReadonlyMap<Task['state'], readonly Task[]>;
}

/** Found once per list: the store gives the same list as long as none of its tasks is written. */
const known = new WeakMap<readonly Task[], Index>();

function indexOf(tasks: readonly Task[]): Index {
  const found = known.get(tasks);
  if (found !== undefined) return found;
  const made = { byId: new Map(tasks.map((task) => [task.id, task])), byState: Map.groupBy(tasks, ({ state }) => state) };
  known.set(tasks, made);
  return made;
}

/** The tasks of a tick, and what has become of some of them. In the order of the list, new ones last. */
export class Tasks {
  readonly #index: Index;
  readonly #changed = new Map<TaskId, Task>();
  #isOldChanged = false;

  constructor(tasks: readonly Task[]) {
    this.#index = indexOf(tasks);
  }

  get(id: TaskId): Task | undefined {
    return this.#changed.get(id) ?? this.#index.byId.get(id);
  }

  has(id: TaskId): boolean {
    return this.get(id) !== undefined;
  }

  set(id: TaskId, task: Task): void {
    this.#changed.set(id, task);
    if (this.#index.byId.has(id)) this.#isOldChanged = true;
  }

  all(): readonly Task[] {
    const { byId } = this.#index;
    const fresh = [...this.#changed.values()].filter(({ id }) => !byId.has(id));
    return [...Array.from(byId.values(), (task) => this.#changed.get(task.id) ?? task), ...fresh];
  }

  in<S extends Task['state']>(state: S): readonly TaskIn<S>[] {
    const isOne = (task: Task): task is TaskIn<S> => task.state === state;
    if (this.#isOldChanged) return this.all().filter(isOne);
    const before = (this.#index.byState.get(state) ?? []) as readonly TaskIn<S>[];
    return this.#changed.size === 0 ? before : [...before, ...[...this.#changed.values()].filter(isOne)];
  }

  /** Those that are no longer what was read, with the version that was read; null: a new one. */
  changes(): { readonly next: Task; readonly expected: number | null }[] {
    const all = Array.from(this.#changed.values(), (next) => ({ next, expected: this.#index.byId.get(next.id)?.version ?? null }));
    return all.filter(({ next, expected }) => next.version !== expected);
  }
}
