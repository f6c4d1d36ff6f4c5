import { CLAUDE } from '../../../src/agents/claude/abilities.ts';
import { NEW_FLEET } from '../../../src/core/model/fleet.ts';
import type { Issue, Pull, Trigger } from '../../../src/core/model/forge.ts';
import type { Upkeep } from '../../../src/core/model/household.ts';
import { EMPTY_STREAM, type Exit, type ProcessIdentity, type Run } from '../../../src/core/model/run.ts';
import { known, type Ms, type Seen, unknown } from '../../../src/core/model/seen.ts';
import type { RunId, Task, TaskId, TaskIn } from '../../../src/core/model/task.ts';
import type { Plan } from '../../../src/core/tick/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/core/tick/policy.ts';
import type { ProcessSeen, World } from '../../../src/core/tick/world.ts';

/** An instant like any other: every test world is at this time unless it says otherwise. */
export const NOW: Ms = 1_800_000_000_000;

export const policy = (more: Partial<Policy> = {}): Policy => ({
  ...DEFAULT_POLICY,
  agent: { kind: 'claude', can: CLAUDE, model: null },
  ...more,
});

export function issue(number: number, more: Partial<Issue> = {}): Issue {
  return {
    number,
    title: `Issue ${number}`,
    body: '',
    print: `print of ${number}`,
    author: 'alice',
    labels: ['rpi-auto'],
    state: 'open',
    url: `https://github.test/acme/widgets/issues/${number}`,
    createdAt: NOW - 1_000_000 + number,
    updatedAt: NOW - 1_000,
    ...more,
  };
}

export const pull = (number: number, branch: string, more: Partial<Pull> = {}): Pull => ({
  number,
  url: `https://github.test/acme/widgets/pull/${number}`,
  title: `Pull ${number}`,
  body: '',
  closes: [],
  author: 'bob',
  state: 'open',
  draft: false,
  head: { branch, owner: 'acme', commit: 'c'.repeat(40) },
  ...more,
});

export const trigger = (allowed = true, at: Ms = NOW - 60_000): Trigger => ({
  actor: 'maria',
  at,
  allowed,
  why: allowed ? 'labelled by maria, who may write' : 'labelled by eve, who may only read',
});

const TASK_FACTS = {
  priority: 2,
  labels: ['rpi-auto'],
  addedAt: NOW - 500_000,
  armedBy: 'label',
  order: null,
  attempts: 0,
  runs: 0,
  pull: null,
  pausedAt: null,
  version: 1,
} as const;

export function pending(id: TaskId, more: Partial<Extract<Task, { state: 'pending' }>> = {}): Task {
  return { ...TASK_FACTS, id, title: id, branch: `auto/${id}`, state: 'pending', retryAt: null, last: null, resume: null, ...more };
}

export function active(id: TaskId, run: RunId, more: Partial<Extract<Task, { state: 'active' }>> = {}): Task {
  return {
    ...TASK_FACTS,
    id,
    title: id,
    branch: `auto/${id}`,
    runs: 1,
    state: 'active',
    run,
    startedAt: NOW - 60_000,
    last: null,
    ...more,
  };
}

export function failed(id: TaskId, more: Partial<Extract<Task, { state: 'failed' }>> = {}): Task {
  const failure = { type: 'crash', message: 'gone', at: NOW - 60_000 } as const;
  return {
    ...TASK_FACTS,
    id,
    title: id,
    branch: `auto/${id}`,
    runs: 1,
    state: 'failed',
    run: 'w-000001',
    at: NOW - 60_000,
    failure,
    ...more,
  };
}

export function inReview(id: TaskId, pull: number, more: Partial<Extract<Task, { state: 'review' }>> = {}): TaskIn<'review'> {
  return {
    ...TASK_FACTS,
    ...{ id, title: id, branch: `auto/${id}`, runs: 1, pull: { number: pull, url: `https://github.test/acme/widgets/pull/${pull}` } },
    ...{ state: 'review', run: 'w-000001', at: NOW - 60_000, commit: 'c'.repeat(40) },
    ...more,
  };
}

export const IDENTITY: ProcessIdentity = { pid: 4242, startTime: 99, bootId: 'boot', containment: { kind: 'sweep' } };

const RUN_FACTS = {
  attempt: 1,
  createdAt: NOW - 60_000,
  session: '11111111-1111-4111-8111-111111111111',
  resumes: null,
  wanted: null,
  inputEnded: false,
  agent: { kind: 'claude', can: CLAUDE, model: null },
  stream: {
    ...EMPTY_STREAM,
    firstEventAt: NOW - 50_000,
    lastEventAt: NOW - 1_000,
    session: '11111111-1111-4111-8111-111111111111',
    offset: 10,
  },
  settlement: {},
  problem: null,
  version: 1,
} as const;

