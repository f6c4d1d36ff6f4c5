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
  taskAfter,
  world,
} from '../../../test/support/world/world.ts';
import { moneyWords, moreThan, tokensOf } from '../limits/spend.ts';
import { reconcile } from '../reconcile.ts';
import { commentBody } from '../review/pull-text.ts';
import { endWords } from '../words/end-words.ts';

const plan = (more: Parameters<typeof world>[0], rules = policy(), now = NOW) => reconcile(world(more), rules, now);

describe('an end', () => {
  const inspection = { head: 'h'.repeat(40), commits: 1, dirty: false, question: null };
  const result = {
    end: 'completed' as const,
    isError: false,
    subtype: 'success',
    terminalReason: 'completed',
    apiErrorStatus: null,
    text: 'Done.',
    at: NOW - 2_000,
  };
  const base = ended('w-000001', 'gh-7');
  const stream = { ...base.stream, result };
  const steps = (settlement: object, more: object = {}) => {
    const run = ended('w-000001', 'gh-7', { stream, settlement, ...more });
    return plan({ tasks: [active('gh-7', 'w-000001')], runs: [run], issues: seen([issue(7)]) }, policy({ slots: 1 }));
  };
  const saved = { ref: null, commit: null };
  const READERS = { places: [], orders: false };
  const outcome = { kind: 'done' } as const;
  const pushed = { commit: 'h'.repeat(40), remote: 'origin' };
  const ref = { number: 9, url: 'u' };

  it.each([
    ['save', {}],
    ['inspect', { saved }],
    ['push', { saved, inspection }],
    ['open-pull', { saved, inspection, outcome, pushed }],
    ['log-end', { saved, inspection, outcome, pushed, pull: ref }],
    ['comment', { saved, inspection, outcome, pushed, pull: ref, logged: true as const }],
  ])('asks for %s next', (kind, settlement) => {
    expect(steps(settlement).actions.map((action) => action.kind)).toEqual([kind]);
  });

  it.each([
    ['work that is delivered', { kind: 'done' }, { workers_completed: 1 }],
    ['a question', { kind: 'blocked', question: 'SQLite or Parquet?' }, {}],
  ] as const)('counts %s for what it is', (_, said, counted) => {
    const made = steps({ saved, inspection, outcome: said, pushed, pull: ref, logged: true, commented: ref });
    expect(taskAfter(made, 'gh-7')?.state).toBe(said.kind === 'done' ? 'completed' : 'blocked');
    expect(made.commit.counters ?? {}).toEqual(counted);
  });

  it('says what no snapshot holds: of a failure and beside finished work, to the issue as well', () => {
    const lacking = { ref: 'refs/tac8/saved/gh-7/w-000001/1', commit: 'c', incomplete: 'data/: Permission denied' };
    const words = 'not all of its work is saved, so its worktree stays: data/: Permission denied';
    const nothing = { ...inspection, commits: 0 };
    const after = runAfter(steps({ saved: lacking, inspection: nothing }), 'w-000001');
    expect(after?.settlement.outcome).toMatchObject({ failure: { message: expect.stringContaining(words) } });
    const failure = { type: 'crash', message: words, at: NOW } as const;
    const failedRun = ended('w-000001', 'gh-7', { settlement: { saved: lacking, outcome: { kind: 'failed', failure, resumable: true } } });
    expect(commentBody(active('gh-7', 'w-000001'), failedRun, READERS)).toMatch(
      /data\/: Permission denied[\s\S]*What is saved on the machine that tac8 runs on: what is in no commit/,
    );
    const done = ended('w-000001', 'gh-7', { settlement: { saved: lacking, outcome } });
    expect(commentBody(active('gh-7', 'w-000001'), done, READERS)).toContain(words);
    expect(endWords(active('gh-7', 'w-000001'), failure, failedRun)).toContain(words);
  });

  it('completes the task before the comment, so that no slot waits for GitHub', () => {
    expect(taskAfter(steps({ saved, inspection, outcome, pushed, pull: ref, logged: true }), 'gh-7')).toMatchObject({
      state: 'completed',
      pull: ref,
    });
  });

  it('keeps what it was to go on with where it never came to an agent, the words of a person as well', () => {
    const resumes = { run: 'w-0000aa', session: 's-1', message: 'Use Parquet.', because: 'usage_limit' } as const;
    const failure = { type: 'startup_error', message: 'the launch was refused', at: NOW } as const;
    const made = steps(
      { saved, outcome: { kind: 'failed', failure, resumable: false }, logged: true },
      { resumes, failedStart: failure, startedAt: null, exit: null },
    );
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'pending', resume: resumes, attempts: 1 });
  });

  it('counts a log that could not be read to its end as that, and no token for it', () => {
    const spend = { ...base.stream.spend, outputTokens: 200, usd: 0.25 };
    const run = ended('w-000001', 'gh-7', {
      stream: { ...base.stream, spend },
      settlement: { saved, inspection: { ...inspection, commits: 0 }, mended: { done: [] }, wip: { commit: null }, logged: true },
      problem: { step: 'read its log', message: 'EIO', tries: 1, at: NOW - 600_000, retryAt: NOW },
    });
    const unread = new Map([['w-000001' as const, 'EIO']]);
    const made = plan({ tasks: [active('gh-7', 'w-000001')], runs: [run], issues: seen([issue(7)]), unread });
    const after = runAfter(made, 'w-000001')?.stream.spend;
    expect(after).toEqual({ ...spend, logsUnread: 1 });
    expect(after === undefined ? '' : `${moneyWords(after)}, ${moreThan(after)}${tokensOf(after)}`).toBe('more than $0.25, more than 200');
  });

  it('verifies before it pushes, and gives a red check one more turn in the same conversation', () => {
    const rules = policy({ pulls: { openedBy: 'coordinator', verify: true, follow: false, whenGreen: 'leave', rounds: 0, allow: [] } });
    const run = (settlement: object) => ended('w-000001', 'gh-7', { stream, settlement });
    const at = (settlement: object) =>
      plan({ tasks: [active('gh-7', 'w-000001')], runs: [run(settlement)], issues: seen([issue(7)]) }, rules);
    expect(at({ saved, inspection, outcome }).actions[0]?.kind).toBe('verify');
    const red = at({ saved, inspection, outcome, verified: { ok: false, output: '1 failed' } });
    const after = runAfter(red, 'w-000001');
    expect(after).toMatchObject({ settlement: { outcome: { kind: 'failed', failure: { type: 'validation_error' } } } });
    const told = at({ ...after?.settlement, logged: true });
    expect(taskAfter(told, 'gh-7')).toMatchObject({ state: 'pending', resume: { run: 'w-000001', because: 'validation_error' } });
  });

  it.each([
    ['a usage limit', 429, { parked: { type: 'usage_limit' } }, { state: 'pending', attempts: 0 }],
    [
      'a login refused',
      401,
      { parked: { type: 'auth_error', until: null } },
      { state: 'pending', attempts: 0, last: { type: 'auth_error' } },
    ],
    ['a provider that is down', 500, { parked: { type: 'provider_error' }, providerErrors: 1 }, { state: 'pending', attempts: 0 }],
  ])('%s parks the fleet', (_name, status, fleet, after) => {
    const refused = { ...stream, result: { ...result, end: 'refused' as const, isError: true, apiErrorStatus: status, text: `${status}` } };
    const judged = steps({ saved, inspection }, { stream: refused, exit: { code: 1, at: NOW } });
    // At once: what is left to be done for the run may take long.
    expect(judged.commit.facts).toMatchObject({ fleet });
    const settlement = runAfter(judged, 'w-000001')?.settlement ?? {};
    const made = steps({ ...settlement, logged: true }, { stream: refused, exit: { code: 1, at: NOW } });
    expect(made.commit.facts?.fleet).toBeUndefined();
    expect(taskAfter(made, 'gh-7')).toMatchObject(after);
  });
});

