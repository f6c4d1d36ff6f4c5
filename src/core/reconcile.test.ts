import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  failed,
  gone,
  issue,
  NOW,
  pending,
  policy,
  preparing,
  pull,
  runAfter,
  running,
  seen,
  starting,
  taskAfter,
  trigger,
  world,
} from '../../test/support/world/world.ts';
import { unknown } from './model/seen.ts';
import { reconcile } from './reconcile.ts';

const plan = (more: Parameters<typeof world>[0], rules = policy(), now = NOW) => reconcile(world(more), rules, now);
const texts = (made: ReturnType<typeof plan>) => made.notes.map((note) => note.text).join(' | ');

describe('labels in, tasks out', () => {
  it('asks who put the label on before it queues', () => {
    const made = plan({ issues: seen([issue(7)]) });
    expect(made.wanted.triggers).toEqual([7]);
    expect(made.commit.tasks).toEqual([]);
  });

  it('queues and starts in one tick once the label is known to be from someone with write access', () => {
    const made = plan({ issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]) });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'active', run: 'w-aaaaa1', branch: 'auto/gh-7', runs: 1 });
    expect(runAfter(made, 'w-aaaaa1')).toMatchObject({ state: 'preparing', task: 'gh-7', attempt: 1 });
    expect(made.actions).toEqual([{ kind: 'prepare', run: 'w-aaaaa1', task: 'gh-7' }]);
  });

  it.each([
    ['someone without write access', seen(trigger(false)), /may only read/],
    ['a failed look-up', unknown('GitHub answered 502', NOW), /502/],
  ])('starts nothing for %s, and says so', (_name, answer, words) => {
    const made = plan({ issues: seen([issue(7)]), triggers: new Map([[7, answer]]) });
    expect(made.commit.tasks).toEqual([]);
    expect(made.actions).toEqual([]);
    expect(texts(made)).toMatch(words);
  });

  it('is not held by a fork’s pull whose branch bears the name of its own, unless that closes the issue', () => {
    const head = { branch: 'auto/gh-7', owner: 'eve', commit: 'c'.repeat(40), elsewhere: true as const };
    const after = (closes: readonly number[]) => {
      const pulls = seen([pull(3, 'auto/gh-7', { head, closes })]);
      return taskAfter(plan({ issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]), pulls }), 'gh-7')?.state;
    };
    expect([after([]), after([7])]).toEqual(['active', 'pending']);
  });

  it('waits while a person has an open pull that closes the issue', () => {
    const theirs = pull(3, 'fix-it', { closes: [7] });
    const made = plan({ issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]), pulls: seen([theirs]) });
    expect(taskAfter(made, 'gh-7')?.state).toBe('pending');
    expect(made.actions).toEqual([]);
  });

  it('does not take #70 for #7', () => {
    const other = pull(3, 'fix-it', { closes: [70] });
    const made = plan({ issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]), pulls: seen([other]) });
    expect(taskAfter(made, 'gh-7')?.state).toBe('active');
  });

  const missing = {
    tasks: [active('gh-7', 'w-000001'), pending('gh-8')],
    runs: [running('w-000001', 'gh-7')],
    processes: new Map([['w-000001', seen(alive)] as const]),
    triggers: new Map([[8, seen(trigger())]]),
  };

  it.each([
    ['label removed (rpi-auto)', (number: number) => issue(number, { labels: ['bug'] })],
    ['issue closed', (number: number) => issue(number, { state: 'closed' })],
    ['label removed by wil (rpi-auto)', (number: number) => issue(number, { labels: [], endedBy: 'wil' })],
    ['issue closed by wil', (number: number) => issue(number, { state: 'closed', endedBy: 'wil' })],
    ['issue gone', () => null],
  ])('stops a task that the list lacks once the issue itself says so: %s', (reason, own) => {
    const made = plan({ ...missing, singles: new Map([7, 8].map((number) => [number, seen(own(number))])) });
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'cancelled', by: 'GitHub', reason } });
    expect(taskAfter(made, 'gh-8')).toMatchObject({ state: 'failed', failure: { type: 'cancelled', message: reason } });
  });

  it.each([
    ['nobody has asked for them', () => null, /tac8 asks for it by itself/, 'pending'],
    ['the answer is not known', () => unknown('GitHub answered 502', NOW), /does not know whether .*: GitHub answered 502/, 'pending'],
    [
      'the issues are open and labelled',
      (number: number) => seen(issue(number, { labels: ['RPI-auto'] })),
      /kept: .* bears the label/,
      'active',
    ],
  ] as const)('cancels nothing that a list lacks while %s', (_name, own, words, second) => {
    const singles = new Map([7, 8].flatMap((number) => (own(number) === null ? [] : [[number, own(number) ?? unknown('', 0)] as const])));
    const made = plan({ ...missing, singles });
    expect(made.commit.runs?.filter(({ next }) => next.id === 'w-000001')).toEqual([]);
    expect(taskAfter(made, 'gh-8')?.state ?? 'pending').toBe(second);
    expect(made.wanted.issues).toEqual([7, 8]);
    expect(texts(made)).toMatch(words);
  });

  it('does not take an answer from before the start for one about this run', () => {
    const old = seen(issue(7, { labels: [] }), NOW - 70_000);
    const made = plan({ ...missing, singles: new Map([[7, old]]) });
    expect(runAfter(made, 'w-000001')).toBeUndefined();
  });

  it('stops nothing when the list is unknown', () => {
    const made = plan({
      tasks: [active('gh-7', 'w-000001'), pending('gh-8', { retryAt: NOW + 9_999 })],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001', seen(alive)]]),
      issues: unknown('timed out', NOW - 5_000),
    });
    expect(made.commit.tasks).toEqual([]);
    expect(made.commit.runs).toEqual([]);
  });

  it('arms a cancelled task again when the label is put on later, not before', () => {
    const cancelled = failed('gh-7', { failure: { type: 'cancelled', message: 'label removed', at: NOW - 30_000 } });
    const early = plan({ tasks: [cancelled], issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger(true, NOW - 60_000))]]) });
    expect(taskAfter(early, 'gh-7')?.state).toBe('failed');
    const late = plan({ tasks: [cancelled], issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger(true, NOW - 10_000))]]) });
    expect(taskAfter(late, 'gh-7')).toMatchObject({ state: 'active' });
  });
});

