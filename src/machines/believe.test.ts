import { describe, expect, test } from 'vitest';
import { ended, IDENTITY, NOW, running } from '../../test/support/world/world.ts';
import { EMPTY_STREAM, type Run } from '../core/model/run.ts';
import { believeResult, believeSight } from './believe.ts';

const live = running('w-000001', 'gh-1');
const starting: Run = { ...live, state: 'starting', baseCommit: 'a'.repeat(40), since: NOW } as Run;
const over = ended('w-000001', 'gh-1');
const one = (event: object): object => ({ events: [{ event, why: 'so it is' }] });

describe('an answer to an action', () => {
  test.each<[string, Parameters<typeof believeResult>[1], Run, object, object]>([
    ['nothing', 'tell', live, { events: [] }, { events: [] }],
    [
      'a launch, counted here',
      'launch',
      starting,
      { ...one({ kind: 'launched', process: IDENTITY, at: NOW }), counters: { prs_created: 900 } },
      { counters: { workers_launched: 1 } },
    ],
    ['a step', 'save', over, one({ kind: 'step', done: { saved: { ref: null, commit: null } } }), { events: [{ why: 'so it is' }] }],
  ])('%s', (_, kind, run, answer, expected) => {
    expect(believeResult('m1', kind, run, answer)).toMatchObject(expected);
  });

  test.each<[string, Parameters<typeof believeResult>[1], Run, unknown]>([
    ['nothing at all', 'save', over, null],
    ['no list', 'save', over, { events: 'many' }],
    ['an event without a kind', 'save', over, one({})],
    ['an event that is none', 'sweep', live, one({ kind: 'toString' })],
    ['the work of another step', 'save', over, one({ kind: 'step', done: { pushed: { commit: 'a', remote: 'origin' } } })],
    ['a judgement that is made here', 'inspect', over, one({ kind: 'step', done: { outcome: { kind: 'done' } } })],
    ['an approval', 'log-end', over, one({ kind: 'approved' })],
    ['a step of the wrong shape', 'save', over, one({ kind: 'step', done: { saved: 7 } })],
    ['an end without a time', 'launch', starting, one({ kind: 'ended', exit: null, failedStart: null })],
    ['a process that is none', 'launch', starting, one({ kind: 'launched', process: { pid: 'all' }, at: NOW })],
    ['a count that is none', 'sweep', live, one({ kind: 'swept', members: 'all' })],
  ])('is refused: %s', (_, kind, run, answer) => {
    expect(() => believeResult('m1', kind, run, answer)).toThrow(/the machine m1 gave a wrong answer to/);
  });
});

describe('an answer to a look', () => {
  const nobody = { known: false, because: 'not looked at', since: 0 };
  const good = { processes: [], streams: [], unread: [], signs: [], machine: nobody, pieces: {} };
  const alive = { known: true, at: NOW, value: { kind: 'alive', identity: IDENTITY, members: 2 } };

  const ownEnd = { type: 'timeout', by: 'limits.run_time', reason: 'ran for 2h', at: NOW };
  test('what the machine ended by itself counts for its limits and its STOP file, and for no person', () => {
    expect(believeSight('m1', [live], { ...good, endedThere: [[live.id, ownEnd]] }).endedThere?.get(live.id)).toEqual(ownEnd);
    expect(believeSight('m1', [live], good).endedThere?.size).toBe(0);
    for (const odd of [{ type: 'cancelled' }, { by: 'tac8 stop' }, { by: 'GitHub' }, { at: 'now' }])
      expect(() => believeSight('m1', [live], { ...good, endedThere: [[live.id, { ...ownEnd, ...odd }]] })).toThrow(/endedThere/);
  });

  test('of these runs, and of no other', () => {
    const told = {
      ...good,
      processes: [
        [live.id, alive],
        ['w-00000f', alive],
      ],
      streams: [[live.id, EMPTY_STREAM]],
      signs: [['gh-9', nobody]],
    };
    const { processes, streams, signs } = believeSight('m1', [live], told);
    expect([[...processes.keys()], [...streams.keys()], [...signs.keys()]]).toEqual([[live.id], [live.id], []]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a map', { ...good, processes: {} }],
    ['half a pair', { ...good, processes: [[live.id]] }],
    ['a process of no kind', { ...good, processes: [[live.id, { known: true, at: 1, value: { kind: 'asleep' } }]] }],
    ['a stream without its counts', { ...good, streams: [[live.id, { offset: 3 }]] }],
    ['a sign that is a number', { ...good, signs: [['gh-1', { known: true, at: 1, value: { stop: 5, blocked: null } }]] }],
    ['a log before its beginning', { ...good, pieces: { [live.id]: { from: -1, bytes: '', isAll: true } } }],
    ['more of a log than was asked for', { ...good, pieces: { [live.id]: { from: 0, bytes: 'A'.repeat(2_000_000), isAll: true } } }],
  ])('is refused: %s', (_, answer) => {
    expect(() => believeSight('m1', [live], answer)).toThrow(/the machine m1 gave a wrong answer to a look/);
  });
});
