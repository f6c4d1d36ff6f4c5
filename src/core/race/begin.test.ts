import { describe, expect, it } from 'vitest';
import { failed, issue, NOW, pending, policy, seen, taskAfter, trigger, world } from '../../../test/support/world/world.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import { hintOf } from '../advice/hints.ts';
import type { BoardIntent } from '../board/text/view.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';

const codex = { kind: 'command', can: COMMAND, model: null, profile: 'codex', login: 'codex' };
const routes = [{ when: { labels: ['rpi-auto'] }, model: null, race: ['default', 'codex'] }];
const labelled = { issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]) };
const plan = (tasks: readonly Task[], more: Parameters<typeof world>[0] = {}) =>
  reconcile(world({ ...labelled, tasks: [...tasks], ...more }), policy({ agents: { codex }, routes }), NOW);
const cancelled = (task: 'gh-7.codex' | 'local-3.codex', reason: string | null = 'not this one'): BoardIntent => ({
  kind: 'cancel',
  task,
  reason,
  line: 5,
});
const entering = pending('gh-7', { race: { racers: ['gh-7.default', 'gh-7.codex'], entering: true } });

describe('an attempt that a person ends before its race is known (the database was lost)', () => {
  it.each([
    ['tac8 does not know it', [pending('gh-7')], 'gh-7.codex'],
    ['its line was taken in', [pending('gh-7'), pending('gh-7.codex', { agent: 'codex' })], 'gh-7.codex'],
    ['it is one at a line of the board', [], 'local-3.codex'],
  ] as const)('is kept as cancelled where %s', (_name, tasks, id) => {
    const after = taskAfter(plan(tasks, { intents: [cancelled(id)] }), id);
    expect(after).toMatchObject({ state: 'failed', agent: 'codex', failure: { type: 'cancelled', message: 'not this one', cause: 'out' } });
    expect(after?.state === 'failed' && hintOf(after.failure)).toMatch(/^A person took this attempt out/);
  });

  it.each(['cancelled', 'stopped', 'killed'] as const)('stays out when the race begins: %s', (type) => {
    const out = failed('gh-7.codex', { failure: { type, message: 'not this one', at: NOW - 1, by: 'tasks.md', cause: 'out' } });
    const made = plan([entering, out]);
    expect(taskAfter(made, 'gh-7.codex')).toBeUndefined();
    expect(taskAfter(made, 'gh-7.default')).toMatchObject({ state: 'active' });
  });

  it('begins with the others where its end was that of an earlier race', () => {
    const over = failed('gh-7.codex', { failure: { type: 'cancelled', message: 'so', at: NOW - 1, by: 'tasks.md', cause: 'person' } });
    expect(taskAfter(plan([entering, over]), 'gh-7.codex')).toMatchObject({ state: 'active' });
  });

  it('begins when a person retries it', () => {
    const racing = pending('gh-7', { race: { racers: ['gh-7.default', 'gh-7.codex'] } });
    const out = failed('gh-7.codex', { failure: { type: 'cancelled', message: 'so', at: NOW - 1, by: 'tasks.md', cause: 'out' } });
    const made = plan([racing, pending('gh-7.default'), out], { intents: [{ kind: 'retry', task: 'gh-7.codex', line: 5 }] });
    expect(taskAfter(made, 'gh-7.codex')).toMatchObject({ state: expect.stringMatching(/pending|active/) });
  });
});
