import type { Fleet } from './fleet.ts';
import type { Chore } from './household.ts';
import type { Action, Note, Plan } from './plan.ts';
import type { Commit, Counters, HistoryEntry } from './records.ts';
import type { Run } from './run.ts';
import { type RunEvent, transitionRun } from './run-transition.ts';
import type { Ms } from './seen.ts';
import { localNumber, type RunId, type Task, type TaskId } from './task.ts';
import { type TaskEvent, transitionTask } from './task-transition.ts';
import type { World } from './world.ts';

/** A plan in the making: the tasks and runs as they will be once it is written, so that a later stage sees what an earlier one decided. */
export class Draft {
  readonly tasks = new Map<TaskId, Task>();
  readonly runs = new Map<RunId, Run>();
  readonly addKeys = new Map<TaskId, string>();
  /** Tasks that somebody stopped in this very tick: a start of the same moment loses, whoever asked first. */
  readonly stopped = new Set<TaskId>();
  fleet: Fleet;
  restoreBoard = false;
  readonly #world: World;
  readonly #now: Ms;
  readonly #taskVersions = new Map<TaskId, number>();
  readonly #runVersions = new Map<RunId, number>();
  readonly #actions: Action[] = [];
  readonly #chores: Chore[] = [];
  readonly #notes: Note[] = [];
  readonly #history: HistoryEntry[] = [];
  readonly #answers: NonNullable<Commit['answers']>[number][] = [];
  readonly #counters: Record<string, number> = {};
  readonly #resets: (keyof Counters)[] = [];
  readonly #facts: Record<string, unknown> = {};
  readonly #triggers = new Set<number>();
  readonly #issues = new Set<number>();
  readonly #dependencies = new Set<number>();
  #wakeAt: Ms | null = null;

  constructor(world: World, now: Ms) {
    this.#world = world;
    this.#now = now;
    this.fleet = world.fleet;
    for (const task of world.tasks) {
      this.tasks.set(task.id, task);
      this.#taskVersions.set(task.id, task.version);
    }
    for (const run of world.runs) {
      this.runs.set(run.id, run);
      this.#runVersions.set(run.id, run.version);
    }
  }

  addTask(task: Task, why: string): void {
    this.tasks.set(task.id, task);
    this.countPast(task.id);
    this.#record(task.id, null, 'added', why);
  }

  /** The next local task gets a higher number than this one. */
  countPast(id: TaskId): void {
    const next = (localNumber(id) ?? 0) + 1;
    if (next > this.fleet.nextLocal) this.fleet = { ...this.fleet, nextLocal: next };
  }

  /** The task's own `started` entry tells of it. */
  addRun(run: Run): void {
    this.runs.set(run.id, run);
  }

  /** Applies the event if it fits the task's state; answers whether it did. */
  task(id: TaskId, event: TaskEvent, why: string): boolean {
    const task = this.tasks.get(id);
    const next = task === undefined ? null : transitionTask(task, event);
    if (next === null) return false;
    this.tasks.set(id, next);
    // That there is a pull stands in the run's own history already.
    if (event.kind !== 'pull' && event.kind !== 'spent' && event.kind !== 'approved')
      this.#record(id, 'run' in event ? event.run : null, event.kind, why);
    return true;
  }

  run(id: RunId, event: RunEvent, why: string): boolean {
    const run = this.runs.get(id);
    const next = run === undefined ? null : transitionRun(run, event);
    if (run === undefined || next === null) return false;
    this.runs.set(id, next);
    if (event.kind !== 'stream') this.#record(run.task, id, event.kind, why);
    return true;
  }

  /** One action per run at a time: while one is under way, only an abort may join it. */
  act(action: Action): void {
    const taken = this.isBusy(action.run) || this.#actions.some((other) => other.run === action.run);
    if (!taken || (action.kind === 'abort' && this.isBusy(action.run))) this.#actions.push(action);
  }

  isBusy(key: string): boolean {
    return this.#world.busy.has(key);
  }

  note(task: TaskId | null, text: string, until: Ms | null = null): void {
    if (!this.#notes.some((other) => other.task === task && other.text === text)) this.#notes.push({ task, text, until });
    if (until !== null) this.wake(until);
  }

  /** Beside the runs' own actions: nothing waits for it. */
  chore(chore: Chore): void {
    this.#chores.push(chore);
  }

  /** An entry of the history that no event of a task or run makes. */
  say(event: string, detail: string, task: TaskId | null = null, run: RunId | null = null): void {
    this.#record(task, run, event, detail);
  }

  /** A small named fact, written with the rest. */
  remember(name: string, value: unknown): void {
    this.#facts[name] = value;
  }

  /** Sets a counter back to zero. */
  reset(counter: keyof Counters): void {
    this.#resets.push(counter);
  }

  /** Look again no later than then. */
  wake(at: Ms): void {
    if (at > this.#now && (this.#wakeAt === null || at < this.#wakeAt)) this.#wakeAt = at;
  }

  count(counter: keyof Counters): void {
    this.#counters[counter] = (this.#counters[counter] ?? 0) + 1;
  }

  answer(id: number, ok: boolean, message: string): void {
    this.#answers.push({ id, at: this.#now, ok, message });
  }

  wantTrigger(issue: number): void {
    this.#triggers.add(issue);
  }

  wantIssue(issue: number): void {
    this.#issues.add(issue);
  }

  wantDependencies(issue: number): void {
    this.#dependencies.add(issue);
  }

  plan(): Plan {
    const facts = { ...this.#facts };
    if (this.fleet !== this.#world.fleet) facts.fleet = this.fleet;
    return {
      commit: {
        tasks: changed(this.tasks, this.#taskVersions),
        runs: changed(this.runs, this.#runVersions),
        history: this.#history,
        counters: this.#counters,
        ...(this.#resets.length === 0 ? {} : { resetCounters: this.#resets }),
        facts,
        answers: this.#answers,
      },
      actions: this.#actions,
      chores: this.#chores,
      wakeAt: this.#wakeAt,
      notes: this.#notes,
      wanted: { triggers: [...this.#triggers], issues: [...this.#issues], dependencies: [...this.#dependencies] },
      restoreBoard: this.restoreBoard,
      addKeys: this.addKeys,
    };
  }

  #record(task: TaskId | null, run: RunId | null, event: string, detail: string): void {
    this.#history.push({ at: this.#now, task, run, event, detail });
  }
}

function changed<K, T extends { readonly version: number }>(rows: ReadonlyMap<K, T>, read: ReadonlyMap<K, number>) {
  const out: { next: T; expected: number | null }[] = [];
  for (const [key, next] of rows) {
    const expected = read.get(key) ?? null;
    if (expected !== next.version) out.push({ next, expected });
  }
  return out;
}
