import { describe, expect, it } from 'vitest';
import { active, alive, NOW, policy, runAfter, running, seen, world } from '../../../test/support/world/world.ts';
import { EMPTY_STREAM, type Run, type StreamFacts, type TurnResult } from '../model/run.ts';
import { reconcile } from '../reconcile.ts';
import { DEFAULT_POLICY } from '../tick/policy.ts';
import { lastCall } from './background.ts';

const MINUTE = 60_000;
const rules = policy({ limits: { ...DEFAULT_POLICY.limits, background: 5 * MINUTE, silence: 2 * MINUTE } });
const result: TurnResult = {
  end: 'completed',
  isError: false,
  subtype: 'success',
  terminalReason: 'completed',
  apiErrorStatus: null,
  text: 'I wait.',
  at: NOW,
};
const rests: StreamFacts = {
  ...EMPTY_STREAM,
  offset: 10,
  firstEventAt: NOW - 9_000,
  lastEventAt: NOW,
  session: 's',
  result,
  inTurn: false,
  background: ['tests'],
};
const run = running('w-0000ab', 'local-1', { startedAt: NOW - 10_000 });
const called = { ...lastCall(run, ['tests'], 5 * MINUTE, NOW + 5 * MINUTE), via: 'input', saidAt: NOW + 5 * MINUTE } as const;

const look = (facts: Partial<StreamFacts>, after: number, more: Partial<Run> = {}) => {
  const one = { ...run, ...more } as Run;
  const scene = world({
    tasks: [active('local-1', 'w-0000ab')],
    runs: [one],
    processes: new Map([['w-0000ab', seen(alive)]]),
    streams: new Map([['w-0000ab', { ...rests, ...facts }]]),
  });
  const made = reconcile(scene, rules, NOW + after);
  const then = runAfter(made, 'w-0000ab') ?? one;
  const did = made.actions.map(({ kind }) => kind);
  return then.state === 'stopping' ? `cut off by ${then.cause.by}` : did.join() || 'waits';
};

describe('work in the background after the turn is part of the run', () => {
  it.each<[string, string, Partial<StreamFacts>, number, Partial<Run>]>([
    ['it is waited for, longer than a result alone is', 'waits', {}, 90_000, {}],
    ['and longer than silence', 'waits', {}, 3 * MINUTE, {}],
    ['past limits.background the agent is told', 'tell', {}, 5 * MINUTE, {}],
    ['it is told once', 'waits', {}, 5 * MINUTE + 2_000, { tells: [called] }],
    ['and leaves when it has nothing to say to that', 'end-input', {}, 5 * MINUTE + 11_000, { tells: [called] }],
    ['its last turn is under way', 'waits', { inTurn: true, lastEventAt: NOW + 5 * MINUTE + 1 }, 6 * MINUTE + 30_000, { tells: [called] }],
    ['what it leaves after that is cut off', 'cut off by limits.background', {}, 6 * MINUTE, { tells: [called], inputEnded: true }],
    ['an agent that cannot be told is cut off at the limit', 'cut off by limits.background', {}, 5 * MINUTE, { inputEnded: true }],
    ['and not before', 'waits', {}, 5 * MINUTE - 1, { inputEnded: true }],
    ['with nothing behind it, its input ends at once', 'end-input', { background: [] }, 0, {}],
    ['and it is cut off as ever when it lingers', 'cut off by its result', { background: [] }, 61_000, { inputEnded: true }],
  ])('%s', (_what, expected, facts, after, more) => {
    expect(look(facts, after, more)).toBe(expected);
  });

  it('what was cut off stands in the cause', () => {
    const scene = { tells: [called], inputEnded: true };
    const made = reconcile(
      world({
        tasks: [active('local-1', 'w-0000ab')],
        runs: [{ ...run, ...scene } as Run],
        processes: new Map([['w-0000ab', seen(alive)]]),
        streams: new Map([['w-0000ab', rests]]),
      }),
      rules,
      NOW + 7 * MINUTE,
    );
    expect(runAfter(made, 'w-0000ab')).toMatchObject({ cause: { type: 'lingering', unfinished: ['tests'] } });
  });
});
