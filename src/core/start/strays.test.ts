import { describe, expect, it } from 'vitest';
import {
  active,
  failed,
  IDENTITY,
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
import { unknown } from '../model/seen.ts';
import { reconcile } from '../reconcile.ts';
import type { Stray } from '../tick/world.ts';

const stray = (more: Partial<Stray> = {}): Stray => ({
  run: 'w-5747a7',
  task: 'gh-7',
  process: IDENTITY,
  startedAt: NOW - 120_000,
  members: 2,
  isOver: false,
  baseCommit: 'b'.repeat(40),
  branch: null,
  title: 'Write words',
  ...more,
});
const wanted = { issues: seen([issue(7), issue(8)]), triggers: new Map([7, 8].map((number) => [number, seen(trigger())])) };
const plan = (more: Parameters<typeof world>[0]) => reconcile(world({ ...wanted, ...more }), policy(), NOW);
const started = (made: ReturnType<typeof plan>) => made.actions.filter(({ kind }) => kind === 'prepare').map(({ task }) => task);

describe('workers that the store does not know', () => {
  it.each([
    ['no task', {}],
    ['a pending task', { tasks: [pending('gh-7')] }],
  ])('are taken up where the store has %s', (_name, more) => {
    const made = plan({ strays: seen([stray()]), ...more });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'active', run: 'w-5747a7', startedAt: NOW - 120_000, armedBy: 'label' });
    expect(runAfter(made, 'w-5747a7')).toMatchObject({ state: 'running', task: 'gh-7', process: IDENTITY, startedAt: NOW - 120_000 });
    expect(started(made)).toEqual(['gh-8']);
  });

  it.each([
    ['no task', {}],
    ['a pending task', { tasks: [pending('gh-7')] }],
  ])('stay on their branch though the title has other words by now, where the store has %s', (_name, more) => {
    const made = plan({ strays: seen([stray({ branch: 'auto/gh-7-earlier-words' })]), ...more });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'active', branch: 'auto/gh-7-earlier-words' });
  });

  it('keep the title that the board has for a local task, and count as a person’s', () => {
    const made = plan({ strays: seen([stray({ task: 'local-3' })]) });
    expect(taskAfter(made, 'local-3')).toMatchObject({ title: 'Write words', armedBy: 'person', state: 'active' });
  });

  it.each([
    ['the run is over', stray({ isOver: true }), [], /its run is over/],
    ['git cannot tell where it began', stray({ baseCommit: null }), [], /git cannot tell/],
    ['the task has failed', stray(), [failed('gh-7')], /the task is failed/],
  ] as const)('are left alone and shown while %s, and nothing is started in their place', (_name, one, tasks, words) => {
    const made = plan({ strays: seen([one]), tasks: [...tasks] });
    expect(made.notes.map(({ text }) => text).join('\n')).toMatch(words);
    expect(made.notes.map(({ text }) => text).join('\n')).toContain('`kill 4242` ends it');
    expect(started(made)).toEqual(['gh-8']);
    expect(runAfter(made, 'w-5747a7')).toBeUndefined();
  });

  it('are left alone while another run is at work on the task', () => {
    const made = plan({ strays: seen([stray()]), tasks: [active('gh-7', 'w-000001')], runs: [running('w-000001', 'gh-7')] });
    expect(made.notes.map(({ text }) => text).join('\n')).toMatch(/w-000001 is at work on the task/);
    expect(runAfter(made, 'w-5747a7')).toBeUndefined();
  });

  it.each([
    ['nobody knows for which task one runs', seen([stray({ task: null })]), /tac8 cannot tell for which task/],
    ['nobody knows what runs', unknown('/proc cannot be listed', NOW), /\/proc cannot be listed/],
  ])('keep everything from being started while %s', (_name, strays, words) => {
    const made = plan({ strays });
    expect(started(made)).toEqual([]);
    expect(made.notes.map(({ text }) => text).join('\n')).toMatch(words);
  });
});