describe('a setup that fails', () => {
  const fails = (message: string, before: string | null): object | undefined => {
    const failure = (text: string) => ({ type: 'setup_error', message: text, at: NOW }) as const;
    const settlement = { outcome: { kind: 'failed', failure: failure(message), resumable: false }, logged: true } as const;
    const last = before === null ? null : failure(before);
    const made = plan({
      tasks: [active('gh-7', 'w-000001', { last })],
      runs: [ended('w-000001', 'gh-7', { settlement })],
      issues: seen([issue(7)]),
    });
    return taskAfter(made, 'gh-7');
  };

  it.each([
    ['is tried again', null, { state: 'pending', attempts: 1 }],
    ['otherwise than before is tried again', 'exit 1: no network', { state: 'pending', attempts: 1 }],
    ['twice alike is not, whatever its numbers are', 'exit 1: npm: not found after 0.31 s, pid 4711', { state: 'failed', attempts: 1 }],
  ])('%s', (_, before, after) => {
    expect(fails('exit 1: npm: not found after 2.7 s, pid 99', before)).toMatchObject(after);
  });
});

describe('commands', () => {
  const request = (verb: string, args: Record<string, unknown> = {}) => ({ id: 1, at: NOW - 10, verb, task: 'gh-7' as const, args });

  it('answers a kill once the worker has ended, with what happened', () => {
    const asked = plan({
      tasks: [active('gh-7', 'w-000001')],
      runs: [running('w-000001', 'gh-7')],
      processes: new Map([['w-000001', seen(alive)]]),
      issues: seen([issue(7)]),
      requests: [request('kill')],
    });
    expect(asked.commit.answers).toEqual([]);
    expect(runAfter(asked, 'w-000001')).toMatchObject({ state: 'stopping', cause: { type: 'killed' }, rung: 'kill' });
    const over = failed('gh-7', { failure: { type: 'killed', message: 'by command', at: NOW } });
    expect(plan({ tasks: [over], issues: seen([issue(7)]), requests: [request('kill')] }).commit.answers).toMatchObject([{ ok: true }]);
  });

  it('retries with the same conversation', () => {
    const made = plan({ tasks: [failed('gh-7', { pausedAt: NOW })], runs: [], issues: seen([issue(7)]), requests: [request('retry')] });
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'pending', attempts: 0 });
    expect(made.commit.answers).toMatchObject([{ ok: true }]);
  });

  it('refuses what does not fit, and says why', () => {
    expect(plan({ requests: [request('stop')] }).commit.answers).toMatchObject([{ ok: false, message: 'there is no task gh-7' }]);
    expect(plan({ requests: [request('dance')] }).commit.answers).toMatchObject([{ ok: false }]);
  });
});
