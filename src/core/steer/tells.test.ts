import { describe, expect, it } from 'vitest';
import {
  active,
  alive,
  ended,
  failed,
  issue,
  NOW,
  policy,
  runAfter,
  running,
  seen,
  starting,
  world,
  written,
} from '../../../test/support/world/world.ts';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import type { Fleet } from '../model/fleet.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import type { Run, StreamFacts, Tell } from '../model/run.ts';
import { transitionRun } from '../model/run-transition.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';
import { letterOf, takenAt } from './tells.ts';

const ASKED = NOW - 100;
const request = (text = 'Use tabs.', id = 5) => ({ id, at: ASKED, verb: 'tell', task: 'gh-7' as const, args: { text } });
const letter = letterOf({ id: 5, at: ASKED }, 'Use tabs.');
const told = (more: Partial<Tell> = {}): Tell => ({ ...letter, via: 'input', saidAt: null, ...more });
const result = {
  end: 'completed' as const,
  isError: false,
  subtype: 'success',
  terminalReason: 'completed',
  apiErrorStatus: null,
  text: '',
  at: NOW,
};

const of = (run: Run, more: Partial<World> = {}) =>
  world({
    tasks: [active('gh-7', 'w-000001')],
    runs: [run],
    issues: seen([issue(7)]),
    processes: new Map([['w-000001', seen(run.state === 'starting' ? { kind: 'never' as const } : alive)]]),
    streams: new Map([['w-000001', run.stream]]),
    ...more,
  });
const look = (before: World, now = NOW) => reconcile(before, policy({ slots: 1 }), now);
const fleetOf = (made: ReturnType<typeof look>): Fleet => (made.commit.facts?.fleet as Fleet | undefined) ?? NEW_FLEET;
const at = (stream: Partial<StreamFacts>, more: Partial<Extract<Run, { state: 'running' }>> = {}): Run => {
  const run = running('w-000001', 'gh-7', more);
  return { ...run, stream: { ...run.stream, ...stream } };
};
const kinds = (made: ReturnType<typeof look>) => made.actions.map(({ kind }) => kind);
const answers = (made: ReturnType<typeof look>) => made.commit.answers?.map(({ message }) => message);

