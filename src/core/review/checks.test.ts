import { describe, expect, it, test } from 'vitest';
import { type CheckSeen, type CommitChecks, summariseChecks, verdictOf, wordOf } from './checks.ts';

const run = (status: string, conclusion: string | null = null, name = 'build'): CheckSeen => ({ kind: 'run', name, status, conclusion });
const status = (state: string, name = 'ci'): CheckSeen => ({ kind: 'status', name, state });
const all = (...checks: readonly CheckSeen[]): CommitChecks => ({ checks, withheld: [] });

describe('one check', () => {
  it.each([
    ...['success', 'neutral', 'skipped'].map((word) => [word, 'passed']),
    ...['failure', 'timed_out', 'action_required', 'cancelled', 'startup_failure', 'stale'].map((word) => [word, 'failing']),
    ...['something_new', ''].map((word) => [word, 'other']),
  ])('that concluded %s is %s', (word, verdict) => expect(verdictOf(run('completed', word))).toBe(verdict));

  it.each(['queued', 'in_progress', 'waiting', 'requested', 'pending'])('that is %s runs, whatever it concluded before', (word) => {
    expect(verdictOf(run(word))).toBe('running');
    expect(verdictOf(run(word, 'success'))).toBe('running');
  });

  it.each([
    ['success', 'passed'],
    ['failure', 'failing'],
    ['error', 'failing'],
    ['pending', 'running'],
    ['puzzled', 'other'],
  ])('that is a status of %s is %s', (word, verdict) => expect(verdictOf(status(word))).toBe(verdict));

  test('completed without a conclusion is neither good nor bad', () => expect(verdictOf(run('completed'))).toBe('other'));
});

describe('all checks', () => {
  it.each<[string, CommitChecks, string, object]>([
    ['nothing is said', all(), 'none', { passed: 0, failing: 0, running: 0 }],
    ['runs alone', all(run('completed', 'success'), run('completed', 'skipped')), 'passed', { passed: 2 }],
    ['statuses alone', all(status('success')), 'passed', { passed: 1 }],
    [
      'a green run beside a red status',
      all(run('completed', 'success'), status('error')),
      'failing',
      { passed: 1, failing: 1, failingNames: ['ci'] },
    ],
    ['a red run beside a green status', all(run('completed', 'failure'), status('success')), 'failing', { failingNames: ['build'] }],
    ['red while others run', all(run('in_progress'), status('failure', 'x')), 'failing', { running: 1, failing: 1 }],
    ['green while others run', all(run('completed', 'success'), status('pending')), 'running', { passed: 1, running: 1 }],
    ['a word nobody knows', all(run('completed', 'success'), run('completed', 'odd')), 'unknown', { passed: 1, other: 1 }],
    ['one list withheld', { checks: [status('success')], withheld: ['check runs'] }, 'unknown', { passed: 1, withheld: ['check runs'] }],
    ['one list withheld, the other red', { checks: [status('error')], withheld: ['check runs'] }, 'failing', { failing: 1 }],
  ])('%s', (_, seen, word, part) => {
    const summary = summariseChecks(seen);
    expect(summary).toMatchObject(part);
    expect(wordOf(summary)).toBe(word);
  });

  it('names each that fails once, in order, a few and not too long', () => {
    const many = Array.from({ length: 30 }, (_, n) => run('completed', 'failure', `job ${String(n).padStart(2, '0')}`));
    const { failing, failingNames } = summariseChecks(all(...many.reverse(), ...many));
    expect(failing).toBe(60);
    expect(failingNames).toEqual(Array.from({ length: 10 }, (_, n) => `job 0${n}`));
    const [name = ''] = summariseChecks(all(run('completed', 'failure', '💡'.repeat(500)))).failingNames;
    expect(name).toBe(`${'💡'.repeat(79)}…`);
  });
});
