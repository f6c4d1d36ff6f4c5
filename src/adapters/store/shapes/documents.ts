import { DEFAULT_KIND, LEAST } from '../../../agents/at-first.ts';
import { keptRun } from '../../../agents/kept-run.ts';
import { FAILURE_TYPES } from '../../../core/model/failure.ts';
import { EMPTY_STREAM, NO_SPEND, type Run } from '../../../core/model/run.ts';
import { DEFAULT_PRIORITY, type RunId, type Task, type TaskId } from '../../../core/model/task.ts';
import type { Misfit } from '../../../engine/ports/records/facts.ts';
import { misfitOf, runId, taskId, text, time } from './check.ts';
import * as s from './shape.ts';
import { isObject } from './shape.ts';
import { money, stream } from './stream.ts';

const failure = s.object({
  type: s.oneOf(FAILURE_TYPES),
  message: text,
  at: time,
  by: text.optional(),
  until: time.optional(),
  cause: text.optional(),
  afresh: s.oneOf([true]).optional(),
  cutOff: s.object({ login: text, agent: text, doing: text.nullable() }).optional(),
  hint: text.optional(),
});
const pull = s.object({
  ...{ number: s.number(), url: text, draft: s.oneOf([true]).optional() },
  state: s.oneOf(['merged', 'closed']).optional(),
});
const resumed = { run: runId, session: text, kind: text.optional(), message: text, because: s.oneOf(FAILURE_TYPES).nullable() };
const resume = s.object({ ...resumed, refused: text.optional() });

const spent = s.object({ tokens: s.number(), ...money });
const raced = { racers: s.array(taskId), entering: s.oneOf([true]).optional(), winner: taskId.optional(), why: text.optional() };
const taskFacts = {
  id: taskId,
  title: text,
  priority: s.oneOf([0, 1, 2, 3]),
  labels: s.array(text),
  addedAt: time,
  armedBy: s.oneOf(['label', 'person']),
  order: s.number().nullable(),
  branch: text,
  attempts: s.number(),
  runs: s.number(),
  pull: pull.nullable(),
  pausedAt: time.nullable(),
  approved: s.object({ print: text, at: time }).optional(),
  waits: s.object({ on: text, since: time }).optional(),
  spent: spent.optional(),
  spentInAll: spent.optional(),
  rounds: s.number().optional(),
  heard: s.object({ calls: s.array(text), alone: s.number() }).optional(),
  armedAt: time.optional(),
  labelled: s.array(time).optional(),
  agent: text.optional(),
  paths: s.array(text).optional(),
  drops: text.optional(),
  race: s.object({ ...raced, before: s.object({ spent, spentInAll: spent }).optional() }).optional(),
  version: s.number(),
};
const over = s.object({ at: time, how: s.oneOf(['merged', 'closed', 'unfollowed']) });
const done = { run: runId, at: time, commit: text.nullable() };
const task = s.variants('state', [
  s.object({
    ...taskFacts,
    state: s.literal('pending'),
    retryAt: time.nullable(),
    last: failure.nullable(),
    resume: resume.nullable(),
  }),
  s.object({ ...taskFacts, state: s.literal('active'), run: runId, startedAt: time, last: failure.nullable() }),
  s.object({ ...taskFacts, state: s.literal('review'), ...done }),
  s.object({ ...taskFacts, state: s.literal('completed'), ...done, over: over.optional() }),
  s.object({ ...taskFacts, state: s.literal('failed'), run: runId.nullable(), at: time, failure }),
  s.object({ ...taskFacts, state: s.literal('blocked'), run: runId, at: time, question: text }),
]);

