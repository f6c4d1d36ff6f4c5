import { expect, test } from 'vitest';
import { inReview, NOW } from '../../../test/support/world/world.ts';
import { reviewCall } from './calls.ts';
import type { ChecksSummary } from './checks.ts';
import { greenStep } from './green.ts';
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
