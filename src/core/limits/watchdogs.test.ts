import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  NOW,
  pending,
  policy,
  runAfter,
  running,
  seen,
  taskAfter,
  upkeep,
  world,
  written,
} from '../../../test/support/world/world.ts';
import { EMPTY_STREAM, NO_SPEND, type Run, type StreamFacts } from '../model/run.ts';
import { reconcile } from '../reconcile.ts';
import { DEFAULT_POLICY } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';

const limits = { ...DEFAULT_POLICY.limits, runTime: 100_000, silence: 50_000, turns: 100, tokens: 1000, usdPerTask: 10, logBytes: 1000 };
const rules = policy({ limits });
const run = running('w-000001', 'local-1', { startedAt: NOW - 10_000 });
const heard: StreamFacts = { ...EMPTY_STREAM, offset: 10, firstEventAt: NOW - 9_000, lastEventAt: NOW, session: 's' };
const stream = (more: Partial<StreamFacts>): StreamFacts => ({ ...heard, ...more });
const scene = (facts: StreamFacts, more: Partial<World> = {}, one: Run = run): World =>
  world({
    tasks: [active('local-1', 'w-000001')],
    runs: [one],
    processes: new Map([['w-000001', seen(alive)]]),
    streams: new Map([['w-000001', facts]]),
    ...more,
  });
const spend = (usd: number, tokens = 0) => ({ ...NO_SPEND, usd, inputTokens: tokens });

describe('at four fifths of a limit a run is warned of, once', () => {
  it.each([
    ['limits.turns', { turns: 80 }, '80 of 100 turns', { turns: 79 }],
    ['limits.tokens', { spend: spend(0, 800) }, '800 of 1000 tokens', { spend: spend(0, 799) }],
    ['limits.usd_per_task', { spend: spend(8) }, '$8.00 of $10.00', { spend: spend(7.99) }],
    ['limits.log', { offset: 800 }, 'the log has 800 of 1000 bytes', { offset: 799 }],
  ])('%s', (by, near, text, below) => {
    expect(runAfter(reconcile(scene(stream(below)), rules, NOW), 'w-000001')?.warnings).toBeUndefined();
    const first = scene(stream({ offset: 11, ...near }));
    const made = reconcile(first, rules, NOW);
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'running', warnings: [{ by, text, at: NOW }] });
    expect(made.commit.history?.filter(({ event }) => event === 'warned')).toMatchObject([{ detail: `${by}: ${text}`, task: 'local-1' }]);
    const again = reconcile(written(first, made), rules, NOW + 1_000);
    expect(again.commit.history).toEqual([]);
  });

  it.each([
    ['limits.run_time', NOW + 70_000, NOW + 69_999, stream({ lastEventAt: NOW + 69_000 }), 'runs for 80s of 100s'],
    ['limits.silence', NOW + 40_000, NOW + 39_999, heard, 'no output for 40s of 50s'],
  ])('%s, at its moment and no sooner', (by, at, before, facts, text) => {
    const early = reconcile(scene(facts), rules, before);
    expect(runAfter(early, 'w-000001')?.warnings).toBeUndefined();
    expect(early.wakeAt).toBeLessThanOrEqual(at);
    expect(runAfter(reconcile(scene(facts), rules, at), 'w-000001')?.warnings).toEqual([{ by, text, at }]);
  });

  it('says nothing of it where the limit is reached: that has its own end', () => {
    const made = reconcile(scene(stream({ turns: 101 })), rules, NOW);
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'budget', by: 'limits.turns' } });
    expect(runAfter(made, 'w-000001')?.warnings).toBeUndefined();
  });
});

