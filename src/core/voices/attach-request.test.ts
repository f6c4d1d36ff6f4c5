import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  ended,
  failed,
  issue,
  NOW,
  policy,
  runAfter,
  running,
  seen,
  taskAfter,
  world,
} from '../../../test/support/world/world.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import type { Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';
import { ATTACH, ATTACH_BY, HAND_BACK } from './attach-request.ts';

const request = (verb: string, args: Record<string, unknown> = {}, id = 1) => ({ id, at: NOW - 10, verb, task: 'gh-7' as const, args });
const look = (more: Partial<World>) => reconcile(world({ issues: seen([issue(7)]), ...more }), policy({ slots: 0 }), NOW);
const interrupted = { type: 'interrupted', message: 'tac8 attach: a person takes the conversation over', at: NOW - 5 } as const;
const waiting = {
  ...failed('gh-7'),
  state: 'pending',
  attempts: 1,
  retryAt: NOW,
  last: interrupted,
  pausedAt: NOW - 8,
  resume: null,
} as Task;
const cause = { type: 'interrupted', by: ATTACH_BY, reason: 'a person takes the conversation over', at: NOW - 9 } as const;
const settled = { ...ended('w-000001', 'gh-7'), state: 'settled', cause } as Run;

describe('attach', () => {
  it('pauses a running task and ends its worker, without an answer before that has happened', () => {
    const made = look({
      tasks: [active('gh-7', 'w-000001')],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001' as const, seen(alive)]]),
      requests: [request(ATTACH)],
    });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'active', pausedAt: NOW });
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'interrupted', by: ATTACH_BY } });
    expect(made.commit.answers ?? []).toEqual([]);
  });
  it('is answered with what was ended, once it is', () => {
    const made = look({ tasks: [waiting], runs: [settled], requests: [request(ATTACH)] });
    expect(made.commit.answers).toMatchObject([{ ok: true, message: expect.stringMatching(/^gh-7 interrupted after/) }]);
    expect(taskAfter(made, 'gh-7') ?? waiting).toMatchObject({ state: 'pending', pausedAt: NOW - 8 });
  });
  it('holds an ended task back, too', () => {
    const made = look({ tasks: [failed('gh-7')], runs: [settled], requests: [request(ATTACH)] });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'failed', pausedAt: NOW });
    expect(made.commit.answers).toMatchObject([{ ok: true }]);
  });
  it('refuses an agent without a conversation, and a task that is not there', () => {
    const other = { ...running('w-000001', 'gh-7'), agent: { kind: 'command', can: COMMAND, model: null } } as Run;
    const made = look({
      tasks: [active('gh-7', 'w-000001')],
      runs: [other],
      processes: new Map([['w-000001' as const, seen(alive)]]),
      requests: [request(ATTACH)],
    });
    expect(made.commit.answers).toMatchObject([{ ok: false }]);
    expect(runAfter(made, 'w-000001')?.state ?? 'running').toBe('running');
    expect(look({ requests: [request(ATTACH)] }).commit.answers).toMatchObject([{ ok: false }]);
  });
});

it('the run that was ended is no failed worker, and the next one is told why it ended', () => {
  const steps = { saved: { ref: null, commit: null }, mended: { done: [] }, explained: true, logged: true } as const;
  const outcome = { kind: 'failed', failure: interrupted, resumable: true } as const;
  const run = { ...ended('w-000001', 'gh-7'), cause, settlement: { ...steps, outcome } } as Run;
  const made = look({ tasks: [{ ...active('gh-7', 'w-000001'), pausedAt: NOW - 8 }], runs: [run] });
  expect(made.commit.counters?.workers_failed ?? 0).toBe(0);
  expect(taskAfter(made, 'gh-7')).toMatchObject({
    state: 'pending',
    attempts: 0,
    pausedAt: NOW - 8,
    resume: { message: expect.stringMatching(/^A person took/) },
  });
});

describe('handing back', () => {
  it('goes on in the conversation, with the person’s words or ours', () => {
    const made = look({ tasks: [waiting], runs: [settled], requests: [request(HAND_BACK)] });
    expect(taskAfter(made, 'gh-7')).toMatchObject({
      state: 'pending',
      pausedAt: null,
      retryAt: null,
      resume: { session: settled.stream.session },
    });
    expect(made.commit.answers).toMatchObject([{ ok: true, message: 'gh-7 is handed back: it goes on in the same conversation' }]);
    const told = look({ tasks: [waiting], runs: [settled], requests: [request(HAND_BACK, { message: 'Use tabs.' })] });
    expect(taskAfter(told, 'gh-7')).toMatchObject({ resume: { message: 'Use tabs.' } });
  });
  it('leaves a pause that was there before', () => {
    const made = look({ tasks: [waiting], runs: [settled], requests: [request(HAND_BACK, { paused: true })] });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ pausedAt: NOW - 8, resume: { session: settled.stream.session } });
    expect(made.commit.answers?.[0]?.message).toContain('still paused');
  });
  it('waits for the end of the worker where both were asked for at once', () => {
    const stopping = { ...running('w-000001', 'gh-7'), wanted: cause } as Run;
    const made = look({
      tasks: [active('gh-7', 'w-000001')],
      runs: [stopping],
      processes: new Map([['w-000001' as const, seen(alive)]]),
      requests: [request(HAND_BACK, {}, 2)],
    });
    expect(made.commit.answers ?? []).toEqual([]);
  });
});
