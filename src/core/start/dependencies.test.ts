import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issue, NOW, pending, policy, pull, seen, taskAfter, trigger, world, written } from '../../../test/support/world/world.ts';
import { explain } from '../explain/explain.ts';
import type { Dependency } from '../model/forge.ts';
import { type Seen, unknown } from '../model/seen.ts';
import { issueNumber } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';

const MINUTE = 60_000;
const on = (number: number, open = true): Dependency => ({ name: `#${number}`, number, open });
const elsewhere = (name: string, open = true): Dependency => ({ name, number: null, open });
const answered = (...all: readonly (readonly [number, readonly Dependency[]])[]): World['dependencies'] =>
  new Map(all.map(([number, value]) => [number, seen(value)]));
const blocked = (number: number, open = 1, total = open) => issue(number, { dependencies: { open, total } });
const base = { tasks: [pending('gh-7')], triggers: new Map([[7, seen(trigger())]]) };
const plan = (more: Partial<World>, now = NOW) => reconcile(world({ ...base, ...more }), policy(), now);
const why = (more: Partial<World>, now = NOW) => {
  const told = explain(world({ ...base, ...more }), policy(), 'gh-7', now);
  return { ...told, gate: told.gates.find(({ name }) => name === 'depends') };
};

describe('a task whose issue depends on others', () => {
  it.each<[string, Partial<World>, string, boolean]>([
    ['none', { issues: seen([blocked(7, 0)]) }, 'it depends on no other issue', true],
    ['closed ones, says the list', { issues: seen([blocked(7, 0, 2)]) }, 'every issue that it depends on is closed', true],
    ['no server that tells', { issues: seen([issue(7)]) }, 'this GitHub does not report dependencies between issues', true],
    ['one nobody has asked for', { issues: seen([blocked(7)]) }, 'depends on 1 open issue; tac8 is looking up which', false],
    [
      'one that cannot be told',
      { issues: seen([blocked(7, 2)]), dependencies: new Map([[7, unknown('GitHub answered 502', NOW - MINUTE)]]) },
      'depends on 2 open issues; tac8 does not know which: GitHub answered 502',
      false,
    ],
    ['an open one', { issues: seen([blocked(7)]), dependencies: answered([7, [on(12)]]) }, 'depends on #12 (open)', false],
    [
      'open and closed ones, here and elsewhere',
      { issues: seen([blocked(7, 2, 3)]), dependencies: answered([7, [on(12), on(13, false), elsewhere('acme/parts#3')]]) },
      'depends on #12 (open), acme/parts#3 (open)',
      false,
    ],
    [
      'many',
      { issues: seen([blocked(7, 7)]), dependencies: answered([7, [1, 2, 3, 4, 5, 6, 8].map((number) => on(number))]) },
      'depends on #1 (open), #2 (open), #3 (open), #4 (open), #5 (open) and 2 more',
      false,
    ],
    [
      'one that the token may not see',
      { issues: seen([blocked(7, 1, 2)]), dependencies: answered([7, [on(12, false)]]) },
      'depends on 1 open issue that the token may not see',
      false,
    ],
    [
      'one that was closed since the list was asked for',
      { issues: seen([blocked(7)], NOW - 5), dependencies: answered([7, [on(12, false)]]) },
      'every issue that it depends on is closed: #12',
      true,
    ],
    [
      'one that was opened again since it was asked for',
      { issues: seen([blocked(7)], NOW + 5), dependencies: answered([7, [on(12, false)]]) },
      'depends on 1 open issue; tac8 is looking up which',
      false,
    ],
    [
      'one that the list calls closed and an older answer open',
      { issues: seen([blocked(7, 0, 1)]), dependencies: answered([7, [on(12)]]) },
      'every issue that it depends on is closed',
      true,
    ],
    [
      'nobody knows what',
      { issues: unknown('no answer', NOW - MINUTE) },
      'GitHub: tac8 does not know whether it depends on open issues: no answer',
      false,
    ],
  ])('%s', (_, more, text, starts) => {
    expect(why(more).gate).toMatchObject({ text, open: starts });
    expect(taskAfter(plan(more), 'gh-7')?.state === 'active').toBe(starts);
    expect(plan(more).actions).toHaveLength(starts ? 1 : 0);
  });

  it('asks which ones, of those that have any, whether or not a slot is free', () => {
    const issues = seen([blocked(7), issue(8), blocked(9, 0, 3)]);
    const tasks = [pending('gh-7'), pending('gh-8'), pending('gh-9')];
    expect(plan({ issues, tasks }).wanted).toMatchObject({ dependencies: [7], issues: [] });
    expect(reconcile(world({ ...base, issues, tasks }), policy({ slots: 0 }), NOW).wanted.dependencies).toEqual([7]);
  });

  it('says so, keeps since when, and forgets it when they are closed', () => {
    const open = world({ ...base, issues: seen([blocked(7)]), dependencies: answered([7, [on(12)]]) });
    const first = reconcile(open, policy(), NOW);
    expect(first.notes).toContainEqual({ task: 'gh-7', text: 'depends on #12 (open)', until: null });
    expect(taskAfter(first, 'gh-7')).toMatchObject({ state: 'pending', waits: { on: 'depends on #12 (open)', since: NOW } });
    expect(first.commit.history).toContainEqual({ at: NOW, task: 'gh-7', run: null, event: 'waits', detail: 'depends on #12 (open)' });
    const after = written(open, first);
    expect(reconcile(after, policy(), NOW + 1).commit.tasks).toEqual([]);
    expect(explain(after, policy(), 'gh-7', NOW + MINUTE)).toMatchObject({ sentence: 'depends on #12 (open)', since: NOW });

    const silent = reconcile({ ...after, issues: unknown('no answer', NOW) }, policy(), NOW + 2);
    expect(silent.notes).toContainEqual(
      expect.objectContaining({ task: 'gh-7', text: expect.stringMatching(/tac8 does not know whether .*: no answer/) }),
    );
    expect(silent.commit.tasks).toEqual([]);

    const another = { ...after, dependencies: answered([7, [on(12, false), on(13)]]) };
    const second = reconcile(another, policy(), NOW + MINUTE);
    expect(taskAfter(second, 'gh-7')).toMatchObject({ waits: { on: 'depends on #13 (open)', since: NOW } });
    const closed = { ...written(another, second), issues: seen([blocked(7, 0, 2)]) };
    const later = NOW + 2 * MINUTE;
    const third = reconcile({ ...closed, triggers: new Map([[7, seen(trigger(), later)]]) }, policy(), later);
    expect(third.commit.history?.map(({ event }) => event)).toEqual(['waits', 'started']);
    expect(taskAfter(third, 'gh-7')).toMatchObject({ state: 'active' });
    expect(taskAfter(third, 'gh-7')).not.toHaveProperty('waits');
  });

  it('takes no slot and holds up nobody, whatever its priority', () => {
    const tasks = [pending('gh-7', { priority: 0 }), pending('gh-8', { priority: 3 })];
    const made = reconcile(
      world({
        tasks,
        issues: seen([blocked(7), issue(8)]),
        dependencies: answered([7, [on(12)]]),
        triggers: new Map([
          [7, seen(trigger(), NOW - 60 * MINUTE)],
          [8, seen(trigger())],
        ]),
      }),
      policy({ slots: 1 }),
      NOW,
    );
    expect(made.actions).toMatchObject([{ kind: 'prepare', task: 'gh-8' }]);
    // Who labelled it is asked when it may start.
    expect(made.wanted.triggers).toEqual([]);
  });

  it('is said after who labelled it and before a person’s pull', () => {
    const told = why({
      issues: seen([blocked(7)]),
      dependencies: answered([7, [on(12)]]),
      triggers: new Map([[7, seen(trigger(false))]]),
      pulls: seen([pull(3, 'fix', { closes: [7] })]),
    });
    expect(told.gates.filter(({ open }) => !open).map(({ name }) => name)).toEqual(['refused', 'depends', 'pulls']);
  });

  it('says what will change it', () => {
    const told = why({ issues: seen([blocked(7)]), dependencies: answered([7, [on(12)]]) });
    expect(told).toMatchObject({ sentence: 'depends on #12 (open)', next: '#12 is closed, or taken off as a dependency on GitHub' });
  });
});

