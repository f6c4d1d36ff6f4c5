import { iso } from '../api/iso.ts';
import type { RunDetail, TaskDetail, TaskPage } from '../api/task.ts';
import { eventWords } from '../core/explain/event-words.ts';
import { USAGE_FACT } from '../core/limits/usage.ts';
import { NEW_FLEET } from '../core/model/fleet.ts';
import type { HistoryEntry } from '../core/model/records.ts';
import type { Run } from '../core/model/run.ts';
import type { Ms } from '../core/model/seen.ts';
import type { Task, TaskId } from '../core/model/task.ts';
import { keptSights, PULLS_FACT } from '../core/review/pull-sights.ts';
import { byTurn } from '../core/start/schedule.ts';
import type { Store } from '../engine/ports/records/store.ts';
import { reportOf } from './shown-tasks.ts';
import { slotsUsed } from './status.ts';
import { runJson, taskJson } from './status-json.ts';

export interface TaskFilter {
  /** Null: every state. */
  readonly states: readonly Task['state'][] | null;
  readonly label: string | null;
  /** In the id or the title. */
  readonly text: string | null;
  readonly limit: number;
  /** So many that fit are passed over. */
  readonly after: number;
}

const STATES = ['blocked', 'failed', 'active', 'pending', 'review', 'completed'] as const;

/** Tasks of any age: in the order of the fleet's view, those that ended newest first. */
export function readTaskPage(store: Store, now: Ms, filter: TaskFilter): TaskPage {
  const { states, limit, after } = filter;
  const wanted = after + limit + 1;
  const isWanted = isIn(filter);
  const found: Task[] = [];
  for (const state of STATES) {
    if (found.length >= wanted || (states !== null && !states.includes(state))) continue;
    for (const task of tasksIn(store, state, isWanted, wanted - found.length)) found.push(task);
  }
  const page = found.slice(after, after + limit);
  const rows = rowsOf(store, now);
  return { at: iso(now), tasks: page.map(rows), next: found.length > after + limit ? String(after + limit) : null };
}

function isIn({ label, text }: TaskFilter): (task: Task) => boolean {
  const part = text?.toLowerCase() ?? null;
  return ({ id, title, labels }) =>
    (label === null || labels.includes(label)) && (part === null || id.includes(part) || title.toLowerCase().includes(part));
}

function tasksIn(store: Store, state: Task['state'], isWanted: (task: Task) => boolean, most: number): readonly Task[] {
  if (state === 'blocked' || state === 'active' || state === 'pending') {
    const open = store.openTasks().filter((task) => task.state === state && isWanted(task));
    return (state === 'pending' ? open.sort(byTurn) : open).slice(0, most);
  }
  // Read in growing pieces: the filter may let few of very many through.
  for (let limit = Math.max(200, most); ; limit *= 4) {
    const all = store.endedTasks({ state, since: 0, limit });
    const found = all.filter(isWanted);
    if (found.length >= most || all.length < limit || limit > MOST_LOOKED_AT) return found.slice(0, most);
  }
}

/** Of ended tasks; what is older is found by its number. */
const MOST_LOOKED_AT = 20_000;

/** Told by a daemon: there is one. */
const rowsOf = (store: Store, now: Ms) => {
  const seen = store.fact('daemon');
  const slots = { used: slotsUsed(store, now), of: seen?.slots ?? null };
  const fleet = store.fact('fleet') ?? NEW_FLEET;
  const facts = { usage: store.fact(USAGE_FACT), pulls: keptSights(store.fact(PULLS_FACT)) };
  const known = { ...facts, seen, slots, fleet, at: now, daemon: {} };
  return (task: Task) => taskJson(reportOf(store, task), known);
};

const HISTORY = 100;

/** All that the store knows of a task; null: nothing. */
export function readTask(store: Store, id: TaskId, now: Ms): TaskDetail | null {
  const task = store.task(id);
  if (task === null) return null;
  const { letters = {} } = store.fact('fleet') ?? NEW_FLEET;
  return {
    ...rowsOf(store, now)(task),
    at: iso(now),
    labels: task.labels,
    armed_by: task.armedBy,
    added_at: iso(task.addedAt),
    runs: task.runs,
    rounds: task.rounds ?? 0,
    spent: task.spent ?? { tokens: 0, usd: 0 },
    waits: task.waits === undefined ? null : { on: task.waits.on, since: iso(task.waits.since) },
    letters: (letters[id] ?? []).map(({ text, at }) => ({ text, at: iso(at) })),
    history: store.history({ task: id, limit: HISTORY }).map(entryOf),
  };
}

export const entryOf = ({ at, task, run, event, detail }: HistoryEntry) => ({
  at: iso(at),
  task,
  run,
  event,
  words: eventWords(event),
  detail,
});

/** Its runs, oldest first; of attempts side by side those of each. `bytesOf`: how long the log of a run is; null: there is none. */
export function readRuns(store: Store, id: TaskId, bytesOf: (run: Run) => number | null): readonly RunDetail[] {
  const usage = store.fact(USAGE_FACT);
  const runs = [id, ...(store.task(id)?.race?.racers ?? [])].flatMap((task) => store.runsOf(task));
  return runs.toSorted((a, b) => a.createdAt - b.createdAt).map((run) => detailOf(run, runJson(run, usage), bytesOf(run)));
}

function detailOf(run: Run, row: ReturnType<typeof runJson>, bytes: number | null): RunDetail {
  const { settlement } = run;
  const ended = run.state === 'ended' || run.state === 'settled' ? run : null;
  const cause = ended?.cause ?? run.wanted;
  return {
    ...row,
    task: run.task,
    created_at: iso(run.createdAt),
    ended_at: iso(ended?.endedAt),
    exit: ended === null || ended.exit === null ? null : { code: ended.exit.code, out_of_memory: ended.exit.outOfMemory === true },
    outcome: outcomeOf(run),
    ended_by: cause == null ? null : { type: cause.type, by: cause.by, reason: cause.reason },
    session: run.session,
    resumes: run.resumes?.run ?? null,
    told: (run.tells ?? []).map(({ text, at, saidAt }) => ({ text, at: iso(at), said_at: iso(saidAt) })),
    work: {
      head: settlement.inspection?.head ?? null,
      commits: settlement.inspection?.commits ?? null,
      dirty: settlement.inspection?.dirty ?? null,
      files: settlement.inspection?.files ?? null,
      lines: settlement.inspection?.lines ?? null,
      saved: settlement.saved?.ref ?? null,
      pushed: settlement.pushed?.commit ?? null,
      verify: settlement.verified ?? null,
    },
    log_bytes: bytes,
  };
}

function outcomeOf({ settlement: { outcome } }: Run): RunDetail['outcome'] {
  if (outcome === undefined) return null;
  if (outcome.kind === 'failed') return { kind: 'failed', type: outcome.failure.type, message: outcome.failure.message };
  return { kind: outcome.kind, type: null, message: outcome.kind === 'blocked' ? outcome.question : null };
}