describe('slots', () => {
  const three = {
    tasks: [pending('gh-1'), pending('gh-2', { priority: 0 }), pending('gh-3', { order: 0 })],
    issues: seen([1, 2, 3].map((n) => issue(n))),
    triggers: new Map([1, 2, 3].map((n) => [n, seen(trigger())])),
  };

  it('gives them by priority, then by a person’s order, then to the oldest', () => {
    const made = plan(three, policy({ slots: 2 }));
    expect(made.actions.map(({ task }) => task)).toEqual(['gh-2', 'gh-3']);
    expect(texts(made)).toContain('waiting for a slot (2/2)');
  });

  it.each([
    ['draining', { draining: true }],
    ['paused', { fleet: { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 1 } }],
    [
      'parked',
      {
        fleet: {
          pausedAt: null,
          parked: { type: 'auth_error' as const, until: null, since: NOW, run: 'w-000009' as const, message: '401' },
          providerErrors: 0,
          nextLocal: 1,
        },
      },
    ],
    ['short of memory', { machine: seen({ freeMemoryBytes: 1, freeDiskBytes: 1e12, loadPerCore: 1 }) }],
  ])('starts nothing while %s', (_name, state) => {
    expect(plan({ ...three, ...state }).actions).toEqual([]);
  });
});

