import { describe, expect, test } from 'vitest';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { CODEX } from '../../agents/codex/abilities.ts';
import { agentCalled, agentName } from '../agent/which.ts';
import { pathsIn } from './paths-in.ts';
import { agentFor } from './routes.ts';

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
  const { profile, kind, model } = agentFor(
    choice,
    { labels: [], priority: 2, title: 'A title', attempts: 0, ...task },
    { minute: () => noon, usdLeft: null },
  );
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
      { minute: () => now, usdLeft: null },
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

describe('a route by paths', () => {
  const by = (task: { title?: string; paths?: readonly string[] }): boolean =>
    agentFor(
      { agent, agents: { deep }, routes: [{ when: { paths: ['src/parser', 'README.md'] }, model: null, agent: 'deep' }] },
      { labels: [], priority: 2, title: 'Mend it', attempts: 0, ...task },
      { minute: () => noon, usdLeft: null },
    ).profile === 'deep';

  test('fits what the title or the issue names, or something below', () => {
    expect([by({ title: 'Mend src/parser/lex.ts' }), by({ paths: ['src/parser'] }), by({ paths: ['README.md'] })]).toEqual([
      true,
      true,
      true,
    ]);
    expect([by({}), by({ paths: ['src/parsers/x.ts', 'src', 'docs/README.md'] })]).toEqual([false, false]);
  });
});

test('a route by what is left of the day’s dollars', () => {
  const routes = [{ when: { usdLeft: 20 }, model: 'small' }];
  const task = { labels: [], priority: 2, title: 'x', attempts: 0 };
  const model = (usdLeft: number | null) => agentFor({ agent, agents: {}, routes }, task, { minute: () => noon, usdLeft }).model;
  expect([19.99, 20, -1, null].map(model)).toEqual(['small', 'sonnet', 'small', 'sonnet']);
});

test('the agent says why it was chosen, where there was a choice', () => {
  const task = { labels: ['hard'], priority: 2, title: 'x', attempts: 1 };
  const why = (rules: typeof routes, more: object = {}) =>
    agentFor({ agent, agents: { deep }, routes: rules }, { ...task, ...more }, { minute: () => noon, usdLeft: null }).why;
  const more = [
    { when: { priority: 0 }, model: 'big' },
    { when: { labels: ['hard'], attempt: 2, hours: { from: 0, to: 780 } }, model: null },
  ];
  expect(why(more as typeof routes)).toBe('routes[1] (labels: hard; attempt 2 or later; hours: 00:00-13:00) fits');
  expect([why([]), why([{ when: { priority: 0 }, model: 'big' }]), why([], { agent: 'deep' })]).toEqual([
    undefined,
    'no route fits',
    'a person named it',
  ]);
});

test('the time of the day is asked for by a route with hours alone', () => {
  const asked = (when: { priority?: number; hours?: { from: number; to: number } }): boolean => {
    let was = false;
    const minute = (): number => {
      was = true;
      return noon;
    };
    const rules = [{ when, model: null }];
    agentFor({ agent, agents: {}, routes: rules }, { labels: [], priority: 2, title: 'x', attempts: 0 }, { minute, usdLeft: null });
    return was;
  };
  expect([asked({}), asked({ priority: 2 }), asked({ hours: { from: 0, to: 780 } })]).toEqual([false, false, true]);
});

describe('files and folders in a text', () => {
  test.each([
    ['Mend `src/a.ts` and ./docs/, see README.md.', ['src/a.ts', 'docs', 'README.md']],
    ['at src/a.ts:12:3: broken', ['src/a.ts']],
    ['see https://example.com/a/b.ts, //host/x, /etc/passwd and ../../up', []],
    ['and/or this one', ['and/or']],
    ['nothing here', []],
  ])('%j', (text, paths) => {
    expect(pathsIn(text)).toEqual(paths);
  });

  test('a text of any length costs no more than its length', () => {
    expect(pathsIn('a/b.'.repeat(100_000)).length).toBeLessThanOrEqual(100);
    expect(pathsIn(Array.from({ length: 500 }, (_, n) => `a/${n}`).join(' '))).toHaveLength(100);
  });
});
