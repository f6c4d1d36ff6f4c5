import { describe, expect, test } from 'vitest';
import {
  active,
  alive,
  failed,
  issue,
  NOW,
  pending,
  policy,
  pull,
  running,
  seen,
  trigger,
  world,
} from '../../../test/support/world/world.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import { known, unknown } from '../model/seen.ts';
import { explain } from './explain.ts';

const MINUTE = 60_000;
const ready = { issues: known([issue(1)], NOW), triggers: new Map([[1, seen(trigger())]]) };
const shut = (more: Parameters<typeof world>[0], policyMore: Parameters<typeof policy>[0] = {}) => {
  const why = explain(world({ ...ready, ...more }), policy(policyMore), 'gh-1', NOW);
  return { ...why, shut: why.gates.filter((gate) => !gate.open) };
};

describe('a waiting task', () => {
  test('that waits for nothing says so', () => {
    expect(shut({ tasks: [pending('gh-1')] })).toMatchObject({ sentence: expect.stringContaining('the next tick starts it'), shut: [] });
  });

  test.each<[string, Parameters<typeof world>[0], object]>([
    [
      'not labelled by someone with write',
      { tasks: [pending('gh-1')], triggers: new Map([[1, seen(trigger(false))]]) },
      { text: 'labelled by eve, who may only read', since: NOW - MINUTE, change: expect.stringContaining('write access') },
    ],
    [
      'backing off',
      {
        tasks: [
          pending('gh-1', {
            attempts: 2,
            retryAt: NOW + 5 * MINUTE,
            last: { type: 'startup_error', message: 'x', at: NOW - MINUTE, hint: 'Look at y.' },
          }),
        ],
      },
      {
        text: 'backing off after startup_error (2/3): x — Look at y.',
        until: NOW + 5 * MINUTE,
        since: NOW - MINUTE,
        change: expect.stringContaining('tac8 retry gh-1'),
      },
    ],
    [
      'parked',
      {
        tasks: [pending('gh-1')],
        fleet: {
          ...NEW_FLEET,
          parked: { type: 'usage_limit', until: NOW + MINUTE, since: NOW - MINUTE, run: 'w-000001', message: 'resets at 15:00' },
        },
      },
      { text: 'parked: usage_limit: resets at 15:00', until: NOW + MINUTE, since: NOW - MINUTE },
    ],
    [
      'GitHub unreachable',
      { tasks: [pending('gh-1')], pulls: unknown('no answer', NOW - 4 * MINUTE) },
      { text: 'GitHub: open pulls are unknown: no answer', since: NOW - 4 * MINUTE },
    ],
    ['paused by you', { tasks: [pending('gh-1', { pausedAt: NOW - MINUTE })] }, { since: NOW - MINUTE, change: '`tac8 resume gh-1`' }],
    [
      'the fleet paused',
      { tasks: [pending('gh-1')], fleet: { ...NEW_FLEET, pausedAt: NOW - MINUTE } },
      { since: NOW - MINUTE, change: '`tac8 resume`' },
    ],
    [
      'a person’s pull',
      { tasks: [pending('gh-1')], pulls: known([pull(9, 'theirs', { closes: [1] })], NOW) },
      { text: "a person's open pull #9 by bob closes it", change: expect.stringContaining('pull #9') },
    ],
  ])('%s: evidence, age and what will change it', (_, more, gate) => {
    const why = shut(more);
    expect(why.shut).toEqual([expect.objectContaining(gate)]);
    expect(why).toMatchObject({ sentence: why.shut[0]?.text, next: why.shut[0]?.change });
  });

  test('waits for a slot behind those that have their turn before it', () => {
    const tasks = [
      active('gh-7', 'w-000007'),
      pending('gh-1'),
      pending('local-2', { priority: 0, armedBy: 'person' }),
      pending('local-3', { priority: 3 }),
    ];
    const why = shut({ tasks }, { slots: 1 });
    expect(why.sentence).toBe('waiting for a slot (1/1)');
    expect(why.shut.map(({ text }) => text)).toEqual(['waiting for a slot (1/1)', '1 task is before it: local-2']);
  });

  test('names every gate in the order in which they decide', () => {
    const tasks = [pending('gh-1', { pausedAt: NOW, retryAt: NOW + 1, last: null })];
    expect(shut({ tasks, fleet: { ...NEW_FLEET, pausedAt: NOW }, draining: true }).shut.map(({ name }) => name)).toEqual([
      'paused',
      'backoff',
      'leaving',
      'paused',
    ]);
  });
});

