import { expect, test } from 'vitest';
import { ended, NOW, pending, policy, runAfter, taskAfter, world } from '../../../test/support/world/world.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { CODEX } from '../../agents/codex/abilities.ts';
import type { AgentOf } from '../agent/abilities.ts';
import { type Fleet, NEW_FLEET, type Parking } from '../model/fleet.ts';
import { EMPTY_STREAM, type Run, type StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Task, TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { Plan } from '../tick/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';

const HOUR = 3_600_000;
const plain: AgentOf = { kind: 'claude', can: CLAUDE, model: null };
const deep: AgentOf = { profile: 'deep', login: 'deep', kind: 'codex', can: CODEX, model: null };
const spare: AgentOf = { profile: 'spare', login: 'spare', kind: 'claude', can: CLAUDE, model: null };
const rules = (nextRoute: boolean, more: Partial<Policy> = {}): Policy =>
  policy({
    agent: plain,
    agents: { deep, spare },
    routes: [
      { when: { priority: 1 }, model: null, agent: 'deep' },
      { when: { priority: 1 }, model: null, agent: 'spare' },
    ],
    limits: { ...DEFAULT_POLICY.limits, nextRoute },
    ...more,
  });
const limit = (until: Ms, login?: string): Parking => ({
  ...{ type: 'usage_limit', until, since: NOW - 1000, run: 'w-000009', message: '429', confirmed: true },
  ...(login !== undefined && { login }),
});
const local = (n: number, more: Partial<Task> = {}): Task => ({ ...pending(`local-${n}`), armedBy: 'person', ...more }) as Task;
const begun = (plan: Plan): readonly Run[] => (plan.commit.runs ?? []).map(({ next }) => next).filter(({ state }) => state === 'preparing');
const refused = (until: Ms): StreamFacts => ({
  ...EMPTY_STREAM,
  session: 's',
  activity: 'Bash: npm test',
  limitedUntil: until,
  result: { end: 'refused', isError: true, subtype: '', terminalReason: null, apiErrorStatus: 429, text: 'limit', at: NOW },
});
const OVER = {
  saved: { ref: null, commit: null },
  mended: { done: [] },
  wip: { commit: null },
  inspection: { head: null, commits: 0, dirty: false, question: null },
  logged: true,
} as const;

test('a limit of one login holds its tasks alone; those of another go on', () => {
  const fleet = { ...NEW_FLEET, logins: { deep: { parked: limit(NOW + HOUR, 'deep'), providerErrors: 1 } } };
  const made = reconcile(world({ forge: 'none', fleet, tasks: [local(1, { priority: 1 }), local(2)] }), rules(false), NOW);
  expect(begun(made).map(({ task, agent }) => [task, agent.profile ?? 'default'])).toEqual([['local-2', 'default']]);
  expect(made.notes.find(({ task }) => task === 'local-1')).toMatchObject({
    text: 'parked the login deep: usage_limit: 429',
    until: NOW + HOUR,
  });
});

test('all logins parked: nothing starts until the first of them is let go', () => {
  const parked = (n: number, login: string) => ({ parked: limit(NOW + n * HOUR, login), providerErrors: 1 });
  const fleet = { ...NEW_FLEET, ...parked(3, 'default'), logins: { deep: parked(2, 'deep'), spare: parked(1, 'spare') } };
  const made = reconcile(world({ forge: 'none', fleet, tasks: [local(1), local(2)] }), rules(true), NOW);
  expect(begun(made)).toEqual([]);
  expect(made.notes).toMatchObject([{ task: null, gate: 'parked', until: NOW + HOUR }]);
});

test('by setting the next route that fits takes over at once, in a conversation of its own, told of the one before', () => {
  const fleet = { ...NEW_FLEET, logins: { deep: { parked: limit(NOW + HOUR, 'deep'), providerErrors: 1 } } };
  const last = {
    type: 'usage_limit',
    message: '429',
    at: NOW,
    until: NOW + HOUR,
    cutOff: { login: 'deep', agent: 'deep (codex)', doing: 'Bash: npm test' },
  } as const;
  const resume = { run: 'w-000001', session: 's', message: 'Go on.', because: 'usage_limit' } as const;
  const task = local(1, { priority: 1, runs: 1, retryAt: NOW + HOUR, last, resume } as Partial<Task>);
  const look = world({ forge: 'none', fleet, tasks: [task] });
  expect(begun(reconcile(look, rules(false), NOW))).toEqual([]);
  const [run] = begun(reconcile(look, rules(true), NOW));
  expect(run).toMatchObject({
    agent: { profile: 'spare' },
    attempt: 1,
    resumes: null,
    takesOver: { agent: 'deep (codex)', because: 'usage_limit', doing: 'Bash: npm test' },
  });
  // Its own login again: its own conversation.
  const later = { ...look, fleet: NEW_FLEET };
  const [own] = begun(reconcile(later, rules(true), NOW + 2 * HOUR));
  expect(own).toMatchObject({ agent: { profile: 'deep' }, resumes: { session: 's' } });
  expect(own).not.toHaveProperty('takesOver');
});

test('a task whose agent a person named waits for that one', () => {
  const fleet = { ...NEW_FLEET, logins: { deep: { parked: limit(NOW + HOUR, 'deep'), providerErrors: 1 } } };
  const made = reconcile(world({ forge: 'none', fleet, tasks: [local(1, { agent: 'deep' })] }), rules(true), NOW);
  expect(begun(made)).toEqual([]);
});

test('what a provider says to a login is kept with that login, and taken away with its end', () => {
  const look = world({
    forge: 'none',
    tasks: [{ ...local(1), state: 'active', run: 'w-000001', startedAt: NOW, last: null } as Task],
    runs: [ended('w-000001', 'local-1', { agent: deep, stream: refused(NOW + HOUR), settlement: OVER })],
  });
  const made = reconcile(look, rules(false), NOW);
  const fleet = (made.commit.facts?.fleet as Fleet | undefined) ?? NEW_FLEET;
  expect(fleet).toMatchObject({
    parked: null,
    logins: { deep: { parked: { type: 'usage_limit', login: 'deep' }, claim: { task: 'local-1' } } },
  });
  expect(taskAfter(made, 'local-1')).toMatchObject({
    attempts: 0,
    last: { cutOff: { login: 'deep', agent: 'deep (codex)', doing: 'Bash: npm test' } },
    resume: { session: 's' },
  });
  expect(reconcile(world({ forge: 'none', fleet }), rules(false), NOW + 2 * HOUR).commit.facts?.fleet).toMatchObject({
    logins: { deep: { parked: null } },
  });
});

/** Each login takes so many runs in five hours, then says until when it takes none. */
const QUOTA = 2;
const WINDOW = 5 * HOUR;
/** What comes at once, by turns: more than one login takes, and by and by no more than all do. */
const BURSTS = [
  [1, 1, 1, 2, 3],
  [3, 3, 2, 2, 3],
] as const;

test.each([false, true])('a week with three logins and their limits burns no attempt; next route: %s', (nextRoute) => {
  const taking = rules(nextRoute, {
    slots: 4,
    routes: [
      { when: { priority: 1 }, model: null, agent: 'deep' },
      { when: { priority: 3 }, model: null, agent: 'spare' },
      ...rules(true).routes,
    ],
  });
  let tasks: readonly Task[] = [];
  let runs: readonly Run[] = [];
  let fleet: Fleet = NEW_FLEET;
  const used = new Map<string, { from: Ms; runs: number }>();
  const seen = { done: 0, limits: 0, taken: 0, named: 0 };
  const resumed = new Set<TaskId>();
  for (let hour = 0; hour < 7 * 24; hour += 0.5) {
    const now = NOW + hour * HOUR;
    for (let n = 0; hour % 5 === 0 && n < 5; n += 1) {
      seen.named += 1;
      tasks = [...tasks, local(seen.named, { priority: BURSTS[(hour / 5) % 2]?.[n] ?? 2, addedAt: now })];
    }
    const fresh = [0, 1, 2, 3].map((n) => ({
      run: `w-${String(Math.round(hour * 4) * 4 + n).padStart(6, '0')}` as const,
      session: `s-${hour}-${n}`,
    }));
    const made = reconcile(world({ forge: 'none', fleet, tasks, runs, fresh } as Partial<World>), taking, now);
    fleet = (made.commit.facts?.fleet as Fleet | undefined) ?? fleet;
    tasks = tasks.map((task) => taskAfter(made, task.id) ?? task);
    runs = [...runs.map((run) => runAfter(made, run.id) ?? run), ...begun(made)].filter(
      ({ state, task }) => state !== 'settled' || tasks.some(({ id }) => id === task),
    );
    for (const run of runs.filter(({ state }) => state === 'preparing')) {
      const login = run.agent.login ?? 'default';
      const window = used.get(login);
      const open = window !== undefined && now - window.from < WINDOW ? window : { from: now, runs: 0 };
      used.set(login, { ...open, runs: open.runs + 1 });
      const limited = open.runs >= QUOTA;
      if (run.takesOver !== undefined) seen.taken += 1;
      if (run.resumes !== null) resumed.add(run.task);
      if (limited) {
        seen.limits += 1;
        const facts = {
          agent: run.agent,
          session: run.session,
          stream: { ...refused(open.from + WINDOW), session: run.session },
          settlement: OVER,
        };
        runs = runs.map((one) => (one.id === run.id ? { ...ended(run.id, run.task, facts), createdAt: now } : one)) as readonly Run[];
      } else {
        seen.done += 1;
        tasks = tasks.filter(({ id }) => id !== run.task);
        runs = runs.filter(({ task }) => task !== run.task);
      }
    }
    expect(tasks.filter(({ attempts, state }) => attempts > 0 || state === 'failed')).toEqual([]);
  }
  expect(seen.limits).toBeGreaterThan(10);
  expect(seen.done).toBeGreaterThan(seen.named - 12);
  if (nextRoute) expect(seen.taken).toBeGreaterThan(0);
  else expect([seen.taken, resumed.size > 0]).toEqual([0, true]);
});
