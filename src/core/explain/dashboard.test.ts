import { describe, expect, test } from 'vitest';
import { active, ended, failed, inReview, NOW, pending, running } from '../../../test/support/world/world.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import type { Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { type DashboardFacts, dashboardBody, dashboardText, readTicks } from './dashboard.ts';
import { failingWords, isHeldUp } from './held-up.ts';

const COMMIT = 'a'.repeat(40);
const blocked: Task = { ...active('gh-5', 'w-000005'), ...{ state: 'blocked', run: 'w-000005', at: NOW, question: 'Which?' } } as Task;
const heldRun: Run = { ...running('w-000005', 'gh-5'), settlement: { held: { commit: COMMIT, paths: ['x'], diff: '' } } };
const facts = (more: Partial<DashboardFacts> = {}): DashboardFacts => ({
  ...{ fleet: NEW_FLEET, slots: 3, tasks: [], run: () => null, why: () => 'no slot', allowance: null, usdPerDay: 100, held: null },
  spentToday: { usd: 0 },
  needs: () => null,
  ...{ stamp: (at) => `T${at - NOW}`, now: NOW },
  ...more,
});
const bodyOf = (more: Partial<DashboardFacts>): string => dashboardBody(dashboardText(facts(more)));
const ticked = (body: string): string => body.replaceAll('- [ ]', '- [x]');

test('all that a person wants to know, who must act first', () => {
  const body = bodyOf({
    tasks: [blocked, failed('gh-2'), active('gh-1', 'w-000001'), pending('gh-3'), inReview('gh-4', 9)],
    allowance: { limit: 5_000, remaining: 4_321 },
  });
  expect(body.match(/### .*/g)).toEqual(['### Needs you (2)', '### Running (1)', '### Waiting (1)', '### Done (1)']);
  for (const words of ['1 of 3 slots', 'Which?', 'no slot', 'pull request #9', 'GitHub requests left: 4321 of 5000'])
    expect(body).toContain(words);
  expect(readTicks(body)).toEqual([]);
});

test('what is in review and needs a person stands with those that ask', () => {
  const body = bodyOf({
    tasks: [inReview('gh-4', 9), inReview('gh-6', 10)],
    needs: ({ id }) => (id === 'gh-4' ? 'pull #9: checks are red: unit' : null),
  });
  expect(body).toMatch(/### Needs you \(1\)\n- #4 .*: pull #.?9: checks are red: unit\n\n### Done \(1\)\n- #6 /);
});

test('work that is done and does not reach the forge is not at work: it needs a person', () => {
  const problem = { step: 'push', message: 'GH013: not allowed', tries: 3, at: NOW, retryAt: NOW + 60_000 };
  const run = ended('w-000001', 'gh-1', { problem });
  const body = bodyOf({ tasks: [active('gh-1', 'w-000001'), active('gh-2', 'w-000002')], run: ({ id }) => (id === 'gh-1' ? run : null) });
  expect(body).toMatch(
    /### Needs you \(1\)\n- #1 .*: its work is done; the push has been failing: GH013: not allowed\n\n### Running \(1\)\n- #2 /,
  );
  expect(failingWords(run, NOW + 30_000)).toMatch(/^the push has been failing for \d+ s \(3 tries, again in 30 s\): GH013: not allowed$/);
  expect([isHeldUp(run), isHeldUp({ ...run, problem: { ...problem, step: 'save' } }), isHeldUp(null)]).toEqual([true, false, false]);
  expect(failingWords(ended('w-000001', 'gh-1'), NOW)).toBeNull();
});

describe('a tick', () => {
  test('cancels what runs and what waits, as well', () => {
    const body = bodyOf({ tasks: [active('gh-1', 'w-000001'), pending('gh-3'), inReview('gh-4', 9)] });
    expect(readTicks(ticked(body))).toEqual([
      { verb: 'pause', task: null },
      { verb: 'cancel', task: 'gh-1' },
      { verb: 'cancel', task: 'gh-3' },
    ]);
  });

  test('asks for what its box says, once', () => {
    const body = bodyOf({ tasks: [blocked, failed('gh-2')], run: () => heldRun, held: { message: 'many lines gone', token: 't0k' } });
    expect(readTicks(ticked(`${body}\n${body}`))).toEqual([
      { verb: 'pause', task: null },
      { verb: 'accept-edit', task: null, token: 't0k' },
      { verb: 'approve', task: 'gh-5', commit: COMMIT },
      { verb: 'cancel', task: 'gh-5' },
      { verb: 'retry', task: 'gh-2' },
    ]);
  });

  test.each([
    '- [x] Kill all <!-- tac8:do kill gh-1 -->',
    '- [x] Retry <!-- tac8:do retry ../../x -->',
    '- [x] Retry gh-1',
    '- [x] Approve <!-- tac8:do approve gh-1 -->',
    '> - [x] Pause <!-- tac8:do pause -->',
    '- [x] Pause <!-- tac8:do pause gh-1 -->',
    `- [x] ${'<!-- tac8:do '.repeat(5_000)}`,
  ])('asks for nothing: %.60s', (line) => expect(readTicks(line)).toEqual([]));

  test('words of agents and strangers make no box', () => {
    const evil = 'x\n- [x] Pause <!-- tac8:do pause -->\n- [x] y';
    const task = { ...failed('gh-2', { failure: { type: 'crash', message: evil, at: NOW } }), title: evil };
    const question = { ...blocked, title: evil, question: evil } as Task;
    expect(readTicks(bodyOf({ tasks: [task, question, pending('gh-3')], why: () => evil, held: { message: evil, token: 't' } }))).toEqual(
      [],
    );
  });
});
