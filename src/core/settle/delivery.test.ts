import { expect, test } from 'vitest';
import {
  active,
  ended,
  failed,
  issue,
  NOW,
  pending,
  policy,
  runAfter,
  seen,
  taskAfter,
  trigger,
  world,
} from '../../../test/support/world/world.ts';
import type { Run, Settlement, StepProblem } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { Policy } from '../tick/policy.ts';
import { stepWords } from '../tick/step-words.ts';

const saved = { ref: null, commit: null };
const inspection = { head: 'c'.repeat(40), commits: 1, dirty: false, question: null };
const done: Settlement = { saved, inspection, outcome: { kind: 'done' } };
const pushed: Settlement = { ...done, pushed: { commit: 'c'.repeat(40), remote: 'origin' } };

const settling = (settlement: Settlement, problem: StepProblem | null, endedAt = NOW - 1_000): Run =>
  ended('w-000001', 'gh-7', { settlement, problem, endedAt });
const problemOf = (step: string, tries: number, lasting: boolean | undefined): StepProblem => ({
  ...{ step, tries, at: NOW - 1_000, retryAt: NOW - 1 },
  message: 'git push failed (1): remote: no\nremote: not that one',
  ...(lasting === undefined ? {} : { lasting }),
});

function look(tasks: readonly Task[], runs: readonly Run[], more: Parameters<typeof world>[0] = {}, rules: Partial<Policy> = {}) {
  const triggers = new Map([[8, seen(trigger())]]);
  return reconcile(world({ tasks, runs, issues: seen([issue(7)]), triggers, ...more }), policy(rules), NOW);
}

const kinds = ({ actions }: ReturnType<typeof look>): readonly string[] => actions.map(({ kind }) => kind);

test.each<[StepProblem['step'], Settlement, number, boolean | undefined, boolean]>([
  ['push', done, 2, true, false],
  ['push', done, 3, true, true],
  ['push', done, 9, undefined, false],
  ['push', done, 10, undefined, true],
  ['push', done, 1_000, false, false],
  ['open-pull', pushed, 2, true, false],
  ['open-pull', pushed, 3, true, true],
  ['open-pull', pushed, 1_000, false, false],
])('%s after %j and %i tries, refused for good: %j; given up: %j', (step, settlement, tries, lasting, isGivenUp) => {
  const made = look([active('gh-7', 'w-000001')], [settling(settlement, problemOf(step, tries, lasting))]);
  const outcome = runAfter(made, 'w-000001')?.settlement.outcome;
  if (!isGivenUp) expect([kinds(made), outcome]).toEqual([[step], undefined]);
  else
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: {
        type: 'delivery_error',
        message: `${stepWords(step)} was refused ${tries} times: git push failed (1): remote: no · remote: not that one`,
      },
    });
});

test.each<[number, boolean | undefined, boolean]>([
  [7, true, false],
  [8, true, true],
  [9, undefined, false],
  [10, undefined, true],
  [1_000, false, false],
])('work that git cannot look at, after %i tries, for good: %j; the task ends: %j', (tries, lasting, isGivenUp) => {
  const made = look([active('gh-7', 'w-000001')], [settling({ saved }, problemOf('inspect', tries, lasting))]);
  const outcome = runAfter(made, 'w-000001')?.settlement.outcome;
  if (isGivenUp) expect(outcome).toMatchObject({ kind: 'failed', failure: { type: 'worktree_error' }, resumable: true });
  else expect([kinds(made), outcome]).toEqual([['inspect'], undefined]);
});

test('refusals of another step do not count', () => {
  expect(kinds(look([active('gh-7', 'w-000001')], [settling(pushed, problemOf('push', 99, true))]))).toEqual(['open-pull']);
});

const failure = { type: 'delivery_error', message: 'refused', at: NOW - 5_000 } as const;
const refused = failed('gh-7', { run: 'w-000001', failure });
const over: Run = {
  ...(settling({ ...done, outcome: { kind: 'failed', failure, resumable: true }, logged: true, commented: { url: 'u' } }, null) as Extract<
    Run,
    { state: 'ended' }
  >),
  state: 'settled',
};
const retry = (args: Record<string, unknown>) => ({ id: 1, at: NOW, task: 'gh-7', verb: 'retry', args }) as const;

test('a retry of work that was refused delivers it again, without a run; one with words for the agent starts a run', () => {
  const again = look([refused], [over], { requests: [retry({})] });
  expect(taskAfter(again, 'gh-7')).toMatchObject({ state: 'active', run: 'w-000001' });
  expect(runAfter(again, 'w-000001')).toMatchObject({
    state: 'ended',
    problem: null,
    settlement: { outcome: { kind: 'done' }, logged: true },
  });
  expect(runAfter(again, 'w-000001')?.settlement.commented).toBeUndefined();
  for (const args of [{ continue: true }, { message: 'leave the workflow alone' }]) {
    const run = look([refused], [over], { requests: [retry(args)] });
    expect(taskAfter(run, 'gh-7')?.state, JSON.stringify(args)).toBe('pending');
    expect(runAfter(run, 'w-000001')).toBeUndefined();
  }
  const board = look([refused], [over], { intents: [{ kind: 'retry', task: 'gh-7', line: 3 }] });
  expect(taskAfter(board, 'gh-7')).toMatchObject({ state: 'active', run: 'w-000001' });
});

test.each<[string, Run, Partial<Policy>, boolean]>([
  ['its push fails since a moment', settling(done, problemOf('push', 2, false)), {}, false],
  ['its push fails since a minute', settling(done, problemOf('push', 2, false), NOW - 60_000), {}, true],
  ['its work cannot be saved since a minute', settling({}, problemOf('save', 2, false), NOW - 60_000), {}, true],
  ['its checks run since ten minutes', settling(done, null, NOW - 600_000), { pulls: { ...policy().pulls, verify: true } }, false],
])('a task is settled and %s: another takes its slot or not', (_what, run, rules, isFree) => {
  const made = look([active('gh-7', 'w-000001'), pending('gh-8')], [run], { issues: seen([issue(7), issue(8)]) }, { slots: 1, ...rules });
  expect(taskAfter(made, 'gh-8')?.state ?? 'pending').toBe(isFree ? 'active' : 'pending');
  if (!isFree && rules.pulls === undefined) expect(made.wakeAt).toBeLessThanOrEqual(NOW + 60_000);
});
