import { describe, expect, it } from 'vitest';
import { active, ended, failed, issue, NOW, pending, policy, seen, taskAfter, trigger, world } from '../../../test/support/world/world.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import { NO_SPEND } from '../model/run.ts';
import type { Race, Spent, Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';

const codex = { kind: 'command', can: COMMAND, model: null, profile: 'codex', login: 'codex' };
const routes = [{ when: { labels: ['rpi-auto'] }, model: null, race: ['default', 'codex'] }];
const plan = (tasks: readonly Task[], more: Parameters<typeof world>[0] = {}) =>
  reconcile(
    world({ issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]), tasks: [...tasks], ...more }),
    policy({ agents: { codex }, routes }),
    NOW,
  );
const costs = (tokens: number, usd: number): Spent => ({ tokens, usd });
const race: Race = { racers: ['gh-7.default', 'gh-7.codex'] };

describe('what attempts side by side have cost', () => {
  it('counts beside what the task itself had used before they began', () => {
    const alone = costs(4_200, 0.036);
    const made = plan([pending('gh-7', { spent: alone, spentInAll: costs(9_000, 1) })]);
    const before = { spent: alone, spentInAll: costs(9_000, 1) };
    expect(taskAfter(made, 'gh-7')?.race?.before).toEqual(before);
    const later = plan([
      pending('gh-7', { race: { ...race, before }, ...before }),
      pending('gh-7.default', { spent: costs(1_000, 0.5) }),
      pending('gh-7.codex'),
    ]);
    expect(taskAfter(later, 'gh-7')).toMatchObject({ spent: costs(5_200, 0.536), spentInAll: costs(10_000, 1.5) });
  });

  it('counts once what the same racers had used in an earlier race', () => {
    const again = plan([pending('gh-7', { spentInAll: costs(10_000, 1.5) }), failed('gh-7.codex', { spentInAll: costs(1_000, 0.5) })]);
    expect(taskAfter(again, 'gh-7')?.race?.before).toEqual({ spent: costs(0, 0), spentInAll: costs(9_000, 1) });
  });

  it('goes on counting where one ends after what it was for', () => {
    const cancelled = { type: 'cancelled', message: 'no', at: NOW - 1, by: 'tasks.md' } as const;
    const over = failed('gh-7', { race, spent: costs(1_000, 0.5), spentInAll: costs(1_000, 0.5), failure: cancelled });
    const base = ended('w-000002', 'gh-7.codex');
    const run = ended('w-000002', 'gh-7.codex', {
      stream: { ...base.stream, spend: { ...NO_SPEND, outputTokens: 200, usd: 0.25 } },
      settlement: { saved: { ref: null, commit: null }, outcome: { kind: 'failed', failure: cancelled, resumable: true }, logged: true },
    });
    const tasks = [over, failed('gh-7.default', { spent: costs(1_000, 0.5) }), active('gh-7.codex', 'w-000002')];
    expect(taskAfter(plan(tasks, { runs: [run] }), 'gh-7')).toMatchObject({ spent: costs(1_200, 0.75) });
  });

  it('and where none got there, the run that failed last is the one that is named', () => {
    const at = (ago: number) => ({ type: 'stalled', message: 'so', at: NOW - ago }) as const;
    const runs = [ended('w-000001', 'gh-7.default'), ended('w-000002', 'gh-7.codex')].map(
      (run) => ({ ...run, state: 'settled', settlement: { ...run.settlement, counted: true } }) as unknown as typeof run,
    );
    const made = plan(
      [
        pending('gh-7', { race }),
        failed('gh-7.default', { run: 'w-000001', failure: at(1) }),
        failed('gh-7.codex', { run: 'w-000002', failure: at(60_000) }),
      ],
      { runs },
    );
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'failed', run: 'w-000001', failure: { type: 'stalled' } });
  });
});
