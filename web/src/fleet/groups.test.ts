import { expect, test } from 'vitest';
import type { State, TaskRow } from '../link/contract.ts';
import { grouped, newlyNeeding, saidOf, shapeOf, waitingForYou } from './groups.ts';

const task = (id: string, state: string, more: Partial<TaskRow> = {}): TaskRow =>
  ({ id, state, branch: `auto/${id}`, question: null, reason: null, waits_for: null, run: null, ...more }) as TaskRow;
const running = (state: string, pid: number | null, activity: string | null) => ({ state, pid, activity, problem: null }) as TaskRow['run'];

test('who must act comes first, and a group without tasks is not there', () => {
  const tasks = [task('gh-1', 'completed'), task('gh-2', 'failed'), task('gh-3', 'active'), task('gh-4', 'blocked')];
  const groups = grouped({ tasks } as unknown as State);
  expect(groups.map(({ name, tasks: of }) => [name, ...of.map(({ id }) => id)])).toEqual([
    ['Needs you', 'gh-4'],
    ['Failed', 'gh-2'],
    ['At work', 'gh-3'],
    ['Done today', 'gh-1'],
  ]);
  expect(waitingForYou({ tasks } as unknown as State)).toBe(1);
  const stuck = task('gh-5', 'review', { needs_you: 'pull #9: it needs a person' });
  expect(grouped({ tasks: [stuck, task('gh-6', 'review')] } as unknown as State).map(({ name }) => name)).toEqual([
    'Needs you',
    'In review',
  ]);
  expect(saidOf(stuck, [])).toBe('pull #9: it needs a person');
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
  expect(newlyNeeding([task('gh-5', 'review')], [task('gh-5', 'review', { needs_you: 'x' })])).toHaveLength(1);
});
