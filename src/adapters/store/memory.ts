import {
  type Commit,
  type Counters,
  type EndedTasks,
  endingOf,
  type HistoryEntry,
  type Request,
  taskEnd,
} from '../../core/model/records.ts';
import type { Run } from '../../core/model/run.ts';
import type { RunId, Task, TaskId } from '../../core/model/task.ts';
import { ConflictError, type Store } from '../../engine/ports/records/store.ts';
import { COUNTER_NAMES, conflictText, endedAt, NO_TASKS, noSuchTask, stored } from './documents.ts';
import { factOf } from './shapes/facts.ts';

interface Asked extends Request {
  readonly answer: { readonly ok: boolean; readonly message: string } | null;
}

/** What a store holds. A Map keeps the order of insertion, as the sequence numbers of the database do. */
export interface StoreContents {
  readonly tasks: Map<TaskId, Task>;
  readonly runs: Map<RunId, Run>;
  readonly history: HistoryEntry[];
  readonly counters: Map<keyof Counters, number>;
  readonly facts: Map<string, unknown>;
  readonly requests: Map<number, Asked>;
}

export const emptyContents = (): StoreContents => ({
  tasks: new Map(),
  runs: new Map(),
  history: [],
  counters: new Map(),
  facts: new Map(),
  requests: new Map(),
});

/**
 * The same contract without a disk, for the simulation and for tests. Two stores opened on one `contents` see each
 * other's writes, as two processes on one database do; what is read is frozen.
 */
export function openMemoryStore(contents: StoreContents = emptyContents()): Store {
  const { tasks, runs, history, counters, facts, requests } = contents;
  const all = <T>(values: Iterable<T>, keep: (value: T) => boolean): T[] => [...values].filter(keep);
  return {
    task: (id) => tasks.get(id) ?? null,
    tasks: (ids) => ids.map((id) => tasks.get(id)).filter((task) => task !== undefined),
    openTasks: () => all(tasks.values(), (task) => endedAt(task) === null),
    endedTasks: ({ state, since, limit }) =>
      all(tasks.values(), (task) => task.state === state && (endedAt(task) ?? 0) >= since)
        .reverse()
        .sort((a, b) => (endedAt(b) ?? 0) - (endedAt(a) ?? 0))
        .slice(0, limit),
    countEnded: (since) => {
      const counts = new Map<string, EndedTasks>();
      for (const task of tasks.values()) {
        const end = (endedAt(task) ?? 0) >= since ? taskEnd(task) : null;
        const key = JSON.stringify(end);
        if (end !== null) counts.set(key, { ...end, n: 1 + (counts.get(key)?.n ?? 0) });
      }
      return [...counts.values()];
    },
    countTasks: () => {
      const counts: Partial<Record<Task['state'], number>> = {};
      for (const { state } of tasks.values()) counts[state] = (counts[state] ?? 0) + 1;
      return { ...NO_TASKS, ...counts };
    },
    run: (id) => runs.get(id) ?? null,
    openRuns: () => all(runs.values(), (run) => run.state !== 'settled'),
    runsOf: (task) => all(runs.values(), (run) => run.task === task).sort((a, b) => a.createdAt - b.createdAt),
    endings: (since, take, until = Number.POSITIVE_INFINITY) => {
      for (const ending of [...runs.values()].map(endingOf))
        if (ending !== null && ending.endedAt >= since && ending.endedAt < until) take(ending);
    },
    history: ({ task, limit }) =>
      history
        .filter((entry) => task === undefined || entry.task === task)
        .reverse()
        .slice(0, limit),
    counters: () => Object.fromEntries(COUNTER_NAMES.map((name) => [name, counters.get(name) ?? 0])) as Record<keyof Counters, number>,
    fact: (name) => factOf(name, facts.get(name) ?? null, () => undefined),
    misfits: () => [],
    requests: () => all(requests.values(), (request) => request.answer === null).map(({ answer: _, ...request }) => request),
    answer: (id) => requests.get(id)?.answer ?? null,
    changes: () => writes.get(contents) ?? 0,
    ask: (request) => {
      note(contents);
      const id = 1 + Math.max(0, ...requests.keys());
      requests.set(id, kept({ ...request, id, answer: null }));
      return id;
    },
    prune: (before) => {
      note(contents);
      return prune(contents, before);
    },
    commit: (commit) => {
      note(contents);
      apply(contents, commit);
    },
    close: () => undefined,
  };
}

/** How often each was written. */
const writes = new WeakMap<StoreContents, number>();
const note = (contents: StoreContents): void => void writes.set(contents, (writes.get(contents) ?? 0) + 1);

/** Checks everything on the side before the first change, so that a refused commit leaves nothing behind. */
function apply(contents: StoreContents, commit: Commit): void {
  const tasks = changed('task', contents.tasks, commit.tasks ?? []);
  const runs = changed('run', contents.runs, commit.runs ?? []);
  for (const { next } of commit.runs ?? []) {
    if (!contents.tasks.has(next.task) && !tasks.has(next.task)) throw noSuchTask(next.id, next.task);
  }
  for (const [id, task] of tasks) contents.tasks.set(id, task);
  for (const [id, run] of runs) contents.runs.set(id, run);
  for (const entry of commit.history ?? []) contents.history.push(kept(entry));
  for (const name of commit.resetCounters ?? []) contents.counters.delete(name);
  for (const name of COUNTER_NAMES) {
    const more = commit.counters?.[name] ?? 0;
    contents.counters.set(name, (contents.counters.get(name) ?? 0) + more);
  }
  for (const [name, value] of Object.entries(commit.facts ?? {})) {
    if (value === undefined) contents.facts.delete(name);
    else contents.facts.set(name, kept(value));
  }
  for (const { id, ok, message } of commit.answers ?? []) {
    const request = contents.requests.get(id);
    if (request && request.answer === null) contents.requests.set(id, kept({ ...request, answer: { ok, message } }));
  }
}

function changed<K, T extends { readonly id: K; readonly version: number }>(
  kind: 'task' | 'run',
  before: ReadonlyMap<K, T>,
  writes: readonly { readonly next: T; readonly expected: number | null }[],
): Map<K, T> {
  const after = new Map<K, T>();
  for (const { next, expected } of writes) {
    const found = (after.get(next.id) ?? before.get(next.id))?.version ?? null;
    if (found !== expected) throw new ConflictError(conflictText(kind, String(next.id), expected, found));
    after.set(next.id, kept(stored(next, expected)));
  }
  return after;
}

/** Copies that were made here: they cannot change any more, so that they need no further copy. */
const ours = new WeakSet<object>();

/** A copy as the database would give it back (what JSON keeps of it), frozen to the ground. */
function kept<T>(value: T): T {
  if (typeof value === 'number' && !Number.isFinite(value)) return null as T;
  if (typeof value !== 'object' || value === null || ours.has(value)) return value;
  const copy = Array.isArray(value) ? value.map((inner: unknown) => kept(inner ?? null)) : keptFields(value);
  ours.add(Object.freeze(copy));
  return copy as T;
}

function keptFields(value: object): Readonly<Record<string, unknown>> {
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) if (inner !== undefined) copy[name] = kept(inner);
  return copy;
}

function prune({ requests, history }: StoreContents, before: Parameters<Store['prune']>[0]): number {
  const size = requests.size + history.length;
  for (const [id, { at, answer }] of requests) if (answer !== null && at < before.answered) requests.delete(id);
  const kept = history.filter(({ at }) => at >= before.history);
  history.splice(0, history.length, ...kept);
  return size - requests.size - history.length;
}
