import { expect, test } from 'vitest';
import { active, alive, NOW, policy, runAfter, running, seen, world } from '../../../test/support/world/world.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import { EMPTY_STREAM, isOwn, type Run, type StreamFacts, WRAP_UP } from '../model/run.ts';
import { reconcile } from '../reconcile.ts';
import { DEFAULT_POLICY, type Policy } from '../tick/policy.ts';
import { wrapUp } from './wrap-up.ts';

const rules = policy({ limits: { ...DEFAULT_POLICY.limits, wrapUp: true, turns: 10, runTime: 100_000, usdPerTask: 10, tokens: 1000 } });
const works: StreamFacts = {
  ...EMPTY_STREAM,
  offset: 10,
  firstEventAt: NOW - 9_000,
  lastEventAt: NOW,
  session: 's',
  inTurn: true,
  turns: 1,
};
const run = running('w-0000ab', 'local-1', { startedAt: NOW - 10_000 });

function told(facts: Partial<StreamFacts>, after = 0, more: Partial<Run> = {}, by: Policy = rules): readonly string[] {
  const one = { ...run, ...more } as Run;
  const scene = world({
    tasks: [active('local-1', 'w-0000ab')],
    runs: [one],
    processes: new Map([['w-0000ab', seen(alive)]]),
    streams: new Map([['w-0000ab', { ...works, ...facts }]]),
  });
  const then = runAfter(reconcile(scene, by, NOW + after), 'w-0000ab') ?? one;
  return (then.tells ?? []).filter(({ id }) => id === WRAP_UP).map(({ text }) => text.replace(/.*\((.*)\); at.*/, '$1'));
}
const spend = (more: object) => ({ spend: { ...EMPTY_STREAM.spend, ...more } });

test.each<[string, readonly string[], Partial<StreamFacts>, number, Partial<Run>]>([
  ['far from every limit: nothing', [], {}, 0, {}],
  ['by turns', ['limits.turns: 8 of 10 turns'], { turns: 8 }, 0, {}],
  ['by time', ['limits.run_time: runs for 80s of 100s'], {}, 70_000, {}],
  ['by dollars', ['limits.usd_per_task: $8.00 of $10.00'], spend({ usd: 8 }), 0, {}],
  ['by tokens', ['limits.tokens: 900 of 1000 tokens'], spend({ inputTokens: 900 }), 0, {}],
  ['not by the log, which says nothing of its work', [], { offset: 0.9 * DEFAULT_POLICY.limits.logBytes }, 0, {}],
  ['one that cannot be told', [], { turns: 8 }, 0, { agent: { kind: 'command', can: COMMAND, model: null } }],
  ['one whose input has ended', [], { turns: 8 }, 0, { inputEnded: true }],
])('an agent is told to wrap up: %s', (_, expected, facts, after, more) => expect(told(facts, after, more)).toEqual(expected));

test('once in a run, whatever else comes near', () => {
  const letter = wrapUp(run, works, [{ by: 'limits.turns', text: '8 of 10 turns', at: NOW }], NOW);
  if (letter === null) throw new Error('not told');
  const tells = [{ ...letter, via: 'input', saidAt: NOW }] as const;
  expect(told({ turns: 9, ...spend({ usd: 9 }) }, 0, { tells })).toHaveLength(1);
  expect(isOwn(letter)).toBe(true);
});

test('not where the settings say so', () => {
  expect(told({ turns: 8 }, 0, {}, policy({ limits: { ...rules.limits, wrapUp: false } }))).toEqual([]);
});
