import { CLAUDE } from '../../src/agents/claude/abilities.ts';
import type { Failure } from '../../src/core/model/failure.ts';
import { EMPTY_STREAM, type Run } from '../../src/core/model/run.ts';
import type { RunId, Task, TaskId } from '../../src/core/model/task.ts';

export const taskId = (n: number): TaskId => `gh-${n}`;
export const runId = (n: number): RunId => `w-${n.toString(16).padStart(6, '0')}`;
const failure = (at: number): Failure => ({ type: 'crash', message: 'died “in the night”\n\u0000 \u{1F480}', at });

/** A task in the state asked for; `at` is its end where it has one. */
export function sampleTask(n: number, state: Task['state'] = 'pending', at = 1_000, version = 1): Task {
  const facts = {
    id: taskId(n),
    title: `Title of ${n}: 'quotes' "and" %; -- \u{1F600}`,
    priority: 2 as const,
    labels: ['rpi-auto'],
    addedAt: 500,
    armedBy: 'label' as const,
    order: null,
    branch: `auto/gh-${n}`,
    attempts: 0,
    runs: 0,
    pull: null,
    pausedAt: null,
    version,
  };
  const run = runId(n);
  switch (state) {
    case 'pending':
      return { ...facts, state, retryAt: null, last: null, resume: null };
    case 'active':
      return { ...facts, state, run, startedAt: at, last: null };
    case 'review':
    case 'completed':
      return { ...facts, state, run, at, commit: 'a1b2c3d' };
    case 'failed':
      return { ...facts, state, run, at, failure: failure(at) };
    case 'blocked':
      return { ...facts, state, run, at, question: 'SQLite or Postgres?' };
  }
}

export function sampleRun(n: number, task: TaskId, state: 'preparing' | 'settled' = 'preparing', createdAt = 1_000, version = 1): Run {
  const facts = {
    id: runId(n),
    task,
    attempt: 1,
    createdAt,
    session: '3c6f2c2e-5e0c-4d52-9d6c-6b6c0a2e9f10',
    resumes: null,
    wanted: null,
    inputEnded: false,
    agent: { kind: 'claude', can: CLAUDE, model: null },
    stream: EMPTY_STREAM,
    settlement: {},
    problem: null,
    version,
  };
  if (state === 'preparing') return { ...facts, state };
  return {
    ...facts,
    state,
    baseCommit: null,
    startedAt: null,
    endedAt: createdAt + 1,
    exit: null,
    rebooted: false,
    cause: null,
    failedStart: null,
  };
}
