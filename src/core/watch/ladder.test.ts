import { describe, expect, it } from 'vitest';
import { running } from '../../../test/support/world/world.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import type { Rung, StopCause, StreamFacts } from '../model/run.ts';
import { type InHand, inHand, nextRung } from './ladder.ts';

const STOP = { tool: 60_000, interrupt: 5_000, terminate: 4_000, kill: 3_000 };
const T = 1_000_000;
const cause = (type: StopCause['type']): StopCause => ({ type, by: 'x', reason: 'x', at: T });
const tool: InHand = { kind: 'tool', result: null };
const reply: InHand = { kind: 'reply', result: null };
const next = (rung: Rung | null, hand: InHand, after: number, type: StopCause['type'] = 'stopped') =>
  nextRung({ cause: cause(type), rung, rungAt: rung === null ? null : T }, hand, STOP, T + after);

describe('the next rung', () => {
  it.each<[string, Rung | null, InHand, number, Rung | number]>([
    ['asked first', null, tool, 0, 'ask'],
    ['a tool in hand has stop.tool', 'ask', tool, 59_999, 60_000],
    ['then it is interrupted', 'ask', tool, 60_000, 'interrupt'],
    ['with no tool in hand it has a moment, for one may have begun that nobody was told of yet', 'ask', reply, 999, 1_000],
    ['then there is nothing to wait for', 'ask', reply, 1_000, 'interrupt'],
    ['a turn that is over is not interrupted; it has a moment to leave', 'ask', { kind: 'rest', result: T + 100 }, 1_000, 1_100],
    ['and is signalled when it does not', 'ask', { kind: 'rest', result: T + 100 }, 1_100, 'signal'],
    ['words of an agent that nobody can read: until its next line', 'ask', { kind: 'unknown', word: T - 1 }, 100, 60_000],
    ['which is a boundary', 'ask', { kind: 'unknown', word: T + 50 }, 100, 'signal'],
    ['or not at all', 'ask', { kind: 'unknown', word: null }, 60_000, 'signal'],
    ['an interrupt has stop.interrupt', 'interrupt', reply, 4_999, 5_000],
    ['then SIGINT', 'interrupt', reply, 5_000, 'signal'],
    ['an interrupt that was obeyed is not repeated', 'interrupt', { kind: 'rest', result: T + 100 }, 200, 1_100],
    ['unless another turn began of itself', 'interrupt', { kind: 'reply', result: T + 100 }, 200, 'signal'],
    ['SIGINT has stop.interrupt', 'signal', reply, 4_999, 5_000],
    ['then SIGTERM', 'signal', tool, 5_000, 'terminate'],
    ['SIGTERM has stop.terminate', 'terminate', tool, 3_999, 4_000],
    ['then SIGKILL', 'terminate', tool, 4_000, 'kill'],
    ['SIGKILL has stop.kill', 'kill', tool, 2_999, 3_000],
    ['and is repeated', 'kill', tool, 3_000, 'kill'],
  ])('%s', (_what, rung, hand, after, expected) => {
    expect(next(rung, hand, after)).toEqual(typeof expected === 'number' ? { wait: T + expected } : { take: expected });
  });

  it.each<[StopCause['type'], Rung]>([
    ['killed', 'kill'],
    ['cancelled', 'ask'],
    ['timeout', 'ask'],
    ['budget', 'ask'],
    ['interrupted', 'ask'],
    ['stalled', 'interrupt'],
    ['lingering', 'terminate'],
    ['output_limit', 'terminate'],
  ])('%s begins with %s', (type, rung) => {
    expect(next(null, reply, 0, type)).toEqual({ take: rung });
  });
});

describe('what it has in hand', () => {
  const result = {
    end: 'completed' as const,
    isError: false,
    subtype: 'success',
    terminalReason: 'completed',
    apiErrorStatus: null,
    text: '',
    at: T,
  };
  const of = (facts: Partial<StreamFacts>, can = CLAUDE) => {
    const run = running('w-000001', 'gh-1');
    return inHand({ kind: 'any', can, model: null }, { ...run.stream, ...facts });
  };
  it.each([
    ['a tool', of({ tools: ['t1'] }), { kind: 'tool', result: null }],
    ['its reply', of({ tools: [] }), { kind: 'reply', result: null }],
    ['nothing', of({ result }), { kind: 'rest', result: T }],
    ['nothing, by a store that knew no turns', of({ result, lastEventAt: T + 5 }), { kind: 'rest', result: T }],
    ['another turn', of({ result, inTurn: true, tools: ['t2'] }), { kind: 'tool', result: T }],
    ['who knows', of({ lastEventAt: T }, COMMAND), { kind: 'unknown', word: T }],
  ])('%s', (_what, hand, expected) => {
    expect(hand).toEqual(expected);
  });
});
