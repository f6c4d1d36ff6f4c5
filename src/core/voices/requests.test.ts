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
import { type Fleet, NEW_FLEET } from '../model/fleet.ts';
import { SAID, unheard } from '../model/records.ts';
import type { Run, StopCause } from '../model/run.ts';
import { transitionRun } from '../model/run-transition.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';

const request = (verb: string, args: Record<string, unknown> = {}) => ({ id: 1, at: NOW - 10, verb, task: 'gh-7' as const, args });
const waiting = {
  ...failed('gh-7'),
  state: 'pending',
  attempts: 1,
  retryAt: NOW + 60_000,
  last: { type: 'crash', message: 'gone', at: NOW - 100 },
  resume: null,
} as Task;
/** Its run is settled, and read because the command names the task. */
const last = { ...ended('w-000001', 'gh-7'), state: 'settled' } as Run;
const look = (verb: string, args: Record<string, unknown> = {}, more: Partial<World> = {}) =>
  reconcile(
    world({ tasks: [waiting], runs: [last], issues: seen([issue(7)]), requests: [request(verb, args)], ...more }),
    policy({ slots: 0 }),
    NOW,
  );

describe('pause and resume say what changed', () => {
  const words = (verb: string, paused: boolean, task: 'gh-7' | null): unknown => {
    const pausedAt = paused ? NOW - 5_000 : null;
    const asked = { ...request(verb), task };
    const fleet = { ...world().fleet, pausedAt: task === null ? pausedAt : null };
    return look(verb, {}, { tasks: [{ ...waiting, pausedAt: task === null ? null : pausedAt }], fleet, requests: [asked] }).commit.answers;
  };

  it.each(['gh-7', null] as const)('%s', (task) => {
    expect(words('pause', false, task)).toMatchObject([
      { ok: true, message: task === null ? 'the fleet is paused: nothing new starts' : 'gh-7 is paused: it does not start' },
    ]);
    expect(words('pause', true, task)).toMatchObject([
      { ok: true, message: expect.stringMatching(/^(gh-7|the fleet) is paused already: nothing/) },
    ]);
    expect(words('resume', true, task)).toMatchObject([{ ok: true, message: expect.stringMatching(/^(gh-7|the fleet) resumed$/) }]);
    expect(words('resume', false, task)).toMatchObject([
      { ok: true, message: expect.stringMatching(/^(gh-7|the fleet) was not paused: nothing/) },
    ]);
  });
});

it.each([
  ['its worker goes on to its end, and no other run of it starts', active('gh-7', 'w-000001')],
  ['it is failed, and does not start if it is taken up again', failed('gh-7')],
])('pause of a task speaks of that task: %s', (words, task) => {
  const asked = { ...request('pause'), task: 'gh-7' as const };
  expect(look('pause', {}, { tasks: [task], requests: [asked] }).commit.answers).toMatchObject([{ message: `gh-7 is paused: ${words}` }]);
});

describe('retry --fresh', () => {
  const asked = (args: object, more: Partial<World> = {}, task: Task = failed('gh-7')) =>
    look(
      'retry',
      {},
      { tasks: [task], requests: [{ ...request('retry'), task: 'gh-7' as const, args: { fresh: true, ...args } }], ...more },
    );

  it('goes on from the base on a new branch, and has the one before dropped', () => {
    const made = asked({});
    expect(taskAfter(made, 'gh-7')).toMatchObject({
      state: 'pending',
      branch: 'auto/gh-7-2',
      drops: 'auto/gh-7',
      resume: null,
      pull: null,
    });
    expect(made.commit.answers).toMatchObject([
      { ok: true, message: expect.stringMatching(/on a new branch.*; auto\/gh-7 is saved and dropped/) },
    ]);
  });

  const pull = { number: 9, url: 'u' };
  const open = {
    number: 9,
    title: '',
    body: '',
    closes: [],
    author: 'tac8',
    draft: false,
    state: 'open',
    head: { branch: 'auto/gh-7', commit: 'c', owner: 'o' },
    url: 'u',
  };
  it.each([
    ['in the same conversation', { continue: true }, {}, 'do not go together'],
    ['beside its open pull', {}, { pulls: seen([open]) }, 'gh-7 has the open pull #9: close it, then `tac8 retry gh-7 --fresh`'],
    [
      'where nobody knows of its pull',
      {},
      { pulls: { known: false, because: 'offline', since: NOW } },
      'does not know whether pull #9 of gh-7 is open: offline',
    ],
  ])('does not begin %s', (_, args, more, words) => {
    const made = asked(args, more as never, failed('gh-7', { pull }));
    expect(made.commit.answers).toMatchObject([{ ok: false, message: expect.stringContaining(words) }]);
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'failed', branch: 'auto/gh-7' });
  });

  it('begins after its pull was closed', () => {
    expect(taskAfter(asked({}, { pulls: seen([]) }, failed('gh-7', { pull })), 'gh-7')).toMatchObject({ drops: 'auto/gh-7', pull: null });
  });
});