const outcome = s.variants('kind', [
  s.object({ kind: s.literal('done'), unfinished: s.array(text).optional() }),
  s.object({ kind: s.literal('blocked'), question: text }),
  s.object({ kind: s.literal('failed'), failure, resumable: s.boolean() }),
]);
const settlement = s.object({
  saved: s.object({ ref: text.nullable(), commit: text.nullable(), incomplete: text.optional() }).optional(),
  mended: s.object({ done: s.array(text) }).optional(),
  explained: s.literal(true).optional(),
  wip: s.object({ commit: text.nullable() }).optional(),
  inspection: s
    .object({
      head: text.nullable(),
      commits: s.number(),
      dirty: s.boolean(),
      question: text.nullable(),
      changed: s.boolean().optional(),
      files: s.object({ names: s.array(text), count: s.number() }).optional(),
      lines: s.number().optional(),
      left: s.object({ names: s.array(text), count: s.number() }).optional(),
      elsewhere: s.array(s.object({ branch: text.nullable(), head: text })).optional(),
    })
    .optional(),
  outcome: outcome.optional(),
  verified: s.object({ ok: s.boolean(), output: text }).optional(),
  held: s.object({ commit: text, paths: s.array(text), diff: text }).optional(),
  approved: text.optional(),
  pushed: s.object({ commit: text, remote: text.nullable() }).optional(),
  overtaken: s.object({ commit: text, by: s.array(text) }).optional(),
  pull: pull.optional(),
  counted: s.literal(true).optional(),
  logged: s.literal(true).optional(),
  commented: s.object({ url: text }).optional(),
});
const cause = s.object({
  type: s.oneOf([...FAILURE_TYPES, 'lingering']),
  by: text,
  reason: text,
  at: time,
  unfinished: s.array(text).optional(),
});
const tell = s.object({
  id: s.number(),
  uuid: text,
  text,
  at: time,
  via: s.oneOf(['input', 'prompt']),
  saidAt: time.nullable(),
  notBefore: time.optional(),
});
const abilities = s.object({
  words: s.oneOf(['read', 'none']),
  steer: s.oneOf(['stdin', 'none']),
  interrupt: s.boolean(),
  resume: s.boolean(),
  attach: s.boolean(),
  stopHooks: s.boolean(),
  cost: s.oneOf(['stated', 'none']),
  end: s.oneOf(['result', 'exit']),
});
const runFacts = {
  id: runId,
  task: taskId,
  attempt: s.number(),
  createdAt: time,
  session: text,
  resumes: resume.nullable(),
  takesOver: s.object({ agent: text, because: s.oneOf(FAILURE_TYPES), doing: text.nullable() }).optional(),
  wanted: cause.nullable(),
  inputEnded: s.boolean(),
  tells: s.array(tell).optional(),
  warnings: s.array(s.object({ by: text, text, at: time })).optional(),
  members: s.number().optional(),
  agent: s.object({
    kind: text,
    can: abilities,
    model: text.nullable(),
    profile: text.optional(),
    login: text.optional(),
    why: text.optional(),
  }),
  stream,
  settlement,
  problem: s.object({ step: text, message: text, lasting: s.boolean().optional(), tries: s.number(), at: time, retryAt: time }).nullable(),
  version: s.number(),
};
const containment = s.variants('kind', [
  s.object({ kind: s.literal('cgroup'), path: text }),
  s.object({ kind: s.literal('pidns') }),
  s.object({ kind: s.literal('sweep') }),
]);
const born = s.object({ pid: s.number(), startTime: s.number() });
const live = {
  baseCommit: text,
  process: s.object({ pid: s.number(), startTime: s.number(), bootId: text, containment, parent: born.optional() }),
  startedAt: time,
};
const end = {
  baseCommit: text.nullable(),
  startedAt: time.nullable(),
  endedAt: time,
  exit: s.object({ code: s.number(), at: time, outOfMemory: s.literal(true).optional() }).nullable(),
  rebooted: s.boolean(),
  cause: cause.nullable(),
  failedStart: failure.nullable(),
};
const run = s.variants('state', [
  s.object({ ...runFacts, state: s.literal('preparing') }),
  s.object({ ...runFacts, state: s.literal('starting'), baseCommit: text, since: time }),
  s.object({ ...runFacts, state: s.literal('running'), ...live }),
  s.object({
    ...runFacts,
    state: s.literal('stopping'),
    ...live,
    cause,
    rung: s.oneOf(['ask', 'interrupt', 'signal', 'terminate', 'kill']).nullable(),
    rungAt: time.nullable(),
  }),
  s.object({ ...runFacts, state: s.literal('ended'), ...end }),
  s.object({ ...runFacts, state: s.literal('settled'), ...end }),
]);

/** What is known of a document by its row, whatever stands in it. */
export interface TaskRow {
  readonly id: TaskId;
  readonly version: number;
}
export interface RunRow {
  readonly id: RunId;
  readonly task: TaskId;
  readonly version: number;
  readonly createdAt: number;
}
type OnMisfit = (misfit: Misfit) => void;

/** Fields that came after 0.1.0, as they are where nobody wrote them. */
const TASK_LACKED = { labels: [], order: null, pull: null, pausedAt: null, attempts: 0, runs: 0 };
const PENDING_LACKED = { retryAt: null, last: null, resume: null };
const RUN_LACKED = { attempt: 1, resumes: null, wanted: null, inputEnded: false, settlement: {}, problem: null };
const END_LACKED = { baseCommit: null, startedAt: null, exit: null, rebooted: false, cause: null, failedStart: null };

