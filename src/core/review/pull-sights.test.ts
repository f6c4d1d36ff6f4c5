import { describe, expect, it } from 'vitest';
import { NOW, pending } from '../../../test/support/world/world.ts';
import type { Pull } from '../model/forge.ts';
import { known, unknown } from '../model/seen.ts';
import type { Task } from '../model/task.ts';
import type { CommitChecks } from './checks.ts';
import {
  CHECKED,
  checksDue,
  type PullSights,
  pullsToAsk,
  takeAdvance,
  takeChecks,
  takeOpenPulls,
  takePull,
  takeUnmerged,
  taskOfBranch,
} from './pull-sights.ts';

const POLL = 30_000;
const MINUTE = 60_000;

const pull = (number: number, more: Partial<Pull> & { readonly commit?: string; readonly branch?: string } = {}): Pull => {
  const { commit = 'c1', branch = `auto/gh-${number}`, ...rest } = more;
  const head = { branch, owner: 'acme', commit };
  return { number, url: `https://x/${number}`, title: '', body: '', closes: [], author: null, state: 'open', draft: true, head, ...rest };
};
const owner = (number: number): Task => ({ ...pending(`gh-${number}`), pull: { number, url: `https://x/${number}` } });
const green: CommitChecks = { checks: [{ kind: 'status', name: 'ci', state: 'success' }], withheld: [] };
const running: CommitChecks = { checks: [{ kind: 'status', name: 'ci', state: 'pending' }], withheld: [] };
const NONE: PullSights = new Map();
const open = (...numbers: number[]): PullSights =>
  takeOpenPulls(
    NONE,
    numbers.map((n) => pull(n)),
    numbers.map(owner),
    NOW,
  );
const due = (sights: PullSights, now: number): readonly number[] => checksDue(sights, POLL, now).map(({ number }) => number);

describe('whose branch it is', () => {
  it.each([
    ['auto/gh-7', 'gh-7'],
    ['gh-7', 'gh-7'],
    ['a/b/local-12', 'local-12'],
    ['auto/xgh-7', null],
    ['auto/gh-07', null],
    ['gh-7/more', null],
    ['main', null],
  ])('%s: %s', (branch, id) => expect(taskOfBranch(branch)).toBe(id));
});

describe('the list of open pulls', () => {
  it('tells state, draft and head of our own, and of nobody else’s', () => {
    const theirs = pull(9, { branch: 'auto/gh-7' });
    const sights = takeOpenPulls(NONE, [pull(7, { draft: false }), theirs, pull(8, { branch: 'fix' })], [owner(7), owner(8)], NOW);
    expect([...sights.values()]).toEqual([{ task: 'gh-7', number: 7, state: 'open', draft: false, commit: 'c1', at: NOW, checks: null }]);
  });

  it('remembers that it was ready, or closed, before: a person made a draft of it, or opened it, again', () => {
    const of = (before: PullSights, more: Parameters<typeof pull>[1]): PullSights => takePull(before, pull(7, more), 'gh-7', NOW);
    const first = of(NONE, {});
    expect(of(first, {}).get(7)).not.toHaveProperty('redrafted');
    const again = of(of(first, { draft: false }), {});
    expect(of(again, { commit: 'c2' }).get(7)).toMatchObject({ redrafted: true });
    expect(of(again, { draft: false }).get(7)).not.toHaveProperty('redrafted');
    const closed = of(first, { state: 'closed' });
    expect(closed.get(7)).not.toHaveProperty('reopened');
    const back = of(closed, {});
    expect(of(back, {}).get(7)).toMatchObject({ state: 'open', reopened: true });
    expect(of(back, { state: 'merged' }).get(7)).not.toHaveProperty('reopened');
  });

  it('tells why a green one is not merged at its head alone', () => {
    const unmerged = { commit: 'c1', why: 'nobody has approved it', since: NOW };
    const stuck = takeUnmerged(open(7), 7, unmerged);
    expect(takePull(stuck, pull(7), 'gh-7', NOW + 1).get(7)).toMatchObject({ unmerged });
    expect(takeUnmerged(stuck, 7, { ...unmerged, since: NOW + 9 })).toBe(stuck);
    for (const over of [
      takePull(stuck, pull(7, { commit: 'c2' }), 'gh-7', NOW),
      takePull(stuck, pull(7, { state: 'closed' }), 'gh-7', NOW),
      takeAdvance(stuck, 7, { step: 'merge', commit: 'c1' }),
      takeUnmerged(stuck, 7, null),
    ])
      expect(over.get(7)).not.toHaveProperty('unmerged');
  });

  it('tells what its reviews come to, and no longer once they come to nothing', () => {
    const reviewed = takeOpenPulls(NONE, [pull(7, { review: 'approved' })], [owner(7)], NOW);
    expect(reviewed.get(7)?.review).toBe('approved');
    expect(takeOpenPulls(reviewed, [pull(7)], [owner(7)], NOW).get(7)?.review).toBeUndefined();
  });

  it('keeps what was said of the same head, and nothing of another one', () => {
    const before = takeChecks(open(7), 7, 'c1', known(green, NOW), NOW);
    expect(takeOpenPulls(before, [pull(7)], [owner(7)], NOW + 1).get(7)).toMatchObject({ at: NOW + 1, checks: { summary: { passed: 1 } } });
    expect(takeOpenPulls(before, [pull(7, { commit: 'c2' })], [owner(7)], NOW + 1).get(7)).toMatchObject({ commit: 'c2', checks: null });
  });

  it('says nothing of what it lacks: that is asked for', () => {
    const before = open(7);
    const after = takeOpenPulls(before, [], [], NOW + 1);
    expect(after.get(7)).toEqual(before.get(7));
    expect(pullsToAsk(after, [], [owner(7), pending('gh-1')]).map(({ id }) => id)).toEqual(['gh-7']);
    const merged = takePull(after, pull(7, { state: 'merged' }), 'gh-7', NOW + 2);
    expect(merged.get(7)).toMatchObject({ state: 'merged', at: NOW + 2 });
    expect(pullsToAsk(merged, [], [owner(7)])).toEqual([]);
    expect(pullsToAsk(NONE, [], [owner(7)])).toHaveLength(1);
    expect(pullsToAsk(NONE, [pull(7)], [owner(7)])).toEqual([]);
    // Opened again.
    expect(takeOpenPulls(merged, [pull(7)], [owner(7)], NOW + 3).get(7)).toMatchObject({ state: 'open' });
  });

  it('remembers the newest 200', () => {
    const numbers = Array.from({ length: 230 }, (_, n) => n + 1);
    const sights = open(...numbers);
    expect([sights.size, sights.has(30), sights.has(31)]).toEqual([200, false, true]);
  });
});