describe('tokens and dollars are the task’s', () => {
  const before = { tasks: [active('local-1', 'w-000001', { spent: { tokens: 300, usd: 6 } })] };

  it('what earlier runs have used counts', () => {
    const made = reconcile(scene(stream({ spend: spend(4.5) }), before), rules, NOW);
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'budget', reason: '$10.50 of $10.00' } });
  });

  it('what is only estimated counts as well, and is called an estimate', () => {
    const guessed = { ...spend(4.5), usdEstimated: 4.5 };
    const made = reconcile(scene(stream({ spend: guessed }), before), rules, NOW);
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'budget', reason: '≈ $10.50 of $10.00' } });
  });

  it.each([
    ['a fresh attempt has all of it again', {}, undefined],
    ['the same conversation goes on with the rest', { continue: true }, { tokens: 300, usd: 6 }],
  ])('retried by a person: %s', (_name, args, spent) => {
    const failure = { type: 'budget', message: '', at: NOW - 9 } as const;
    const facts = {
      ...run,
      state: 'settled',
      startedAt: 0,
      endedAt: NOW - 9,
      exit: null,
      rebooted: false,
      cause: null,
      failedStart: null,
    } as const;
    const made = reconcile(
      world({
        tasks: [{ ...before.tasks[0], state: 'failed', run: 'w-000001', at: NOW - 9, failure } as World['tasks'][number]],
        runs: [{ ...facts, stream: heard } as Run],
        requests: [{ id: 1, at: NOW, verb: 'retry', task: 'local-1', args }],
        fleet: { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 2 },
      }),
      rules,
      NOW,
    );
    expect(taskAfter(made, 'local-1')).toMatchObject({ state: 'pending' });
    expect(taskAfter(made, 'local-1')?.spent).toEqual(spent);
  });
});

describe('dollars per day', () => {
  const rules100 = policy({ limits: { ...limits, usdPerDay: 100 } });
  const fleet = (usd: number, start = NOW - 3_600_000): World['fleet'] => ({
    ...{ pausedAt: null, parked: null, providerErrors: 0, nextLocal: 1 },
    day: { start, usd },
  });
  const waiting = (one: World['fleet']) => reconcile(world({ tasks: [pending('local-2')], fleet: one }), rules100, NOW);
  const texts = (made: ReturnType<typeof waiting>) => made.notes.map(({ text }) => text).join(' | ');

  it('what a stream says is counted to the day with it, once', () => {
    const first = scene(stream({ offset: 20, spend: spend(2.5) }), { fleet: fleet(1) });
    const made = reconcile(first, rules100, NOW);
    expect(made.commit.facts?.fleet).toMatchObject({ day: { start: NOW - 3_600_000, usd: 3.5 } });
    expect(reconcile(written(first, made), rules100, NOW).commit.facts?.fleet).toBeUndefined();
  });

  it('what is estimated counts while it runs, and is taken back when the agent states less', () => {
    const guessed = { ...spend(4), usdEstimated: 4, tokensUnpriced: 7 };
    const first = scene(stream({ offset: 20, spend: guessed }), { fleet: { ...fleet(97), day: { start: NOW - 3_600_000, usd: 97 } } });
    const made = reconcile(first, rules100, NOW + 60_000);
    const day = (made.commit.facts?.fleet as World['fleet'] | undefined)?.day;
    expect(day).toEqual({ start: NOW - 3_600_000, usd: 101, usdEstimated: 4, tokensUnpriced: 7 });
    expect(texts(waiting({ ...fleet(0), ...(day === undefined ? {} : { day }) }))).toContain('more than $101.00 of $100.00');
    const stated = { ...written(first, made), streams: new Map([['w-000001' as const, stream({ offset: 30, spend: spend(3) })]]) };
    const after = reconcile(stated, rules100, NOW + 120_000).commit.facts?.fleet as World['fleet'] | undefined;
    expect(after?.day).toEqual({ start: NOW - 3_600_000, usd: 100 });
  });

  it('nothing new starts beyond it before midnight, and it is said', () => {
    const made = waiting(fleet(100.2));
    expect(made.actions).toEqual([]);
    expect(texts(made)).toBe('$100.20 of $100.00 for today are spent (limits.usd_per_day): nothing new starts before midnight');
    expect(made.wakeAt).toBeLessThanOrEqual(NOW + 82_800_000);
  });

  it('is told of at four fifths', () => {
    expect(texts(waiting(fleet(80)))).toContain('$80.00 of $100.00 for today are spent');
    expect(waiting(fleet(80)).actions).toHaveLength(1);
  });

  it('another day begins at nothing', () => {
    const made = waiting(fleet(500, NOW - 90_000_000));
    expect(made.actions).toHaveLength(1);
    expect(texts(made)).toBe('');
  });
});