describe('a message to a running agent', () => {
  it('is written down as being said, in the same transaction in which it is taken in, and said', () => {
    const made = look(of(at({}), { requests: [request()] }));
    expect(made.actions).toEqual([{ kind: 'tell', run: 'w-000001', task: 'gh-7', ids: [5] }]);
    expect(runAfter(made, 'w-000001')?.tells).toEqual([told({ saidAt: NOW })]);
    expect(fleetOf(made).letters ?? {}).toEqual({});
    expect(made.commit.answers).toEqual([]);
  });

  it('is never said twice, whatever becomes of the daemon in between', () => {
    const first = of(at({}), { requests: [request()] });
    // Nothing of the action's came back: the daemon died, before or after the write.
    const after = { ...written(first, look(first)), busy: new Set<string>() };
    const made = look(after, NOW + 1_000);
    expect(kinds(made)).toEqual([]);
    expect(runAfter(made, 'w-000001')).toBeUndefined();
  });

  it('is said again where it is certain that it was not', () => {
    const again = at({}, { tells: [told({ notBefore: NOW + 2_000 })] });
    expect(look(of(again))).toMatchObject({ actions: [], wakeAt: NOW + 2_000 });
    expect(kinds(look(of(again), NOW + 2_000))).toEqual(['tell']);
  });

  it('is given once, however often', () => {
    const once = transitionRun(running('w-000001', 'gh-7'), { kind: 'told', tells: [told()] });
    expect(once?.tells).toEqual([told()]);
    expect(once && transitionRun(once, { kind: 'told', tells: [told()] })).toBeNull();
  });

  it('waits while something else is done for the run', () => {
    const made = look(of(at({}), { requests: [request()], busy: new Set(['w-000001']) }));
    expect(kinds(made)).toEqual([]);
    expect(runAfter(made, 'w-000001')?.tells).toEqual([told()]);
  });

  it.each<[string, Partial<StreamFacts>, string]>([
    ['a tool in hand', { tools: ['t'], heard: { [letter.uuid]: null } }, 'when its tool ends'],
    ['a reply under way', { tools: [], heard: { [letter.uuid]: null } }, 'when its reply ends'],
    ['no sign of it', {}, 'not acknowledged'],
  ])('%s: the person is told after ten seconds that it is queued', (_what, stream, words) => {
    const before = of(at(stream, { tells: [told({ saidAt: NOW })] }), { requests: [request()] });
    expect(look(before, ASKED + 9_999).commit.answers).toEqual([]);
    expect(answers(look(before, ASKED + 10_000))?.[0]).toContain(words);
  });

  it('is acknowledged: the person is told how long that took', () => {
    const heard = { [letter.uuid]: ASKED + 2_100 };
    const made = look(of(at({ heard }, { tells: [told({ saidAt: NOW })] }), { requests: [request()] }));
    expect(answers(made)).toEqual(['gh-7: taken up after 2.1 s']);
  });

  it('keeps its input open until it is acknowledged, or for ten seconds', () => {
    const rest = { result, inTurn: false };
    const tells = [told({ saidAt: NOW })];
    expect(kinds(look(of(at(rest)), NOW))).toEqual(['end-input']);
    expect(kinds(look(of(at(rest, { tells })), NOW + 9_999))).toEqual([]);
    expect(kinds(look(of(at(rest, { tells })), NOW + 10_000))).toEqual(['end-input']);
    expect(kinds(look(of(at({ ...rest, heard: { [letter.uuid]: NOW } }, { tells })), NOW))).toEqual(['end-input']);
    expect(kinds(look(of(at({ ...rest, inTurn: true, heard: { [letter.uuid]: NOW } }, { tells })), NOW))).toEqual([]);
  });
});