const upgradedTask = (doc: Readonly<Record<string, unknown>>): object => ({
  ...TASK_LACKED,
  ...(doc.state === 'pending' ? PENDING_LACKED : doc.state === 'active' ? { last: null } : {}),
  ...doc,
});

function upgradedRun(doc: Readonly<Record<string, unknown>>): object {
  const { stream: said } = doc;
  const ended = doc.state === 'ended' || doc.state === 'settled';
  const facts = isObject(said) ? { ...EMPTY_STREAM, ...said, spend: { ...NO_SPEND, ...(isObject(said.spend) ? said.spend : {}) } } : said;
  return keptRun({ ...RUN_LACKED, ...(ended ? END_LACKED : {}), ...doc, stream: facts });
}

/**
 * The task as it is read. One that does not fit costs itself alone: it has failed, by what is known of it, and says why; a retry makes it whole.
 * Whatever the document says, name and version are those of its row: what is written next is written over it.
 */
export function taskOf(stored: unknown, row: TaskRow, onMisfit: OnMisfit): Task {
  const doc = isObject(stored) ? stored : {};
  const isOwn = doc.id === row.id && doc.version === row.version;
  if (isOwn && misfitOf(task, doc) === null) return stored as Task;
  const upgraded = { ...upgradedTask(doc), ...row };
  const why = misfitOf(task, upgraded);
  if (why === null) return upgraded as Task;
  onMisfit({ what: `task ${row.id}`, why });
  return failedTask(doc, row, why);
}

function failedTask(doc: Readonly<Record<string, unknown>>, { id, version }: TaskRow, why: string): Task {
  const keep = <T>(field: keyof typeof taskFacts, otherwise: T): T =>
    misfitOf(taskFacts[field], doc[field]) === null ? (doc[field] as T) : otherwise;
  const at = keep('addedAt', 0);
  return {
    ...{
      id,
      version,
      title: keep('title', id),
      priority: keep('priority', DEFAULT_PRIORITY),
      labels: keep<readonly string[]>('labels', []),
    },
    ...{ addedAt: at, armedBy: keep<Task['armedBy']>('armedBy', 'person'), order: keep<number | null>('order', null) },
    ...{
      branch: keep('branch', `auto/${id}`),
      attempts: keep('attempts', 0),
      runs: keep('runs', 0),
      pull: keep<Task['pull']>('pull', null),
    },
    ...{ pausedAt: keep<number | null>('pausedAt', null), state: 'failed', run: null, at },
    failure: { type: 'unknown', message: `what is stored of it does not fit: ${why}`, at },
  };
}

/** What keeps a run from being one that this version writes; null: nothing. */
export const misfitOfRun = (doc: unknown): string | null => misfitOf(run, doc);

/** The run as it is read. One that does not fit has ended for a reason that nobody knows; what still lives of it keeps another from starting. */
export function runOf(stored: unknown, row: RunRow, onMisfit: OnMisfit): Run {
  const doc = isObject(stored) ? stored : {};
  const isOwn = doc.id === row.id && doc.version === row.version && doc.task === row.task;
  if (isOwn && misfitOf(run, doc) === null) return stored as Run;
  const upgraded = { ...upgradedRun(doc), ...row };
  const why = misfitOf(run, upgraded);
  if (why === null) return upgraded as Run;
  onMisfit({ what: `run ${row.id}`, why });
  return endedRun(doc, row, why);
}

function endedRun(doc: Readonly<Record<string, unknown>>, row: RunRow, why: string): Run {
  const keep = <T>(field: keyof typeof runFacts, otherwise: T): T =>
    misfitOf(runFacts[field], doc[field]) === null ? (doc[field] as T) : otherwise;
  const failure = { type: 'unknown', message: `what is stored of ${row.id} does not fit: ${why}`, at: row.createdAt } as const;
  return {
    ...row,
    ...{ attempt: keep('attempt', 1), session: keep('session', ''), resumes: null, wanted: null, inputEnded: false },
    agent: keep<Run['agent']>('agent', { kind: DEFAULT_KIND, can: LEAST, model: null }),
    stream: keep('stream', EMPTY_STREAM),
    settlement: { outcome: { kind: 'failed', failure, resumable: false }, logged: true },
    problem: null,
    state: doc.state === 'settled' ? 'settled' : 'ended',
    ...{ baseCommit: null, startedAt: null, endedAt: row.createdAt, exit: null, rebooted: false, cause: null, failedStart: null },
  };
}
