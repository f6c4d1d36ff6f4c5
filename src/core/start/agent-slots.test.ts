import { expect, test } from 'vitest';
import { active, issue, NOW, pending, policy, running, trigger, world } from '../../../test/support/world/world.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { explain } from '../explain/explain.ts';
import { checkLimits } from '../limits/watchdogs.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import type { RunIn } from '../model/run.ts';
import { known } from '../model/seen.ts';
import type { Task, TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';

const plain = { kind: 'claude', can: CLAUDE, model: null };
const deep = { ...plain, profile: 'deep' };
const rules = policy({
  agent: plain,
  agents: { deep },
  slots: 5,
  own: { deep: { slots: 1, limits: { runTime: 30_000 } } },
  routes: [{ when: { priority: 1 }, model: null, agent: 'deep' }],
});
const local = (n: number, priority: 1 | 2): Task => ({ ...pending(`local-${n}`), armedBy: 'person', priority, addedAt: NOW + n }) as Task;
const looking = (tasks: readonly Task[], runs: ReturnType<typeof running>[] = []) => world({ forge: 'none', tasks, runs });
const begun = (look: ReturnType<typeof world>): readonly TaskId[] =>
  (reconcile(look, rules, NOW).commit.runs ?? []).filter(({ next }) => next.state === 'preparing').map(({ next }) => next.task);

test('one agent has no more workers than slots of its own; tasks of others go on', () => {
  expect(begun(looking([local(1, 1), local(2, 1), local(3, 2)]))).toEqual(['local-1', 'local-3']);
});

test('a worker that runs keeps the slot, and why says so', () => {
  const busy = looking([active('local-1', 'w-000001'), local(2, 1), local(3, 2)], [running('w-000001', 'local-1', { agent: deep })]);
  expect(begun(busy)).toEqual(['local-3']);
  expect(explain(busy, rules, 'local-2', NOW)).toMatchObject({
    sentence: 'waiting for a slot of the agent deep (1/1, agents.deep.slots)',
    next: 'a running worker of deep ends, or agents.deep.slots is raised',
  });
  expect(explain(busy, rules, 'local-2', NOW).gates).toContainEqual(
    expect.objectContaining({ name: 'route', open: true, text: 'the agent is deep (claude): routes[0] (priority 1) fits' }),
  );
});

test('an agent has the limits that are its own; another those of all', () => {
  const run = running('w-000001', 'local-1', { agent: deep, startedAt: NOW - 40_000 }) as RunIn<'running'>;
  const unseen = { stream: null, before: undefined, disk: undefined };
  expect(checkLimits(run, unseen, rules, NOW).cause).toMatchObject({ type: 'timeout', by: 'limits.run_time' });
  expect(checkLimits({ ...run, agent: plain }, unseen, rules, NOW).cause).toBeNull();
});

test('what the issue names is kept with its task where a route asks for it, and follows the issue', () => {
  const asks = { ...rules, routes: [{ when: { paths: ['src'] }, model: null, agent: 'deep' }] };
  const seen = (body: string) => ({ issues: known([issue(7, { body })], NOW), triggers: new Map([[7, known(trigger(), NOW)]]) });
  const made = reconcile(world({ tasks: [], ...seen('See src/a.ts.') }), asks, NOW).commit.tasks?.[0]?.next;
  expect(made).toMatchObject({ id: 'gh-7', paths: ['src/a.ts'] });
  const waits = { ...pending('gh-7', { title: 'Issue 7', pausedAt: 1 }), paths: ['src/a.ts'] } as Task;
  expect(reconcile(world({ tasks: [waits], ...seen('See docs/b.md.') }), asks, NOW).commit.tasks?.[0]?.next).toMatchObject({
    paths: ['docs/b.md'],
  });
  expect(reconcile(world({ tasks: [], ...seen('See src/a.ts.') }), rules, NOW).commit.tasks?.[0]?.next.paths).toBeUndefined();
});

test('what is left of the day chooses the agent of the run, and the run keeps why', () => {
  const cheap = { ...rules, own: {}, routes: [{ when: { usdLeft: 20 }, model: 'small' }] };
  const look = looking([local(1, 2)]);
  const fleet = { ...NEW_FLEET, day: { start: look.today.start, usd: 90 } };
  const agents = (spent: boolean) =>
    (reconcile({ ...look, ...(spent && { fleet }) }, cheap, NOW).commit.runs ?? []).map(({ next }) => [next.agent.model, next.agent.why]);
  expect(agents(true)).toEqual([['small', 'routes[0] (less than $20.00 left today) fits']]);
  expect(agents(false)).toEqual([[null, 'no route fits']]);
});
