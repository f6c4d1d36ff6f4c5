import { expect, test } from 'vitest';
import { NO_TOTALS, TOTALS_FACT } from '../../src/core/limits/totals.ts';
import { USAGE_FACT } from '../../src/core/limits/usage.ts';
import { RULES, type Rule } from '../../src/core/model/alert.ts';
import { NEW_FLEET } from '../../src/core/model/fleet.ts';
import { EMPTY_STREAM, type Run } from '../../src/core/model/run.ts';
import { unknown } from '../../src/core/model/seen.ts';
import type { Task } from '../../src/core/model/task.ts';
import type { Plan } from '../../src/core/tick/plan.ts';
import type { World } from '../../src/core/tick/world.ts';
import { desk, EMPTY, said } from '../support/forge/alert-desk.ts';
import { active, failed, IDENTITY, NOW, pending, running, seen, world } from '../support/world/world.ts';

const MINUTE = 60_000;
interface Case {
  readonly rule: Rule;
  readonly ill: World;
  readonly illPlan?: Plan;
  readonly well: World;
  readonly words: string;
  /** Facts that are there from before. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly wellFacts?: Readonly<Record<string, unknown>>;
  /** How long it has to hold. */
  readonly holds?: number;
  /** When it is looked at again. */
  readonly later?: number;
}

const machine = (part: object) =>
  world({ machine: seen({ freeMemoryBytes: 8 * 1024 ** 3, freeDiskBytes: 80 * 1024 ** 3, loadPerCore: 1, ...part }) });
/** A day on which so much was spent. */
const spending = (usd: number) => {
  const quiet = world();
  return world({ fleet: { ...NEW_FLEET, day: { start: quiet.today.start, usd } } });
};
const changing = (next: Task): Plan => ({ ...EMPTY, commit: { tasks: [{ next, expected: 1 }] } });
const failure = { type: 'stalled', message: 'no output', at: NOW } as const;
const blocked = { ...active('gh-1', 'w-000001'), state: 'blocked', run: 'w-000001', at: NOW, question: 'SQLite?' } as Task;
const silent = {
  ...running('w-000001', 'gh-1'),
  startedAt: NOW - 11 * MINUTE,
  stream: { ...EMPTY_STREAM, lastEventAt: NOW - 10 * MINUTE },
} as Run;
const killed = {
  ...running('w-000001', 'gh-1'),
  ...{ state: 'stopping', rung: 'kill', rungAt: NOW, cause: { type: 'killed', by: 'x', reason: 'x', at: NOW } },
} as Run;
const stray = {
  run: 'w-00000f',
  task: 'gh-7',
  process: IDENTITY,
  startedAt: NOW,
  members: 1,
  isOver: false,
  baseCommit: null,
  branch: null,
  title: null,
} as const;
const mostFailed = [...new Array<string>(9).fill('done'), ...new Array<string>(11).fill('stalled')];

const CASES: readonly Case[] = [
  {
    rule: 'needs_person',
    ill: world({ tasks: [blocked] }),
    well: world({ tasks: [active('gh-1', 'w-000002')] }),
    words: 'gh-1 (gh-1) asks: SQLite?',
  },
  {
    rule: 'failed',
    ill: world({ tasks: [active('gh-1', 'w-000001')] }),
    illPlan: changing(failed('gh-1', { failure })),
    well: world({ tasks: [pending('gh-1')] }),
    words: 'gh-1 (gh-1) failed for good: stalled: no output',
  },
  {
    rule: 'same_failure',
    ill: world({ tasks: [active('gh-1', 'w-000002', { last: failure })] }),
    illPlan: changing(pending('gh-1', { last: failure })),
    well: world({ tasks: [pending('gh-1')] }),
    words: 'gh-1 (gh-1) was ended twice by stalled: no output',
  },
  {
    rule: 'many_failures',
    ill: world(),
    facts: { [TOTALS_FACT]: { ...NO_TOTALS, recent: mostFailed } },
    well: world(),
    wellFacts: { [TOTALS_FACT]: { ...NO_TOTALS, recent: mostFailed.slice(0, 10) } },
    words: '11 of the last 20 runs failed, 11 of them by stalled',
  },
  { rule: 'stuck', ill: world({ runs: [silent] }), well: world(), words: 'the only worker, that of gh-1, says nothing' },
  {
    rule: 'github_down',
    ill: world({ issues: unknown('503', NOW - 5 * MINUTE) }),
    well: world(),
    words: 'GitHub has not answered for 5 m: 503',
  },
  {
    rule: 'daemon_down',
    ill: world(),
    facts: { [USAGE_FACT]: { at: NOW - 130 * MINUTE, machine: null, workers: {} } },
    well: world(),
    words: 'the daemon was away for 2 h 10 m, though nobody had told it to leave; it runs again',
    later: 11_000,
  },
  {
    rule: 'disk',
    ill: machine({ freeDiskBytes: 1024 ** 3 }),
    well: machine({}),
    words: '1024 MiB are free on the disk, less than the 2048 MiB of limits.min_free_disk',
  },
  {
    rule: 'memory',
    ill: machine({ freeMemoryBytes: 100 * 1024 ** 2 }),
    well: machine({}),
    words: '100 MiB are free of memory, less than the 1024 MiB of limits.min_free_memory',
    holds: MINUTE,
  },
  {
    rule: 'temperature',
    ill: machine({ temperatures: { 'cpu-thermal': 85.25 } }),
    well: machine({ temperatures: { 'cpu-thermal': 60 } }),
    words: 'cpu-thermal is at 85.3 °C (alerts.temperature: 80)',
    holds: MINUTE,
  },
  {
    rule: 'budget',
    ill: spending(81),
    well: spending(1),
    words: '80 % of today’s budget is spent: $81.00 of $100 (limits.usd_per_day)',
  },
  {
    rule: 'kill_unconfirmed',
    ill: world({ runs: [killed] }),
    well: world(),
    words: 'kill unconfirmed: w-000001 of gh-1 (pid 4242) still has processes',
    holds: 5_000,
  },
  {
    rule: 'orphan',
    ill: world({ strays: seen([stray]) }),
    well: world(),
    words: 'w-00000f of gh-7 lives (pid 4242), and tac8 did not know of it',
  },
];