describe('stop --stop-workers', () => {
  const task = active('gh-7', 'w-000001');
  const asked = (more: Partial<World>) =>
    look(
      'stop-workers',
      {},
      { tasks: [task], runs: [running('w-000001', 'gh-7')], processes: new Map([['w-000001', seen(alive)]]), ...more },
    );

  it('a daemon that drains ends its workers; they are to go on in their conversations', () => {
    const made = asked({ draining: true });
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'interrupted' } });
    expect(made.commit.answers).toMatchObject([{ ok: true, message: expect.stringMatching(/^1 worker is being ended/) }]);
  });

  it('one that begins leaves the workers alone: it was meant for another', () => {
    const made = asked({ draining: false });
    expect(runAfter(made, 'w-000001')).not.toMatchObject({ state: 'stopping' });
    expect(made.commit.answers).toMatchObject([{ ok: false }]);
  });
});

describe('a task that waits for its next attempt', () => {
  it.each([
    ['stop', 'stopped'],
    ['kill', 'killed'],
    ['cancel', 'cancelled'],
  ])('%s: the attempt does not come', (verb, type) => {
    const made = look(verb, { reason: 'enough' });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'failed', failure: { type, message: 'enough', by: `tac8 ${verb}` } });
    expect(made.commit.answers).toMatchObject([{ ok: true }]);
  });

  it('retry: it comes now, as the first', () => {
    expect(taskAfter(look('retry'), 'gh-7')).toMatchObject({ state: 'pending', retryAt: null, attempts: 0, resume: null });
  });

  it('retry --continue: in the conversation of its last run', () => {
    const made = look('retry', { continue: true, message: 'Go on.' });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ resume: { run: 'w-000001', session: last.stream.session, message: 'Go on.' } });
    expect(made.commit.answers).toMatchObject([{ ok: true, message: 'gh-7 is in the queue again, in the same conversation' }]);
  });

  it('retry --continue where there is no conversation says so, and keeps the message for the fresh attempt', () => {
    const silent = { ...last, stream: { ...last.stream, session: null } };
    const made = look('retry', { continue: true, message: 'Go on.' }, { runs: [silent] });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ resume: null, retryAt: null });
    expect(made.commit.answers?.[0]?.message).toContain('no conversation to go on in');
    expect((made.commit.facts?.fleet as Fleet).letters?.['gh-7']).toMatchObject([{ text: 'Go on.' }]);
  });

  it('one that never ran is not stopped, but cancelled', () => {
    const fresh = { ...waiting, last: null, retryAt: null } as Task;
    expect(look('stop', {}, { tasks: [fresh] }).commit.answers).toMatchObject([{ ok: false }]);
    expect(look('cancel', {}, { tasks: [fresh] }).commit.answers).toMatchObject([{ ok: true }]);
  });
});

describe('why a run is ended', () => {
  const cause = (type: StopCause['type'], by = type): StopCause => ({ type, by, reason: `by ${by}`, at: NOW });
  const causeAfter = (first: StopCause, second: StopCause): Run | null => {
    const run = transitionRun(running('w-000001', 'gh-7'), { kind: 'stop', cause: first });
    return run && transitionRun(run, { kind: 'stop', cause: second });
  };
  it.each<[StopCause['type'], StopCause['type'], StopCause['type'] | null]>([
    ['timeout', 'stopped', 'stopped'],
    ['interrupted', 'cancelled', 'cancelled'],
    ['lingering', 'killed', 'killed'],
    ['stopped', 'timeout', null],
    ['stopped', 'cancelled', null],
    ['cancelled', 'stopped', null],
    ['killed', 'stopped', null],
    ['timeout', 'budget', null],
  ])('%s, then %s: %s', (first, second, stays) => {
    const run = causeAfter(cause(first), cause(second));
    if (stays === null) expect(run).toBeNull();
    else expect(run).toMatchObject({ cause: cause(stays), rung: null });
  });

  it('a kill makes a stop in progress faster, in the words of whoever stopped it', () => {
    expect(causeAfter(cause('stopped'), cause('killed'))).toMatchObject({
      cause: { type: 'killed', by: 'stopped', reason: 'by stopped' },
      rung: null,
    });
  });

  it('a person’s word does not begin the ladder anew that a limit has climbed', () => {
    const begun = transitionRun(running('w-000001', 'gh-7'), { kind: 'stop', cause: cause('timeout') });
    const climbed = begun && transitionRun(begun, { kind: 'rung', rung: 'terminate', at: NOW, members: 4 });
    expect(climbed && transitionRun(climbed, { kind: 'stop', cause: cause('stopped') })).toMatchObject({ rung: 'terminate', members: 4 });
  });
});

