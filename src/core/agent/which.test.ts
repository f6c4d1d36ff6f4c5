import { describe, expect, test } from 'vitest';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { CODEX } from '../../agents/codex/abilities.ts';
import { agentCalled, agentFor, agentName } from './which.ts';

const agent = { kind: 'claude', can: CLAUDE, model: 'sonnet' };
const deep = { profile: 'deep', kind: 'codex', can: CODEX, model: 'big' };
const routes = [
  { when: { labels: ['hard'] }, model: null, agent: 'deep' },
  { when: { labels: ['gone'] }, model: null, agent: 'no-more' },
  { when: { priority: 0 }, model: 'opus' },
  { when: { priority: 1 }, model: 'small', agent: 'deep' },
];
const choice = { agent, agents: { deep }, routes };
const noon = 12 * 60;
const chosen = (task: { labels?: readonly string[]; priority?: number; agent?: string }) => {
  const { profile, kind, model } = agentFor(choice, { labels: [], priority: 2, title: 'A title', attempts: 0, ...task }, noon);
  return [profile ?? 'default', kind, model];
};

describe('the agent of a task', () => {
  test.each([
    ['without a route', {}, ['default', 'claude', 'sonnet']],
    ['by a label', { labels: ['x', 'hard'] }, ['deep', 'codex', 'big']],
    ['by a route that names a model alone', { priority: 0 }, ['default', 'claude', 'opus']],
    ['by a route that names both', { priority: 1 }, ['deep', 'codex', 'small']],
    ['by the first route that fits', { labels: ['hard'], priority: 0 }, ['deep', 'codex', 'big']],
    ['by a route to one that is not there', { labels: ['gone'] }, ['default', 'claude', 'sonnet']],
    ['as a person named it, with its own model', { agent: 'deep', priority: 0 }, ['deep', 'codex', 'big']],
    ['as a person named the one under `agent`', { agent: 'default', labels: ['hard'] }, ['default', 'claude', 'sonnet']],
    ['as a person named one that is not there any more', { agent: 'no-more', labels: ['hard'] }, ['deep', 'codex', 'big']],
  ])('%s', (_, task, expected) => {
    expect(chosen(task)).toEqual(expected);
  });
});

test('a name of the table’s own prototype is no agent', () => {
  expect(['toString', '__proto__', 'constructor'].map((name) => agentCalled(choice, name))).toEqual([null, null, null]);
});

test('it is called by its name, and by what it is where the name does not say it', () => {
  expect([agent, deep, { ...deep, profile: 'codex' }].map(agentName)).toEqual(['claude', 'deep (codex)', 'codex']);
});

describe('a route', () => {
  const by = (when: Parameters<typeof agentFor>[0]['routes'][number]['when'], task: { title?: string; attempts?: number }, now = noon) =>
    agentFor(
      { agent, agents: { deep }, routes: [{ when, model: null, agent: 'deep' }] },
      { labels: [], priority: 2, title: 'Fix the Parser', attempts: 0, ...task },
      now,
    ).profile === 'deep';
  const at = (hour: number, minute = 0): number => hour * 60 + minute;

  test('by words of the title, in capitals or not', () => {
    expect([by({ title: 'the parser' }, {}), by({ title: 'lexer' }, {})]).toEqual([true, false]);
  });

  test('by the attempt, from that one on', () => {
    expect([0, 1, 2].map((attempts) => by({ attempt: 2 }, { attempts }))).toEqual([false, true, true]);
  });

  test('by hours of the day, over midnight as well', () => {
    const [day, night] = [{ hours: { from: 8 * 60, to: 18 * 60 } }, { hours: { from: 22 * 60, to: 6 * 60 + 30 } }];
    expect([7, 8, 17, 18].map((hour) => by(day, {}, at(hour)))).toEqual([false, true, true, false]);
    expect([by(night, {}, at(21, 59)), by(night, {}, at(22)), by(night, {}, at(3)), by(night, {}, at(6, 30))]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('all that it names must hold', () => {
    expect([by({ title: 'parser', attempt: 2 }, {}), by({ title: 'parser', attempt: 2 }, { attempts: 1 })]).toEqual([false, true]);
  });
});