describe('a run', () => {
  const task = active('local-1', 'w-000001', { armedBy: 'person' });
  const of = (run: Parameters<typeof world>[0], rules = policy(), now = NOW) => plan({ forge: 'none', tasks: [task], ...run }, rules, now);

  it('whose worktree was being made goes on with that', () => {
    expect(of({ runs: [preparing('w-000001', 'local-1')] }).actions).toEqual([{ kind: 'prepare', run: 'w-000001', task: 'local-1' }]);
  });

  it.each([
    ['launched when it never was', { kind: 'never' } as const, 'launch', 'starting'],
    ['adopted when it lives already', alive, undefined, 'running'],
    ['taken as ended when it ended meanwhile', gone(), 'save', 'ended'],
  ])('that was being started is %s', (_name, process, action, state) => {
    const made = of({ runs: [starting('w-000001', 'local-1')], processes: new Map([['w-000001', seen(process)]]) });
    expect(made.actions[0]?.kind).toBe(action);
    expect(runAfter(made, 'w-000001')?.state ?? 'starting').toBe(state);
  });

  it('is left alone while nobody knows whether it lives', () => {
    const made = of(
      { runs: [running('w-000001', 'local-1')], processes: new Map([['w-000001', unknown('EIO', NOW)]]) },
      policy(),
      NOW + 10 ** 9,
    );
    expect(made.actions).toEqual([]);
    expect(made.commit.runs).toEqual([]);
  });

  it('that is gone without an exit record is believed gone only after a while', () => {
    const look = (since: number) =>
      of({
        runs: [running('w-000001', 'local-1')],
        processes: new Map([['w-000001', seen(gone(null))]]),
        goneSince: new Map([['w-000001', since]]),
      });
    expect(runAfter(look(NOW), 'w-000001')).toBeUndefined();
    expect(runAfter(look(NOW - 3_000), 'w-000001')).toMatchObject({ state: 'ended', exit: null });
  });

  it('has what outlived its agent swept, before it counts as ended', () => {
    const made = of({
      runs: [running('w-000001', 'local-1')],
      processes: new Map([['w-000001', seen({ kind: 'remains' as const, exit: { code: 0, at: NOW }, members: 2 })]]),
    });
    expect(made.actions).toEqual([{ kind: 'sweep', run: 'w-000001', task: 'local-1' }]);
    expect(runAfter(made, 'w-000001')).toBeUndefined();
  });

  it.each([
    ['limits.run_time', NOW + 2 * 3_600_000, {}, 'timeout'],
    ['limits.silence', NOW + 20 * 60_000, {}, 'stalled'],
    ['limits.turns', NOW, { turns: 201 }, 'budget'],
    [
      'limits.usd_per_task',
      NOW,
      { spend: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 11 } },
      'budget',
    ],
    ['limits.log', NOW, { offset: 3 * 1024 ** 3 }, 'output_limit'],
  ])('that reaches %s is stopped with a named cause', (by, now, stream, type) => {
    const run = running('w-000001', 'local-1');
    const made = of(
      { runs: [run], processes: new Map([['w-000001', seen(alive)]]), streams: new Map([['w-000001', { ...run.stream, ...stream }]]) },
      policy(),
      now,
    );
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type, by } });
  });

  it('climbs the ladder, one rung after the other, each written before it is taken', () => {
    const cause = { type: 'stopped', by: 'tac8 stop', reason: 'x', at: NOW } as const;
    const rungs: string[] = [];
    let run = { ...running('w-000001', 'local-1'), state: 'stopping' as const, cause, rung: null, rungAt: null } as ReturnType<
      typeof running
    >;
    for (let now = NOW; now < NOW + 25_000; now += 1_000) {
      const made = of({ runs: [run], processes: new Map([['w-000001', seen(alive)]]) }, policy(), now);
      const action = made.actions[0];
      if (action?.kind === 'rung') rungs.push(action.rung);
      run = runAfter(made, 'w-000001') ?? run;
    }
    expect(rungs).toEqual(['ask', 'interrupt', 'signal', 'terminate', 'kill', 'kill']);
  });

  it('stops for a STOP file with its text as the reason', () => {
    const made = of({
      runs: [running('w-000001', 'local-1')],
      processes: new Map([['w-000001', seen(alive)]]),
      signs: new Map([['local-1', seen({ stop: 'wrong way\n', blocked: null })]]),
    });
    expect(runAfter(made, 'w-000001')).toMatchObject({ cause: { type: 'stopped', by: 'STOP file', reason: 'wrong way' } });
  });

  it('three workers that vanish at once are looked at again before that is believed', () => {
    const ids = ['w-000001', 'w-000002', 'w-000003'] as const;
    const tasks = ids.map((id, n) => active(`local-${n + 1}`, id, { armedBy: 'person' }));
    const runs = ids.map((id, n) => running(id, `local-${n + 1}`));
    const made = (since: number) =>
      plan({
        forge: 'none',
        tasks,
        runs,
        processes: new Map(ids.map((id) => [id, seen(gone(null))])),
        goneSince: new Map(ids.map((id) => [id, since])),
      });
    expect(made(NOW - 3_000).commit.runs).toEqual([]);
    expect(made(NOW - 60_000).commit.runs).toHaveLength(3);
  });
});
