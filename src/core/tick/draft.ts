import { type Fleet, type FleetEvent, transitionFleet } from '../model/fleet.ts';
import type { Chore } from '../model/household.ts';
import { type Commit, type Counters, type HistoryEntry, SAID, saidWords } from '../model/records.ts';
import type { Run } from '../model/run.ts';
import { type RunEvent, transitionRun } from '../model/run-transition.ts';
import type { Ms } from '../model/seen.ts';
import type { RunId, Task, TaskId } from '../model/task.ts';
import { type TaskEvent, transitionTask } from '../model/task-transition.ts';
import type { Action, Note, Plan } from './plan.ts';
import { Tasks } from './tasks.ts';
import type { World } from './world.ts';

/** A plan in the making: the tasks and runs as they will be once it is written, so that a later stage sees what an earlier one decided. */
export class Draft {
  readonly tasks: Tasks;
  readonly runs = new Map<RunId, Run>();
  readonly addKeys = new Map<TaskId, string>();
  /** Tasks that somebody stopped in this very tick: a start of the same moment loses, whoever asked first. */
  readonly stopped = new Set<TaskId>();
  restoreBoard = false;
  readonly #world: World;
  readonly #now: Ms;
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
  readonly #claims: Plan['claims'][number][] = [];
  readonly #lost: string[] = [];
  #aside: { ok: boolean; message: string }[] | null = null;
  #fleet: Fleet;
  #wakeAt: Ms | null = null;

  constructor(world: World, now: Ms) {
    this.#world = world;
    this.#now = now;
    this.#fleet = world.fleet;
    this.tasks = new Tasks(world.tasks);
    for (const run of world.runs) {
      this.runs.set(run.id, run);
      this.#runVersions.set(run.id, run.version);
    }
  }

  addTask(task: Task, why: string): void {
    this.tasks.set(task.id, task);
    this.changeFleet({ kind: 'numbered', task: task.id });
    this.#record(task.id, null, 'added', why);
  }

  /** What holds for all tasks, as it will be. */
  get fleet(): Fleet {
    return this.#fleet;
  }

  changeFleet(event: FleetEvent): void {
    this.#fleet = transitionFleet(this.#fleet, event);
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
    // That a run is counted is for the books: people read what it came to.
    const isForBooks = event.kind === 'stream' || (event.kind === 'step' && event.done.counted === true);
    if (!isForBooks) this.#record(run.task, id, event.kind, why);
    return true;
  }

  /**
   * One action per run at a time: while one is under way, only an abort may join it, and all else is asked for again afterwards. Two stages
   * that ask for different ones in the same tick are a mistake of ours: the first stands, and the plan says what was lost.
   */
  act(action: Action): void {
    const isBusy = this.isBusy(action.run);
    if (isBusy && action.kind !== 'abort') return;
    const other = this.#actions.find(({ run }) => run === action.run);
    if (other === undefined || (isBusy && other.kind !== 'abort')) this.#actions.push(action);
    else if (JSON.stringify(other) !== JSON.stringify(action)) this.#lost.push(`${action.kind} of ${action.run} beside its ${other.kind}`);
  }

  isBusy(key: string): boolean {
    return this.#world.busy.has(key);
  }

  note(task: TaskId | null, text: string, until: Ms | null = null, gate?: string): void {
    if (!this.#notes.some((other) => other.task === task && other.text === text))
      this.#notes.push({ task, text, until, ...(gate === undefined ? {} : { gate }) });
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

  /** Look again at once: what was written down now makes more to decide. */
  again(): void {
    this.wake(this.#now + 1);
  }

  count(counter: keyof Counters): void {
    this.#counters[counter] = (this.#counters[counter] ?? 0) + 1;
  }

  /** What a command is answered for each of several tasks that it is for; written down for none of them. */
  answersTo(ask: () => void): readonly { readonly ok: boolean; readonly message: string }[] {
    const before = this.#aside;
    const answers: { ok: boolean; message: string }[] = [];
    this.#aside = answers;
    ask();
    this.#aside = before;
    return answers;
  }

  answer(id: number, ok: boolean, message: string): void {
    if (this.#aside !== null) return void this.#aside.push({ ok, message });
    this.#answers.push({ id, at: this.#now, ok, message });
    const said = this.#world.requests.find((request) => request.id === id);
    if (said === undefined) return;
    const came = ok ? '' : `; refused: ${message}`;
    this.#history.push({ at: said.at, task: said.task, run: null, event: SAID, detail: `${saidWords(said)}${came}` });
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

  wantClaim(task: TaskId, label: Ms | null): void {
    this.#claims.push({ task, label });
  }

  plan(): Plan {
    const facts = { ...this.#facts };
    if (this.#fleet !== this.#world.fleet) facts.fleet = this.#fleet;
    return {
      commit: {
        tasks: this.tasks.changes(),
        runs: changed(this.runs, this.#runVersions),
        history: this.#history,
        counters: this.#counters,
        ...(this.#resets.length === 0 ? {} : { resetCounters: this.#resets }),
        facts,
        answers: this.#answers,
      },
      actions: this.#actions,
      lost: this.#lost,
      chores: this.#chores,
      wakeAt: this.#wakeAt,
      notes: this.#notes,
      wanted: { triggers: [...this.#triggers], issues: [...this.#issues], dependencies: [...this.#dependencies] },
      claims: this.#claims,
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