const stopping = (more: Partial<Extract<Run, { state: 'stopping' }>> = {}): Run =>
  ({
    ...running('w-000001', 'gh-7'),
    ...{ state: 'stopping', cause: { type: 'stopped', by: 'x', reason: 'x', at: NOW }, rung: null, rungAt: null },
    ...more,
  }) as Run;
const climb = (run: Run) =>
  reconcile(
    world({
      tasks: [active('gh-7', 'w-000001')],
      runs: [run],
      processes: new Map([['w-000001', seen({ ...alive, members: 3 } as typeof alive)]]),
      issues: seen([issue(7)]),
    }),
    policy(),
    NOW,
  );

it('a stop of a running one is asked once, and how many processes it has is remembered', () => {
  expect(runAfter(climb(stopping()), 'w-000001')).toMatchObject({ rung: 'ask', members: 3 });
});

it('one whose turn is over leaves when its input ends, and is looked at often until it has', () => {
  const result = {
    end: 'stopped' as const,
    isError: false,
    subtype: 'success',
    terminalReason: 'hook_stopped',
    apiErrorStatus: null,
    text: '',
    at: NOW,
  };
  const asked = stopping({ rung: 'ask', rungAt: NOW });
  const made = climb({ ...asked, stream: { ...asked.stream, result, inTurn: false } });
  expect(made).toMatchObject({ actions: [{ kind: 'end-input' }], wakeAt: NOW + 250 });
  expect(climb({ ...asked, stream: { ...asked.stream, tools: ['t'], inTurn: true } })).toMatchObject({ actions: [], wakeAt: NOW + 60_000 });
});

describe('a person’s word', () => {
  const parked = { ...NEW_FLEET, pausedAt: NOW - 100 };
  const asks = { ...failed('gh-7'), state: 'blocked', run: 'w-000001', at: NOW - 100, question: 'Tabs?' } as unknown as Task;
  const heard = { by: 'user 7, process 8 (node), over the door' };
  const said = (verb: string, more: Partial<World>, by: object = {}) =>
    look(
      verb,
      { message: 'Tabs.', continue: true },
      { hearsPersons: true, requests: [{ ...request(verb, { message: 'Tabs.', continue: true }), ...by }], ...more },
    );
  const answer = (plan: ReturnType<typeof look>) => plan.commit.answers?.[0];
  const kept = (plan: ReturnType<typeof look>) => plan.commit.history?.filter(({ event }) => event === SAID);

  it.each<[string, string, Partial<World>]>([
    ['resume of a task', 'resume', { tasks: [{ ...waiting, pausedAt: NOW - 100 }] }],
    ['the answer to a question', 'retry', { tasks: [asks] }],
    ['a held edit', 'accept-edit', {}],
    ['a conversation handed back', 'hand-back', { tasks: [{ ...waiting, pausedAt: NOW - 100 }] }],
  ])('%s counts where it was heard, and not where it lay in the database', (_what, verb, more) => {
    expect(answer(said(verb, more))).toMatchObject({ ok: false, message: expect.stringContaining('nobody was heard to say this') });
    expect(answer(said(verb, more, heard))).toMatchObject({ ok: true });
    // Where persons cannot be told from workers, a row is all there is.
    expect(answer(said(verb, { ...more, hearsPersons: false }))).toMatchObject({ ok: true });
  });

  it('resume of the fleet, too; what ends or holds something counts where it was noted while no daemon ran', () => {
    const fleet = (by: object) =>
      said('resume', { fleet: parked, requests: [{ ...request('resume'), task: null, ...by }] } as Partial<World>);
    expect([answer(fleet({}))?.ok, answer(fleet(heard))?.ok]).toEqual([false, true]);
    for (const verb of ['cancel', 'pause', 'retry']) expect(answer(said(verb, {})), verb).toMatchObject({ ok: true });
  });

  it('is kept with who, when and from where, also where it is refused', () => {
    const more = { tasks: [asks] };
    const words = 'retry (message "Tabs.", continue)';
    expect(kept(said('retry', more, heard))).toEqual([
      { at: NOW - 10, task: 'gh-7', run: null, event: SAID, detail: `${words}, by ${heard.by}` },
    ]);
    expect(kept(said('retry', more))?.[0]?.detail).toMatch(/by nobody that is known: it lay in the database; refused: /);
    const forged = said('cancel', { tasks: [waiting], requests: [unheard(request('cancel', { reason: 'No.' }))] });
    expect(kept(forged)?.[0]?.detail).toMatch(/^cancel \(reason "No\."\), by nobody .*refused: nobody was heard to say this/);
  });
});
