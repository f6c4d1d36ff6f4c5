import { describe, expect, it } from 'vitest';
import {
  active,
  issue,
  NOW,
  pending,
  policy,
  runAfter,
  running,
  seen,
  taskAfter,
  trigger,
  world,
} from '../../../test/support/world/world.ts';
import { explain } from '../explain/explain.ts';
import type { ClaimSight, Claims } from '../model/forge.ts';
import { unknown } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import { claimedWords, claimText, isLeft, readClaim } from './issue-claim.ts';

const waiting: readonly TaskId[] = ['gh-1', 'gh-2', 'gh-3'];
const theirs = (over: number | null = null): ClaimSight => ({
  kind: 'theirs',
  claim: { owner: 'o', machine: 'box-2', since: NOW - 5, label: 5, over },
  words: 'claimed by box-2 since noon',
});
const scene = (of: ReadonlyMap<TaskId, ReturnType<typeof seen<ClaimSight>> | ReturnType<typeof unknown>>, claims: boolean = true) =>
  world({
    tasks: waiting.map((id) => pending(id)),
    issues: seen([1, 2, 3].map((number) => issue(number))),
    triggers: new Map([1, 2, 3].map((number) => [number, seen(trigger())])),
    claims: claims ? ({ of, asks: true } as Claims) : null,
  });
const rules = policy({ slots: 2 });
const started = (at: ReturnType<typeof scene>): readonly TaskId[] => {
  const plan = reconcile(at, rules, NOW);
  return waiting.filter((id) => taskAfter(plan, id)?.state === 'active');
};
const asked = (at: ReturnType<typeof scene>): readonly TaskId[] => reconcile(at, rules, NOW).claims.map(({ task }) => task);

describe('a task starts', () => {
  it('where nobody claims', () => expect(started(scene(new Map(), false))).toEqual(['gh-1', 'gh-2']));

  it('once its issue is claimed, and no more are claimed than may start', () => {
    expect(started(scene(new Map()))).toEqual([]);
    expect(asked(scene(new Map()))).toEqual(['gh-1', 'gh-2']);
    expect(started(scene(new Map([['gh-2', seen<ClaimSight>({ kind: 'ours' })]])))).toEqual(['gh-2']);
  });

  it('in place of one that another works on, which is asked about all the same', () => {
    const at = scene(new Map([['gh-1', seen(theirs())]]));
    expect(asked(at)).toEqual(['gh-1', 'gh-2', 'gh-3']);
    expect(explain(at, rules, 'gh-1', NOW).sentence).toBe('claimed by box-2 since noon');
    expect(reconcile(at, rules, NOW).notes).toContainEqual(expect.objectContaining({ task: 'gh-1', gate: 'claimed' }));
  });

  it('not while nobody can tell', () => {
    const at = scene(new Map(waiting.map((id) => [id, unknown('the remote is down', NOW - 9)] as const)));
    expect(started(at)).toEqual([]);
    expect(explain(at, rules, 'gh-1', NOW)).toMatchObject({
      sentence: 'tac8 cannot claim its issue at the remote: the remote is down',
      since: NOW - 9,
    });
  });
});

it('a run whose issue another took over is ended, and one whose work was over there is not', () => {
  const lost = (sight: ClaimSight) => {
    const task = active('gh-1', 'w-000001');
    const issues = seen([issue(1)]);
    const plan = reconcile(
      world({ tasks: [task], runs: [running('w-000001', 'gh-1')], issues, claims: { of: new Map([['gh-1', seen(sight)]]), asks: true } }),
      rules,
      NOW,
    );
    return runAfter(plan, 'w-000001');
  };
  expect(lost(theirs())).toMatchObject({ state: 'stopping', cause: { type: 'cancelled', reason: expect.stringContaining('box-2') } });
  expect(lost({ kind: 'ours' })?.state).not.toBe('stopping');
});

describe('what a claim says', () => {
  const claims = new Map([['gh-7' as const, { since: 1, label: 2, over: null }]]);

  it('is read as it was written', () => {
    expect(readClaim(claimText('me', 'box', 9, claims), 'gh-7')).toEqual({ owner: 'me', machine: 'box', since: 1, label: 2, over: null });
    expect(readClaim(claimText('me', 'box', 9, claims), 'gh-8')).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{x'],
    ['a list', '["gh-7"]'],
    ['no owner', '{"machine":"m","issues":{"gh-7":[1,2,null]}}'],
    ['a time that is none', '{"owner":"o","machine":"m","issues":{"gh-7":[1e99,2,null]}}'],
    ['an inherited name', '{"owner":"o","machine":"m","issues":{}}'],
  ])('is none where it is %s', (_, text) => expect(readClaim(text, 'gh-7')).toBeNull());

  it('shows nothing that a terminal acts on', () => {
    const text = JSON.stringify({ owner: 'o', machine: '\u001b[2Jbox\n', issues: { 'gh-7': [1, null, null] } });
    expect(readClaim(text, 'gh-7')?.machine).not.toMatch(/[\u001b\n]/);
  });

  it('reads as who has it since when, and whether that is over', () => {
    const claim = { owner: 'o', machine: 'box', since: 1, label: 5, over: null };
    expect(claimedWords(claim, (at) => `at ${at}`)).toBe('claimed by box since at 1');
    expect(claimedWords({ ...claim, over: 9 }, (at) => `at ${at}`)).toBe('claimed by box since at 1, where its work ended at 9');
  });

  it('leaves the issue to a newer label, or to a person, once its work is over', () => {
    const over = { owner: 'o', machine: 'm', since: 1, label: 5, over: 9 };
    expect([isLeft(over, 5), isLeft(over, 6), isLeft(over, null), isLeft({ ...over, over: null }, 6)]).toEqual([false, true, true, false]);
  });
});