describe('a running task', () => {
  const tasks = [active('gh-1', 'w-000001')];

  test('shows its process, its last word and what would end it when', () => {
    const runs = [running('w-000001', 'gh-1')];
    const why = shut({ tasks, runs, processes: new Map([['w-000001', seen(alive)]]) });
    expect(why).toMatchObject({ sentence: 'run w-000001 works, attempt 1/3, by claude', since: NOW - MINUTE, shut: [] });
    expect(why.gates.map(({ text }) => text)).toEqual([
      'the agent lives: pid 4242, 1 process',
      expect.stringMatching(/^last heard: .* \(0 turns\)$/),
      'limits.run_time would end it',
      'limits.silence would end it',
    ]);
    expect(why.gates.find(({ text }) => text.startsWith('limits.run_time'))?.until).toBe(NOW - MINUTE + 120 * MINUTE);
  });

  test('whose process is not known is not called gone', () => {
    const runs = [running('w-000001', 'gh-1')];
    const why = shut({ tasks, runs, processes: new Map([['w-000001', unknown('/proc is silent', NOW - 5_000)]]) });
    expect(why.shut).toEqual([
      expect.objectContaining({ text: 'the state of its process is unknown: /proc is silent', since: NOW - 5_000 }),
    ]);
  });

  test('that is to be ended says who wanted it', () => {
    const wanted = { type: 'stopped', by: 'STOP file', reason: 'wrong way', at: NOW - 1_000 } as const;
    const why = shut({ tasks, runs: [running('w-000001', 'gh-1', { wanted })], processes: new Map([['w-000001', seen(alive)]]) });
    expect(why.shut).toEqual([expect.objectContaining({ text: 'to be ended by STOP file: wrong way', since: NOW - 1_000 })]);
  });
});

test('a failed, a blocked and a finished one say since when, and what a person can do', () => {
  expect(shut({ tasks: [failed('gh-1', { attempts: 3 })] })).toMatchObject({
    state: 'failed',
    sentence: 'crash: gone',
    since: NOW - MINUTE,
    gates: [{ text: 'its last run is w-000001; 3/3 attempts used' }],
  });
  const facts = { run: 'w-000001', at: NOW - MINUTE } as const;
  const blocked = { ...pending('gh-1'), state: 'blocked', question: 'Which?', ...facts } as const;
  expect(shut({ tasks: [blocked] })).toMatchObject({
    sentence: 'it asks: Which?',
    next: expect.stringContaining('tac8 retry gh-1 --continue'),
  });
  const completed = { ...pending('gh-1'), state: 'completed', commit: 'c'.repeat(40), ...facts } as const;
  expect(shut({ tasks: [completed] })).toMatchObject({ sentence: 'done: branch auto/gh-1', since: NOW - MINUTE });
});

test('an issue that is no task says why it is none', () => {
  expect(shut({ tasks: [], issues: known([], NOW) })).toMatchObject({
    state: 'unknown',
    next: expect.stringContaining('put the label on'),
  });
  expect(shut({ tasks: [], triggers: new Map([[1, seen(trigger(false))]]) })).toMatchObject({
    sentence: 'labelled by eve, who may only read',
    next: expect.stringContaining('write access'),
  });
  expect(shut({ tasks: [], issues: unknown('no answer', NOW - MINUTE) })).toMatchObject({ since: NOW - MINUTE });
});
