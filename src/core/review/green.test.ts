import { expect, test } from 'vitest';
import { active, failed, inReview, issue, NOW, seen } from '../../../test/support/world/world.ts';
import { unknown } from '../model/seen.ts';
import type { Task } from '../model/task.ts';
import { reviewCall } from './calls.ts';
import type { ChecksSummary } from './checks.ts';
import { greenStep, isWanted, MORE, whyUnmerged } from './green.ts';
import type { PullSight } from './pull-sights.ts';

const GREEN: ChecksSummary = { passed: 2, failing: 0, running: 0, other: 0, failingNames: [], withheld: [] };
const COMMIT = 'c'.repeat(40);
const sight = (more: Partial<PullSight> = {}, summary: ChecksSummary | null = GREEN): PullSight => ({
  ...{ task: 'gh-7', number: 9, state: 'open', draft: true, commit: COMMIT, at: NOW },
  checks: { summary, at: NOW, since: NOW, askedAt: NOW, unknown: null },
  ...more,
});
const task = inReview('gh-7', 9);
const said = reviewCall(9, { id: 5, author: 'wil', wantsChanges: true, body: 'No.', notes: [] });

test.each([
  ['a green draft', sight(), 'ready', 'ready'],
  ['a green draft that may be merged', sight(), 'merge', 'ready'],
  ['one that is ready already', sight({ draft: false }), 'ready', null],
  ['one that is ready and may be merged', sight({ draft: false }), 'merge', 'merge'],
  ['one that was made ready and may be merged', sight({ draft: false, advanced: { step: 'ready', commit: COMMIT } }), 'merge', 'merge'],
  ['one that somebody made a draft of again', sight({ advanced: { step: 'ready', commit: COMMIT } }), 'merge', null],
  ['one whose merge somebody took back', sight({ draft: false, advanced: { step: 'merge', commit: COMMIT } }), 'merge', null],
  ['one with a new head since', sight({ advanced: { step: 'merge', commit: 'd'.repeat(40) } }), 'merge', 'ready'],
  ['one that was ready, and that somebody made a draft of before anything was done with it', sight({ redrafted: true }), 'merge', null],
  ['nothing, where it is to be left', sight(), 'leave', null],
  ['one that is red', sight({}, { ...GREEN, failing: 1 }), 'merge', null],
  ['one whose checks run', sight({}, { ...GREEN, running: 1 }), 'merge', null],
  ['one without checks', sight({}, { ...GREEN, passed: 0 }), 'merge', null],
  ['one whose checks may not be read', sight({}, { ...GREEN, withheld: ['check runs'] }), 'merge', null],
  ['one whose checks nobody has seen', sight({}, null), 'merge', null],
  [
    'one of which nothing is known now',
    sight({ checks: { ...sight().checks, unknown: { because: 'x', since: 1 } } as never }),
    'merge',
    null,
  ],
  ['one that is merged', sight({ state: 'merged' }), 'merge', null],
  ['another task’s', sight({ task: 'gh-8' }), 'merge', null],
] as const)('%s', (_, seen, wish, step) => expect(greenStep(task, seen, [], wish)).toBe(step));

test('not while something is said of it that no round was begun for, nor while its task is paused', () => {
  expect(greenStep(task, sight(), [said], 'merge')).toBeNull();
  expect(greenStep(inReview('gh-7', 9, { heard: { calls: [said.key], alone: 0 } }), sight(), [said], 'merge')).toBe('ready');
  expect(greenStep(inReview('gh-7', 9, { pausedAt: NOW }), sight(), [], 'merge')).toBeNull();
});

const RULES = { follow: true, whenGreen: 'merge', label: 'rpi-auto' } as const;
const OVER = { ...task, state: 'completed' } as Task;
const GONE = 'its issue is closed, or is not asked for by the label rpi-auto any more';
test.each([
  ['in review, its issue bears the label', task, seen([issue(7)]), RULES, null, true],
  ['in review, its issue does not', task, seen([issue(8)]), RULES, GONE, false],
  ['in review, and nobody knows', task, unknown('502', NOW), RULES, null, null],
  ['asked for by a person alone', inReview('gh-7', 9, { armedBy: 'person' }), seen([]), RULES, null, true],
  ['the chosen one of several attempts', inReview('gh-7.codex', 9), seen([issue(7)]), RULES, null, true],
  ['paused', inReview('gh-7', 9, { pausedAt: NOW }), seen([issue(7)]), RULES, 'gh-7 is paused', true],
  ['in a round', active('gh-7', 'w-000001'), seen([issue(7)]), RULES, MORE, true],
  ['failed in a round', failed('gh-7'), seen([issue(7)]), RULES, MORE, true],
  ['over', OVER, seen([]), RULES, null, false],
  ['green pulls are left', task, seen([issue(7)]), { ...RULES, whenGreen: 'ready' }, 'pulls.when_green is not merge any more', true],
  ['pulls are not followed', OVER, seen([issue(7)]), { ...RULES, follow: false }, 'pulls.follow is off', true],
] as const)('who wants it merged: %s', (_, one, issues, rules, why, wanted) => {
  expect([whyUnmerged(one, issues, rules), isWanted(one, issues)]).toEqual([why, wanted]);
});
