import { describe, expect, it } from 'vitest';
import { active, ended, NOW, policy, seen, taskAfter, trigger, world, written } from '../../../test/support/world/world.ts';
import { type Fleet, NEW_FLEET, transitionFleet } from '../model/fleet.ts';
import { EMPTY_STREAM, type StreamFacts } from '../model/run.ts';
import type { RunId, TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import { DEFAULT_POLICY, type Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { jitter } from './retry.ts';

const HOUR = 3_600_000;
/** What the provider answered. */
const refusal = (status: number, limitedUntil: number | null = null): Partial<StreamFacts> => ({
  limitedUntil,
  result: {
    end: 'refused' as const,
    isError: true,
    subtype: 'success',
    terminalReason: null,
    apiErrorStatus: status,
    text: 'refused',
    at: NOW,
  },
});
/** Runs of local tasks 1, 2, … that have ended with such an answer and are about to be judged. */
const judged = (answers: readonly Partial<StreamFacts>[], more: Partial<World> = {}, turns = 0): World =>
  world({
    forge: 'none',
    tasks: answers.map((_, n) => active(`local-${n + 1}`, `w-00000${n + 1}`)),
    runs: answers.map((answer, n) =>
      ended(`w-00000${n + 1}`, `local-${n + 1}`, {
        stream: { ...EMPTY_STREAM, session: 's', turns, ...answer },
        settlement: {
          saved: { ref: null, commit: null },
          mended: { done: [] },
          wip: { commit: null },
          inspection: { head: null, commits: 0, dirty: false, question: null },
          logged: true,
        },
      }),
    ),
    ...more,
  });
const retryAt = (made: ReturnType<typeof reconcile>, id: TaskId) => {
  const task = taskAfter(made, id);
  return task?.state === 'pending' ? (task.retryAt ?? 0) : null;
};
const said = (made: ReturnType<typeof reconcile>) =>
  (made.commit.history ?? []).flatMap(({ event, detail }) => (event === 'parked' || event === 'unparked' ? [`${event} ${detail}`] : []));
const rules = (park: boolean): Policy => policy({ limits: { ...DEFAULT_POLICY.limits, park } });

describe('a usage limit', () => {
  const until = NOW + 2 * HOUR;
  const limited = refusal(429, until);

  it('makes only its own task wait where an agent is known by its lines alone: anybody may have written the last one', () => {
    const can = {
      words: 'none',
      steer: 'none',
      interrupt: false,
      resume: false,
      attach: false,
      stopHooks: false,
      cost: 'none',
      end: 'exit',
    } as const;
    const seen = judged([{ activity: 'rate limit reached, resets in 7 days' }]);
    const runs = [...seen.runs].map((run) => ({ ...run, agent: { ...run.agent, can }, exit: { code: 1, at: NOW } }));
    const made = reconcile({ ...seen, runs } as World, policy(), NOW);
    expect(taskAfter(made, 'local-1')).toMatchObject({ state: 'pending' });
    expect(retryAt(made, 'local-1')).toBeGreaterThanOrEqual(NOW + 7 * 24 * HOUR);
    expect(made.commit.facts?.fleet ?? null).toBeNull();
  });

  it('parks the fleet until it resets, burns no attempt, is told once, and conversations go on a little apart', () => {
    const made = reconcile(judged([limited, limited, limited]), policy(), NOW);
    expect(made.commit.facts?.fleet).toMatchObject({ parked: { type: 'usage_limit', until } });
    const times = [1, 2, 3].map((n) => retryAt(made, `local-${n}`) ?? 0);
    for (const at of times) expect(at >= until && at <= until + 60_000).toBe(true);
    expect(new Set(times).size).toBe(3);
    expect([1, 2, 3].map((n) => taskAfter(made, `local-${n}`)?.attempts)).toEqual([0, 0, 0]);
    expect(said(made)).toHaveLength(1);
    const over = reconcile(written(judged([limited]), made), policy(), until + 1);
    expect(said(over)).toEqual(['unparked usage_limit is over']);
  });

  it('is confirmed by a second task, also where another trouble was told in between', () => {
    const met = (task: 'local-2' | 'local-3', ago: number, type: 'usage_limit' | 'provider_error') =>
      ({ type, task, at: NOW - ago }) as const;
    const told = [met('local-3', 40 * 60_000, 'usage_limit'), met('local-2', 10 * 60_000, 'provider_error')];
    const fleet = told.reduce<Fleet>((so, claim) => transitionFleet(so, { kind: 'claimed', claim }), NEW_FLEET);
    const made = reconcile(judged([limited], { fleet }), policy(), NOW);
    expect(made.commit.facts?.fleet).toMatchObject({ parked: { type: 'usage_limit', until, confirmed: true } });
  });

  it('with limits.park off holds back only the task that met it', () => {
    const made = reconcile(judged([limited]), rules(false), NOW);
    expect(made.commit.facts?.fleet).toBeUndefined();
    expect(retryAt(made, 'local-1')).toBeGreaterThanOrEqual(until);
    expect(taskAfter(made, 'local-1')).toMatchObject({ state: 'pending', attempts: 0, resume: { session: 's' } });
  });

  it('the wait is lengthened by the run’s name: the same each time, spread over the whole of it', () => {
    const parts = Array.from({ length: 200 }, (_, n) => jitter(`w-${n.toString(16).padStart(6, '0')}` as RunId, 2 * HOUR));
    expect(parts).toEqual(Array.from({ length: 200 }, (_, n) => jitter(`w-${n.toString(16).padStart(6, '0')}` as RunId, 2 * HOUR)));
    const tenths = new Set(parts.map((ms) => Math.floor(ms / 6_000)));
    expect(tenths.size).toBeGreaterThanOrEqual(9);
    expect(Math.max(...Array.from({ length: 200 }, (_, n) => jitter(`w-${n}`, 10_000)))).toBeLessThanOrEqual(1_000);
  });
});

describe('provider errors', () => {
  const refused = refusal(500);
  const until = (more: Partial<World>, turns = 0): number => {
    const made = reconcile(judged([refused], more, turns), policy(), NOW);
    return (made.commit.facts?.fleet as World['fleet']).parked?.until ?? 0;
  };
  const inARow = (providerErrors: number) => ({ fleet: { pausedAt: null, parked: null, providerErrors, nextLocal: 9 } });

  it('back the fleet off together, longer each time in a row; an answer in between begins anew', () => {
    expect(until(inARow(0)) - NOW).toBe(60_000);
    expect(until(inARow(2)) - NOW).toBe(240_000);
    expect(until(inARow(2), 5) - NOW).toBe(60_000);
    expect(until(inARow(60)) - NOW).toBe(30 * 60_000);
  });
});

describe('a refused login', () => {
  const refused = refusal(401);
  const first = judged([refused, refused]);
  const made = reconcile(first, policy(), NOW);
  const parked = (logins: string | null, more: Partial<World> = {}): World => ({ ...written(first, made), logins, ...more });

  it('parks the fleet until somebody has looked; one alert for all who meet it', () => {
    expect(made.commit.facts?.fleet).toMatchObject({ parked: { type: 'auth_error', until: null } });
    expect(said(made)).toEqual([
      'parked auth_error: 401: refused; nothing starts until `tac8 resume` says that it is mended, or the agent’s login changes; while only one task was told so, the others try again in half an hour',
    ]);
    // They go on with the fleet, and have used no attempt up.
    expect([1, 2].map((n) => taskAfter(made, `local-${n}`))).toMatchObject(Array(2).fill({ state: 'pending', attempts: 0, retryAt: NOW }));
    expect(said(reconcile(parked(null), policy(), NOW + 100 * HOUR))).toEqual([]);
  });

  it('also with limits.park off: nobody’s task could do better', () => {
    expect(reconcile(first, rules(false), NOW).commit.facts?.fleet).toMatchObject({ parked: { type: 'auth_error' } });
  });

  it('ends by itself with another login, and not before', () => {
    const learnt = parked('one');
    const then = reconcile(learnt, policy(), NOW + 1);
    const same = written(learnt, then);
    expect(said(reconcile(same, policy(), NOW + 2))).toEqual([]);
    const other = reconcile({ ...same, logins: 'two' }, policy(), NOW + 3);
    expect(said(other)).toEqual(['unparked the agent’s login has changed since auth_error: trying again']);
    expect(other.commit.facts?.fleet).toMatchObject({ parked: null });
  });

  it('ends by `tac8 resume`', () => {
    const asked = parked('one', {
      requests: [{ id: 1, at: NOW, verb: 'resume', task: null, args: {} }],
      triggers: new Map([[1, seen(trigger())]]),
    });
    expect(reconcile(asked, policy(), NOW + 1).commit.facts?.fleet).toMatchObject({ parked: null });
  });
});

describe('what one task alone was told', () => {
  const HALF = HOUR / 2;
  const week = refusal(429, NOW + 7 * 24 * HOUR);

  it.each([
    ['a limit for a week', week],
    ['a refused login', refusal(401)],
  ])('%s holds the others for half an hour, and the same task cannot make it longer', (_, answer) => {
    const first = judged([answer]);
    const then = written(first, reconcile(first, policy(), NOW));
    expect(then.fleet.parked).toMatchObject({ since: NOW });
    expect(said(reconcile(then, policy(), NOW + HALF - 1))).toEqual([]);
    expect(said(reconcile(then, policy(), NOW + HALF))).toEqual([expect.stringMatching(/^unparked .* was told to one task alone/)]);
    const again = judged([answer], { fleet: { ...then.fleet, parked: null } });
    const more = written(again, reconcile(again, policy(), NOW + HALF + 1));
    expect(said(reconcile(more, policy(), NOW + 2 * HALF + 2))).toEqual([expect.stringMatching(/^unparked /)]);
  });

  it('counts in full once a second task is told the same, soon after', () => {
    const first = judged([week]);
    const { fleet } = written(first, reconcile(first, policy(), NOW));
    const second = judged([week], { fleet: { ...fleet, parked: null } });
    const renamed = {
      ...second,
      tasks: second.tasks.map((task) => ({ ...task, id: 'local-2' as TaskId })),
      runs: second.runs.map((run) => ({ ...run, task: 'local-2' as TaskId })),
    };
    const soon = written(renamed, reconcile(renamed, policy(), NOW + HALF + 1));
    expect(said(reconcile(soon, policy(), NOW + 48 * HOUR))).toEqual([]);
    expect(said(reconcile(soon, policy(), NOW + 7 * 24 * HOUR))).toEqual(['unparked usage_limit is over']);
    const late = written(renamed, reconcile(renamed, policy(), NOW + 5 * HALF));
    expect(said(reconcile(late, policy(), NOW + 48 * HOUR))).toEqual([expect.stringMatching(/^unparked /)]);
  });
});

describe('a limit without a stated end', () => {
  it.each([
    [0, 5_000],
    [1, 20_000],
    [2, 80_000],
    [3, 320_000],
    [4, 900_000],
    [20, 900_000],
  ])('after %i in a row the fleet waits for %i ms, and no attempt is burned', (before, wait) => {
    const fleet = { pausedAt: null, parked: null, providerErrors: before, nextLocal: 2 };
    const made = reconcile(judged([refusal(429)], { fleet }), policy(), NOW);
    expect(made.commit.facts?.fleet).toMatchObject({ parked: { type: 'usage_limit', until: NOW + wait } });
    expect(taskAfter(made, 'local-1')).toMatchObject({
      state: 'pending',
      attempts: 0,
      last: { message: expect.stringMatching(/^a rate limit that does not say when it ends: /) },
    });
  });

  it('one that had answers meanwhile met a new one', () => {
    const fleet = { pausedAt: null, parked: null, providerErrors: 4, nextLocal: 2 };
    const made = reconcile(judged([refusal(429)], { fleet }, 3), policy(), NOW);
    expect(made.commit.facts?.fleet).toMatchObject({ parked: { until: NOW + 5_000 } });
  });
});