export const preparing = (id: RunId, task: TaskId, more: Partial<Extract<Run, { state: 'preparing' }>> = {}): Run => ({
  ...RUN_FACTS,
  id,
  task,
  state: 'preparing',
  ...more,
});

export const starting = (id: RunId, task: TaskId, more: Partial<Extract<Run, { state: 'starting' }>> = {}): Run => ({
  ...RUN_FACTS,
  id,
  task,
  stream: EMPTY_STREAM,
  state: 'starting',
  baseCommit: 'b'.repeat(40),
  since: NOW - 1_000,
  ...more,
});

export const running = (id: RunId, task: TaskId, more: Partial<Extract<Run, { state: 'running' }>> = {}): Run => ({
  ...RUN_FACTS,
  id,
  task,
  state: 'running',
  baseCommit: 'b'.repeat(40),
  process: IDENTITY,
  startedAt: NOW - 60_000,
  ...more,
});

export const ended = (id: RunId, task: TaskId, more: Partial<Extract<Run, { state: 'ended' }>> = {}): Run => ({
  ...RUN_FACTS,
  id,
  task,
  state: 'ended',
  baseCommit: 'b'.repeat(40),
  startedAt: NOW - 60_000,
  endedAt: NOW - 1_000,
  exit: { code: 0, at: NOW - 1_000 },
  rebooted: false,
  cause: null,
  failedStart: null,
  ...more,
});

export const alive: ProcessSeen = { kind: 'alive', identity: IDENTITY, members: 1 };
export const gone = (exit: Exit | null = { code: 0, at: NOW }, rebooted = false): ProcessSeen => ({ kind: 'gone', exit, rebooted });
export const seen = <T>(value: T, at: Ms = NOW): Seen<T> => known(value, at);

/** Nothing to keep house of: nobody has looked yet. */
export const upkeep = (more: Partial<Upkeep> = {}): Upkeep => ({
  snapshots: new Map(),
  standing: new Map(),
  measured: new Map(),
  household: unknown('not looked at yet', 0),
  owners: { tasks: new Map(), runs: new Map() },
  worktreeErrors: 0,
  tooManySince: null,
  busy: new Set(),
  refused: new Map(),
  main: unknown('not looked at yet', 0),
  mainKept: null,
  ...more,
});

/** A world in one line: a GitHub that answered just now, plenty of memory, nothing going on. */
export function world(more: Partial<World> = {}): World {
  return {
    tasks: [],
    runs: [],
    forge: 'github',
    issues: known([], NOW - 100),
    pulls: known([], NOW - 100),
    pullSights: new Map(),
    ownPulls: 0,
    calls: new Map(),
    triggers: new Map(),
    singles: new Map(),
    claims: null,
    dependencies: new Map(),
    processes: new Map(),
    strays: known([], NOW),
    streams: new Map(),
    unread: new Map(),
    signs: new Map(),
    machine: known({ freeMemoryBytes: 8 * 1024 ** 3, freeDiskBytes: 80 * 1024 ** 3, loadPerCore: 1 }, NOW),
    intents: [],
    isEditHeld: false,
    requests: [],
    hearsPersons: false,
    busy: new Set(),
    draining: false,
    fleet: NEW_FLEET,
    logins: null,
    today: { start: NOW - 3_600_000, end: NOW + 82_800_000 },
    fresh: ['w-aaaaa1', 'w-aaaaa2', 'w-aaaaa3', 'w-aaaaa4'].map((run, index) => ({
      run: run as RunId,
      session: `22222222-2222-4222-8222-22222222222${index}`,
    })),
    goneSince: new Map(),
    upkeep: upkeep(),
    ...more,
  };
}

export const taskAfter = (plan: Plan, id: TaskId): Task | undefined => plan.commit.tasks?.find(({ next }) => next.id === id)?.next;
export const runAfter = (plan: Plan, id: RunId): Run | undefined => plan.commit.runs?.find(({ next }) => next.id === id)?.next;

/** The world after the plan's records were written, as the next tick would see it if nothing else happened. */
export function written(before: World, plan: Plan): World {
  const tasks = new Map(before.tasks.map((task) => [task.id, task]));
  const runs = new Map(before.runs.map((run) => [run.id, run]));
  for (const { next } of plan.commit.tasks ?? []) tasks.set(next.id, next);
  for (const { next } of plan.commit.runs ?? []) runs.set(next.id, next);
  const answered = new Set(plan.commit.answers?.map(({ id }) => id));
  const fleet = (plan.commit.facts?.fleet as World['fleet'] | undefined) ?? before.fleet;
  return {
    ...before,
    tasks: [...tasks.values()],
    runs: [...runs.values()].filter((run) => run.state !== 'settled'),
    intents: [],
    requests: before.requests.filter(({ id }) => !answered.has(id)),
    busy: new Set([...before.busy, ...plan.actions.map(({ run }) => run)]),
    fleet,
  };
}
