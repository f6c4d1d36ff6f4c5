import { expect, it } from 'vitest';
import { active, NOW, policy, running, seen, world } from '../../../test/support/world/world.ts';
import { reconcile } from '../reconcile.ts';

const notesOf = (lookedAt: number): readonly string[] => {
  const run = running('w-000001', 'gh-1', { startedAt: NOW });
  const around = world({
    tasks: [active('gh-1', run.id)],
    runs: [run],
    processes: new Map([[run.id, seen({ kind: 'never' } as const, lookedAt)]]),
  });
  return reconcile(around, policy(), NOW + 10)
    .notes.filter(({ text }) => /folder|alive/.test(text))
    .map(({ text }) => text);
};

it('a look from before the launch says nothing of the run that was launched since', () => {
  expect([NOW - 1_000, NOW - 1, NOW].map(notesOf)).toEqual([[], [], []]);
});

it('a look from after it does', () => {
  expect(notesOf(NOW + 1)).toEqual(['the run folder of w-000001 is gone; its process is left alone']);
});