describe('a message that no agent can take now', () => {
  it.each<[string, Task, RegExp]>([
    ['failed', failed('gh-7'), /kept for the next run: it is failed; `tac8 retry gh-7 --continue`/],
    ['pending', { ...failed('gh-7'), state: 'pending', retryAt: NOW + 9e9, last: null, resume: null } as Task, /kept for the next run/],
  ])('%s: is kept, and the person is told so at once', (_what, task, words) => {
    const made = look(world({ tasks: [task], issues: seen([issue(7)]), requests: [request()] }));
    expect(answers(made)?.[0]).toMatch(words);
    expect(fleetOf(made).letters).toEqual({ 'gh-7': [letter] });
  });

  it.each<[string, Run, RegExp]>([
    ['another kind of agent', at({}, { agent: { kind: 'command', can: COMMAND, model: null } }), /takes no messages while it works/],
    ['one that is about to leave', at({ result }, { inputEnded: true }), /this one is ending/],
  ])('%s', (_what, run, words) => {
    const made = look(of(run, { requests: [request()] }));
    expect(answers(made)?.[0]).toMatch(words);
    expect(fleetOf(made).letters).toEqual({ 'gh-7': [letter] });
    expect(runAfter(made, 'w-000001')).toBeUndefined();
  });

  it('comes with the first message of the next run, and only before its first launch', () => {
    const fleet = { ...NEW_FLEET, letters: { 'gh-7': [letter] } };
    const made = look(of(starting('w-000001', 'gh-7'), { fleet }));
    expect(kinds(made)).toEqual(['launch']);
    expect(runAfter(made, 'w-000001')?.tells).toEqual([told({ via: 'prompt' })]);
    expect(fleetOf(made).letters).toEqual({});
    const adopted = look(of(starting('w-000001', 'gh-7'), { fleet, processes: new Map([['w-000001', seen(alive)]]) }));
    expect(runAfter(adopted, 'w-000001')).toMatchObject({ state: 'running' });
    expect(runAfter(adopted, 'w-000001')?.tells).toBeUndefined();
  });

  it.each([
    ['was not acknowledged', [told({ saidAt: NOW })], {}, [letter]],
    ['was never said', [told()], {}, [letter]],
    ['was taken up', [told({ saidAt: NOW })], { heard: { [letter.uuid]: NOW } }, []],
    ['came with a prompt that was never read', [told({ via: 'prompt' })], { turns: 0 }, [letter]],
    ['came with the prompt', [told({ via: 'prompt' })], { turns: 1 }, []],
  ])('%s when the run ended', (_what, tells, stream, kept) => {
    const base = ended('w-000001', 'gh-7');
    const settlement = { saved: { ref: null, commit: null }, inspection: { head: null, commits: 0, dirty: false, question: null } };
    const run = ended('w-000001', 'gh-7', { tells, settlement, stream: { ...base.stream, ...stream } });
    const made = look(of(run, { processes: new Map() }));
    expect(fleetOf(made).letters?.['gh-7'] ?? []).toEqual(kept);
    expect(runAfter(made, 'w-000001')?.tells).toHaveLength(1 - kept.length);
    // Its command is still open: it is not taken for a new one.
    const later = look({ ...written(of(run, { processes: new Map() }), made), requests: [request()] });
    expect(fleetOf(later).letters?.['gh-7']?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('a message is refused', () => {
  const refused = (text: string, more: Partial<World> = {}) =>
    look(world({ tasks: [failed('gh-7')], issues: seen([issue(7)]), requests: [request(text)], ...more })).commit.answers;
  it.each([
    ['empty', '  ', {}, 'the message is empty'],
    ['too long', 'x'.repeat(32_001), {}, '32001 characters'],
    [
      'one too many',
      'x',
      { fleet: { ...NEW_FLEET, letters: { 'gh-7': Array.from({ length: 20 }, (_, id) => ({ ...letter, id: id + 10 })) } } },
      '20 messages wait',
    ],
    ['to nobody', 'x', { tasks: [], issues: seen([]) }, 'no task gh-7'],
  ])('%s', (_what, text, more, words) => {
    expect(refused(text, more)).toMatchObject([{ ok: false, message: expect.stringContaining(words) }]);
  });
});

it('names differ by time and number', () => {
  expect(letter.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4000-8000-[0-9a-f]{12}$/);
  expect(
    new Set([letterOf({ id: 5, at: 1 }, ''), letterOf({ id: 5, at: 2 }, ''), letterOf({ id: 6, at: 1 }, '')].map(({ uuid }) => uuid)).size,
  ).toBe(3);
});

describe('a message in the prompt of a run whose launch nobody could record', () => {
  const spoken: Partial<StreamFacts> = { turns: 1, firstEventAt: NOW - 50 };
  it.each<[string, 'claude' | 'command', Partial<StreamFacts>, number | null, number | null]>([
    ['claude spoke', 'claude', spoken, 139, NOW - 50],
    ['claude spoke, and nobody wrote how it ended', 'claude', spoken, null, NOW - 50],
    ['claude ended before its first word', 'claude', {}, 1, null],
    ['a command ended', 'command', {}, 0, NOW - 10],
    ['a command wrote something and vanished', 'command', { firstEventAt: NOW - 50 }, null, NOW - 50],
    ['a command vanished without a trace', 'command', {}, null, null],
  ])('%s', (_, kind, stream, code, taken) => {
    const exit = code === null ? null : { code, at: NOW - 10 };
    const run: Run = ended('w-000001', 'gh-7', {
      startedAt: null,
      exit,
      agent: { kind, can: kind === 'command' ? COMMAND : CLAUDE, model: null },
    });
    expect(takenAt(told({ via: 'prompt' }), run, { ...run.stream, turns: 0, result: null, firstEventAt: null, ...stream })).toBe(taken);
  });
});