describe('the disk that a task uses', () => {
  const rule = policy({ limits: { ...limits, diskBytes: 1000 * 2 ** 20 } });
  const used = (mib: number, more: Partial<World> = {}) =>
    scene(heard, { upkeep: upkeep({ measured: new Map([['w-000001', { bytes: mib * 2 ** 20, at: NOW - 1_000, took: 100 }]]) }), ...more });

  it('is warned of at four fifths, and ends the run beyond its limit', () => {
    expect(runAfter(reconcile(used(799), rule, NOW), 'w-000001')?.warnings).toBeUndefined();
    const text = 'its worktree and home take 800 MiB of 1000 MiB';
    expect(runAfter(reconcile(used(800), rule, NOW), 'w-000001')).toMatchObject({
      state: 'running',
      warnings: [{ by: 'limits.disk', text }],
    });
    expect(runAfter(reconcile(used(1001), rule, NOW), 'w-000001')).toMatchObject({
      state: 'stopping',
      cause: { type: 'output_limit', by: 'limits.disk', reason: 'its worktree and home take 1001 MiB of 1000 MiB' },
    });
    expect(runAfter(reconcile(used(1001, { unread: new Map([['w-000001', 'gone']]) }), rule, NOW), 'w-000001')?.state).toBe('stopping');
    expect(runAfter(reconcile(used(1001), rules, NOW), 'w-000001')?.state ?? 'running').toBe('running');
  });

  const asked = (one: Run, took: number, now: number, rule_ = rule) => {
    const measured = new Map([['w-000001' as const, { bytes: 1, at: NOW, took }]]);
    const made = reconcile(scene(heard, { upkeep: upkeep({ measured }) }, one), rule_, now);
    return made.chores.filter(({ kind }) => kind === 'measure').length;
  };

  it('is looked at again after ten seconds, or after twenty times what the look took; not without a limit, nor on another machine', () => {
    expect([asked(run, 100, NOW + 9_000), asked(run, 100, NOW + 10_100)]).toEqual([0, 1]);
    expect([asked(run, 1_000, NOW + 20_000), asked(run, 1_000, NOW + 21_000)]).toEqual([0, 1]);
    expect(asked(run, 100, NOW + 11_000, rules)).toBe(0);
    expect(asked({ ...run, machine: 'one' }, 100, NOW + 11_000)).toBe(0);
  });
});

describe('no progress', () => {
  const circling = stream({ offset: 12, circling: { since: NOW - 60_000, calls: 14 }, activity: 'Bash: npm test' });
  const standing = (since: number, seenAt: number) => ({ upkeep: upkeep({ standing: new Map([['w-000001', { since, seenAt }]]) }) });

  it('the same calls again and again over an unchanged worktree: a warning, not an end', () => {
    const made = reconcile(scene(circling, standing(NOW - 600_000, NOW - 10_000)), rules, NOW);
    const text = 'the last 14 tool calls repeat (Bash: npm test), and nothing in the worktree has changed for 10m';
    expect(runAfter(made, 'w-000001')).toMatchObject({ state: 'running', warnings: [{ by: 'no progress', text }] });
  });

  it.each([
    ['the worktree has changed since', standing(NOW - 30_000, NOW - 10_000)],
    ['nobody has looked at the worktree since', standing(NOW - 600_000, NOW - 70_000)],
    ['nobody has looked at the worktree at all', {}],
  ])('nothing is said while %s', (_name, more) => {
    expect(runAfter(reconcile(scene(circling, more), rules, NOW), 'w-000001')?.warnings).toBeUndefined();
  });
});