test('there is a case for every rule', () => {
  expect(CASES.map(({ rule }) => rule)).toEqual(RULES);
});

test.each(CASES)('$rule: told once, over once, though the daemon is killed again and again', async (one) => {
  const { slack, store, at, tick, deliver, crash, leave } = await desk();
  if (one.rule === 'failed' || one.rule === 'same_failure')
    store().commit({ tasks: [{ next: active('gh-1', 'w-000001'), expected: null }] });
  store().commit({ facts: one.facts ?? {} });
  if (one.rule === 'daemon_down') await crash();
  tick(one.ill, one.illPlan);
  at(NOW + (one.holds ?? 0));
  tick(one.ill, one.illPlan);
  // Killed between writing down what is to be told and telling it.
  await crash();
  if (one.illPlan !== undefined) for (const { next } of one.illPlan.commit.tasks ?? []) store().commit({ tasks: [{ next, expected: 1 }] });
  if (one.illPlan === undefined) tick(one.ill);
  else tick(world());
  await deliver();
  await deliver();
  // What was so only at the start of the killed daemon is over with the next.
  expect(said(slack).slice(0, one.rule === 'daemon_down' ? 1 : 9)).toEqual([`🔴 ${one.words}`]);

  await crash();
  store().commit({ facts: one.wellFacts ?? {} });
  at(NOW + (one.holds ?? 0) + (one.later ?? 1_000));
  tick(one.well, one.illPlan && changing(pending('gh-1')));
  tick(one.well);
  await crash();
  tick(one.well);
  await deliver();
  expect(said(slack)).toEqual([`🔴 ${one.words}`, expect.stringMatching(/^🟢 Over, after \d+ [sm]: /)]);
  leave();
});

test('the budget tells of both shares, and of the second alone when the first is jumped over', async () => {
  const { slack, at, tick, deliver } = await desk();
  let now = NOW;
  const spend = (usd: number): void => {
    now += 1_000;
    at(now);
    tick(spending(usd));
  };
  spend(80);
  spend(100);
  spend(101);
  spend(0);
  spend(120);
  await deliver();
  const shares = said(slack).map((line) => `${line.slice(0, 2)} ${/(\d+) %/.exec(line)?.[1]}`);
  expect(shares).toEqual(['🔴 80', '🔴 100', '🟢 80', '🟢 100', '🔴 100']);
});

test('a channel that fails is told later, in order, and keeps nobody waiting; what it had said is not repeated', async () => {
  const { slack, store, at, tick, deliver } = await desk();
  slack.answer({ status: 500, body: 'oops' });
  tick(world({ tasks: [blocked] }));
  await deliver();
  tick(world());
  await deliver();
  expect(said(slack)).toHaveLength(1);
  slack.answer({ status: 200 });
  at(NOW + 5_000);
  await deliver();
  expect(said(slack).map((line) => line.slice(0, 2))).toEqual(['🔴', '🔴', '🟢']);
  expect(store().fact('outbox')).toEqual([]);
});

test('one that never answers is given up after a day', async () => {
  const { slack, store, at, tick, deliver } = await desk();
  slack.answer({ status: 500 });
  tick(world({ tasks: [blocked] }));
  for (let hour = 0; hour <= 25; hour += 1) {
    at(NOW + hour * 60 * MINUTE);
    await deliver();
  }
  expect(store().fact('outbox')).toEqual([]);
});

test('a daemon that was told to leave was not down', async () => {
  const { slack, store, tick, deliver, crash, leave } = await desk();
  store().commit({ facts: { [USAGE_FACT]: { at: NOW - 130 * MINUTE, machine: null, workers: {} } } });
  leave();
  await crash();
  tick(world());
  await deliver();
  expect(said(slack)).toEqual([]);
});