describe('a circle', () => {
  const tasks = [pending('gh-7'), pending('gh-8'), pending('gh-9')];
  const issues = seen([blocked(7), blocked(8), blocked(9)]);

  it('is named where it is known: all in it wait', () => {
    const more = { tasks, issues, dependencies: answered([7, [on(8)]], [8, [on(9)]], [9, [on(7)]]) };
    expect(why(more).sentence).toBe('depends on #8 (open), in a circle: #7 → #8 → #9 → #7');
    expect(why(more).next).toMatch(/takes off one of these/);
    expect(plan(more).actions).toEqual([]);
  });

  it('of others is none of its own, and one that may be open is none', () => {
    expect(why({ tasks, issues, dependencies: answered([7, [on(8)]], [8, [on(9)]], [9, [on(8)]]) }).sentence).toBe('depends on #8 (open)');
    expect(why({ tasks, issues, dependencies: answered([7, [on(8)]], [8, [on(7, false)]]) }).sentence).toBe('depends on #8 (open)');
    expect(why({ tasks, issues, dependencies: answered([7, [on(8)]]) }).sentence).toBe('depends on #8 (open)');
  });
});

describe('a task that a person wants, whose issue bears no label', () => {
  const mine = { tasks: [pending('gh-7', { armedBy: 'person' })], triggers: new Map() };

  it('asks the issue, then what it depends on', () => {
    expect(plan(mine)).toMatchObject({ actions: [], wanted: { issues: [7], dependencies: [] } });
    const single = new Map([[7, seen(blocked(7))]]);
    expect(plan({ ...mine, singles: single })).toMatchObject({ actions: [], wanted: { issues: [7], dependencies: [7] } });
    const open = { ...mine, singles: single, dependencies: answered([7, [on(12)]]) };
    expect(plan(open)).toMatchObject({ actions: [], notes: [{ task: 'gh-7', text: 'depends on #12 (open)' }] });
  });

  it('asks the issue once before its turn, and goes on where it waits', () => {
    const later = (more: Partial<World>) => reconcile(world({ ...base, ...mine, ...more }), policy({ slots: 0 }), NOW).wanted;
    expect(later({})).toMatchObject({ issues: [7], dependencies: [] });
    expect(later({ singles: new Map([[7, seen(issue(7, { dependencies: { open: 0, total: 1 } }))]]) })).toMatchObject({ issues: [] });
    expect(later({ singles: new Map([[7, seen(blocked(7))]]) })).toMatchObject({ issues: [7], dependencies: [7] });
    expect(later({ singles: new Map([[7, unknown('502', NOW)]]) })).toMatchObject({ issues: [], dependencies: [] });
  });

  it.each([
    ['depends on nothing', issue(7, { dependencies: { open: 0, total: 0 } })],
    ['is gone', null],
  ])('starts when it %s', (_, single) => {
    expect(plan({ ...mine, singles: new Map([[7, seen(single)]]) }).actions).toHaveLength(1);
  });

  it('waits while the issue cannot be told, or was told long ago', () => {
    const waits = (single: Seen<ReturnType<typeof issue>>) => plan({ ...mine, singles: new Map([[7, single]]) }).actions;
    expect(waits(unknown('502', NOW))).toEqual([]);
    expect(waits(seen(issue(7), NOW - 6 * MINUTE))).toEqual([]);
  });
});

