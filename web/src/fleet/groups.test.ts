import { expect, test } from 'vitest';
import type { State, TaskRow } from '../link/contract.ts';
import { countOf, grouped, newlyNeeding, saidOf, shapeOf, toneOf, waitingForYou } from './groups.ts';

const GROUPS: Readonly<Record<string, string>> = {
  ...{ blocked: 'needs_you', failed: 'failed', active: 'running', pending: 'waiting', completed: 'done', review: 'review' },
};
const task = (id: string, state: string, more: Partial<TaskRow> = {}): TaskRow =>
  ({ id, state, group: GROUPS[state], branch: `auto/${id}`, question: null, reason: null, waits_for: null, run: null, ...more }) as TaskRow;
const running = (state: string, pid: number | null, activity: string | null) => ({ state, pid, activity, problem: null }) as TaskRow['run'];

test('who must act comes first, and a group without tasks is not there', () => {
  const tasks = [task('gh-1', 'completed'), task('gh-2', 'failed'), task('gh-3', 'active'), task('gh-4', 'blocked')];
  const groups = grouped({ tasks, counts: { blocked: 1, failed: 1, active: 1, completed: 1 } } as unknown as State);
  expect(groups.map(({ name, tasks: of, rest }) => [name, rest, ...of.map(({ id }) => id)])).toEqual([
    ['Needs you', null, 'gh-4'],
    ['Failed', null, 'gh-2'],
    ['Running', null, 'gh-3'],
    ['Done today', null, 'gh-1'],
  ]);
  expect(waitingForYou({ tasks })).toBe(1);
  const stuck = task('gh-5', 'review', { group: 'needs_you', needs_you: 'pull #9: it needs a person' });
  const both = grouped({ tasks: [stuck, task('gh-6', 'review')], counts: {} } as unknown as State);
  expect(both.map(({ name }) => name)).toEqual(['Needs you', 'In review']);
  expect(saidOf(stuck, [])).toBe('pull #9: it needs a person');
});

test('what the answer leaves out is counted; an attempt that its task tells of has no row', () => {
  const tasks = [task('gh-2', 'failed'), task('gh-1.codex', 'failed', { group: null }), task('gh-3', 'pending')];
  const groups = grouped({ tasks, counts: { failed: 40, pending: 310, completed: 7 } } as unknown as State);
  expect(groups.map(({ name, tasks: of, rest }) => [name, of.length, rest])).toEqual([
    ['Failed', 1, { state: 'failed', shown: 2, left: 38 }],
    ['Waiting', 1, { state: 'pending', shown: 1, left: 309 }],
    ['Done today', 0, { state: 'completed', shown: 0, left: 7 }],
  ]);
  expect(groups.map(countOf)).toEqual(['39', '310', '0']);
});

test('finished work that does not get through needs a person, and looks like it', () => {
  const run = { ...running('ended', null, null), problem: { words: 'opening the pull request', message: '502' } } as TaskRow['run'];
  const held = task('gh-5', 'active', { group: 'needs_you', run });
  expect([shapeOf(held), toneOf(held), waitingForYou({ tasks: [held] })]).toEqual(['blocked', 'blocked', 1]);
  expect(saidOf(held, [])).toBe('its work is done; opening the pull request fails, and is tried again: 502');
  expect(newlyNeeding([task('gh-5', 'active')], [held])).toEqual([held]);
});

test('a run with a process has another shape than one without', () => {
  expect(shapeOf(task('gh-1', 'active', { run: running('running', 7, null) }))).toBe('active');
  expect(shapeOf(task('gh-1', 'active', { run: running('preparing', null, null) }))).toBe('idle');
  expect(shapeOf(task('gh-1', 'active'))).toBe('idle');
});

test.each([
  [task('gh-1', 'blocked', { question: 'Which?' }), 'Which?'],
  [task('gh-1', 'active', { run: running('running', 7, 'Bash: ls') }), 'Bash: ls'],
  [task('gh-1', 'active', { run: running('preparing', null, 'old') }), 'prepares its worktree'],
  [task('gh-1', 'pending', { waits_for: 'depends on #2' }), 'depends on #2'],
  [task('gh-1', 'pending'), 'a note'],
  [task('gh-2', 'pending'), 'waits for a free slot'],
])('what is said of a task (%#)', (given, said) => {
  expect(saidOf(given, [{ task: 'gh-1', text: 'a note', until: null }])).toBe(said);
});

test('told are those that need a person since now, not those that are new to the page', () => {
  const before = [task('gh-1', 'active'), task('gh-2', 'failed'), task('gh-3', 'blocked')];
  const now = [task('gh-1', 'blocked'), task('gh-2', 'failed'), task('gh-3', 'active'), task('gh-4', 'failed')];
  expect(newlyNeeding(before, now).map(({ id }) => id)).toEqual(['gh-1']);
  expect(newlyNeeding([task('gh-5', 'review')], [task('gh-5', 'review', { group: 'needs_you', needs_you: 'x' })])).toHaveLength(1);
});
