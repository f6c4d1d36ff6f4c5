import { describe, expect, it } from 'vitest';
import { active, alive, ended, gone, NOW, pending, policy, running, seen, starting, world } from '../../../test/support/world/world.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import { EMPTY_STREAM, type Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import { movedRun, movedTask } from './clock-set.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RUN = 'w-000001';
const TASK = 'gh-1';
const cause = { type: 'stopped', by: 'STOP file', reason: 'x', at: NOW - 3_000 } as const;
const busy = { ...EMPTY_STREAM, firstEventAt: NOW - 50_000, lastEventAt: NOW - MINUTE, tools: ['t1'], offset: 10, session: 's' };
const result = {
  ...{ end: 'completed' as const, isError: false, subtype: 'success', terminalReason: 'completed', apiErrorStatus: null, text: 'done' },
  at: NOW - 2_000,
};
const live = running(RUN, TASK, { stream: busy });
const dying = (rung: 'ask' | 'signal' | 'kill', ago: number): Run =>
  ({ ...live, state: 'stopping', cause, rung, rungAt: NOW - ago }) as Run;

/** Each is decided on by how long something has lasted. */
const RUNS: Readonly<Record<string, Run>> = {
  'a worker at work': live,
  'a worker near its limit of time': running(RUN, TASK, { startedAt: NOW - policy().limits.runTime + MINUTE, stream: busy }),
  'a worker beyond its limit of time': running(RUN, TASK, { startedAt: NOW - policy().limits.runTime - MINUTE, stream: busy }),
  'a worker that has said its result': running(RUN, TASK, { stream: { ...busy, tools: [], result, lastEventAt: NOW - 2_000 } }),
  'asked to stop a moment ago': dying('ask', 500),
  'asked to stop long ago': dying('ask', HOUR),
  'signalled a moment ago': dying('signal', 500),
  'killed, and still there': dying('kill', 60_000),
  'being started': starting(RUN, TASK),
  'ended, a step to be tried in a while': ended(RUN, TASK, {
    problem: { step: 'save', message: 'no', tries: 2, at: NOW - 1_000, retryAt: NOW + 3_000 },
  }),
};

const TASKS: Readonly<Record<string, Task>> = {
  'backing off': pending('gh-2', { retryAt: NOW + 30_000 }),
  'backed off': pending('gh-2', { retryAt: NOW - 1 }),
  ready: pending('gh-2'),
};

const moved = ({ runs, tasks, ...rest }: World, by: number): World => ({
  ...rest,
  runs: runs.map((run) => movedRun(run, by)),
  tasks: tasks.map((task) => movedTask(task, by)),
  streams: new Map(runs.map((run) => [run.id, movedRun(run, by).stream])),
});

const decided = (around: World, now: number) => {
  const { actions, commit, wakeAt } = reconcile(around, policy(), now);
  return {
    actions,
    events: commit.history?.map(({ event, task }) => `${task} ${event}`),
    states: commit.runs?.map(({ next }) => next.state),
    wake: wakeAt === null ? null : wakeAt - now,
  };
};

describe.each([-DAY, -HOUR, -10 * MINUTE, 10 * MINUTE, HOUR, DAY])('a clock set by %d ms', (by) => {
  it.each(Object.entries(RUNS))('changes nothing for %s', (_name, run) => {
    const around = world({
      tasks: [active(TASK, RUN)],
      runs: [run],
      processes: new Map([[RUN, seen(run.state === 'ended' ? gone() : alive)]]),
      streams: new Map([[RUN, run.stream]]),
      signs: new Map([[TASK, seen({ stop: null, blocked: null })]]),
      fleet: { ...NEW_FLEET, pausedAt: NOW - 1 },
    });
    expect(decided(moved(around, by), NOW + by)).toEqual(decided(around, NOW));
  });

  it.each(Object.entries(TASKS))('changes nothing for a task that is %s', (_name, task) => {
    const around = world({ tasks: [task], fleet: { ...NEW_FLEET, pausedAt: NOW - 1 } });
    expect(decided(moved(around, by), NOW + by)).toEqual(decided(around, NOW));
  });
});

it('without being moved, it would: the table sees the difference', () => {
  const run = RUNS['a worker at work'] as Run;
  const around = world({
    tasks: [active(TASK, RUN)],
    runs: [run],
    processes: new Map([[RUN, seen(alive)]]),
    streams: new Map([[RUN, run.stream]]),
  });
  expect(decided(around, NOW + DAY).events).toContain('gh-1 stop');
});