it('an issue that is no task yet says what it will wait for', () => {
  const told = why({ tasks: [], issues: seen([blocked(7)]), dependencies: answered([7, [on(12)]]) });
  expect(told).toMatchObject({ state: 'unknown', gate: { text: 'depends on #12 (open)', open: false } });
});

it('a local task depends on nothing', () => {
  expect(plan({ tasks: [pending('local-1', { armedBy: 'person' })], issues: unknown('no answer', NOW) }).actions).toHaveLength(1);
});

it('whatever is known of dependencies: none that is known to depend on an open one starts, and none that depends on none waits for it', () => {
  const dependency = fc.record({ number: fc.integer({ min: 1, max: 6 }), open: fc.boolean() }).map(({ number, open }) => on(number, open));
  const answer = fc.oneof(
    fc
      .record({ list: fc.array(dependency, { maxLength: 4 }), at: fc.integer({ min: -5, max: 5 }) })
      .map(({ list, at }) => seen(list, NOW + at)),
    fc.constant(unknown('502', NOW)),
    fc.constant(undefined),
  );
  const one = fc.record({ open: fc.option(fc.nat(3)), more: fc.nat(2), answer, priority: fc.constantFrom(0, 1, 2, 3) });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.nat(6), (all, slots) => {
      const numbered = all.map((own, index) => ({ ...own, number: index + 1 }));
      const before = world({
        tasks: numbered.map(({ number, priority }) => pending(`gh-${number}`, { priority: priority as 0 | 1 | 2 | 3 })),
        issues: seen(
          numbered.map(({ number, open, more }) => issue(number, open === null ? {} : { dependencies: { open, total: open + more } })),
        ),
        triggers: new Map(numbered.map(({ number }) => [number, seen(trigger())])),
        dependencies: new Map(numbered.flatMap((own) => (own.answer === undefined ? [] : [[own.number, own.answer] as const]))),
        fresh: numbered.map(({ number }) => ({ run: `w-00000${number}`, session: `s${number}` })),
      });
      const made = reconcile(before, policy({ slots }), NOW);
      const started = new Set(made.actions.map(({ task }) => issueNumber(task)));
      const free = numbered.filter(({ open }) => open === null || open === 0);
      for (const { number, open, answer: told } of numbered) {
        const isOpen = (open ?? 0) > 0 && (told?.known !== true || told.value.some((dependency) => dependency.open));
        if (isOpen) expect(started).not.toContain(number);
      }
      // Those that wait for others leave the slots to those that do not.
      expect(started.size).toBeGreaterThanOrEqual(Math.min(free.length, slots));
      const again = reconcile(written(before, made), policy({ slots }), NOW);
      expect([again.commit.tasks, again.actions]).toEqual([[], []]);
    }),
  );
});