describe('answers', () => {
  it('about a head that is none any more, or a pull that is not known, change nothing', () => {
    const sights = open(7);
    expect(takeChecks(sights, 7, 'c0', known(green, NOW), NOW)).toBe(sights);
    expect(takeChecks(sights, 8, 'c1', known(green, NOW), NOW)).toBe(sights);
  });

  it('that fail keep what was known, with its age, and since when it is not', () => {
    const seen = takeChecks(open(7), 7, 'c1', known(green, NOW), NOW);
    const once = takeChecks(seen, 7, 'c1', unknown('502', NOW + 10), NOW + 10);
    const twice = takeChecks(once, 7, 'c1', unknown('no answer', NOW + 20), NOW + 20);
    expect(twice.get(7)?.checks).toMatchObject({ at: NOW, summary: { passed: 1 }, unknown: { because: 'no answer', since: NOW + 10 } });
    expect(takeChecks(twice, 7, 'c1', known(green, NOW + 30), NOW + 30).get(7)?.checks).toMatchObject({
      at: NOW + 30,
      since: NOW,
      unknown: null,
    });
    const never = takeChecks(open(7), 7, 'c1', unknown('502', NOW), NOW);
    expect(never.get(7)?.checks).toMatchObject({ at: null, summary: null, unknown: { because: '502' } });
  });
});

describe('what is asked for', () => {
  it('is what nobody has asked for yet, newest first, twenty at most, open ones alone', () => {
    const many = open(...Array.from({ length: CHECKED + 5 }, (_, n) => n + 1));
    expect(due(many, NOW)).toEqual(Array.from({ length: CHECKED }, (_, n) => CHECKED + 5 - n));
    expect(due(takePull(many, pull(25, { state: 'closed' }), 'gh-25', NOW), NOW)[0]).toBe(24);
  });

  /** Asks whenever it is due, with each poll; answers the minutes between two questions, from first to last. */
  function pauses(answer: CommitChecks | null, polls: number): readonly number[] {
    let sights = open(7);
    const asked: number[] = [];
    for (let at = NOW; at < NOW + polls * POLL; at += POLL) {
      if (due(sights, at).length === 0) continue;
      asked.push(at);
      sights = takeChecks(sights, 7, 'c1', answer === null ? unknown('502', at) : known(answer, at), at);
    }
    return asked.slice(1).map((at, n) => (at - (asked[n] ?? 0)) / MINUTE);
  }

  it.each([
    ['runs', running, 1],
    ['has come to rest', green, 10],
    ['has no checks', { checks: [], withheld: [] }, 10],
    ['is not known', null, 10],
  ] as const)('again of what %s: with the next poll, then less often', (_, answer, most) => {
    const all = pauses(answer, 200);
    expect(all[0]).toBe(0.5);
    expect(all.at(-1)).toBe(most);
    expect([...all].sort((a, b) => a - b)).toEqual(all);
  });

  it('at once after a change: the next poll asks again', () => {
    let sights = takeChecks(open(7), 7, 'c1', known(green, NOW), NOW);
    sights = takeChecks(sights, 7, 'c1', known(running, NOW + 20 * MINUTE), NOW + 20 * MINUTE);
    expect(due(sights, NOW + 20 * MINUTE + POLL)).toEqual([7]);
  });

  it('never less often than that because a clock was set back', () => {
    const sights = takeChecks(open(7), 7, 'c1', known(green, NOW), NOW);
    expect(due(sights, NOW - 5 * MINUTE)).toEqual([7]);
  });
});
