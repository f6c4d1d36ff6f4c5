import { describe, expect, it, test } from 'vitest';
import {
  active,
  alive,
  ended,
  failed,
  issue,
  NOW,
  policy,
  runAfter,
  seen,
  taskAfter,
  trigger,
  world,
} from '../../../test/support/world/world.ts';
import type { Run, Settlement, StopCause } from '../model/run.ts';
import { transitionRun } from '../model/run-transition.ts';
import { unknown } from '../model/seen.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';
import { wipMessage } from '../words/end-words.ts';
import { isFromBefore } from './explain.ts';

const stopped: StopCause = { type: 'stopped', by: 'tac8 stop', reason: 'enough', at: NOW - 5_000 };
const bySign: StopCause = { ...stopped, by: 'STOP file', reason: 'a STOP file' };
const saved = { ref: 'refs/tac8/saved/gh-7/w-000001/1', commit: 's'.repeat(40) };
const mended = { done: [] };
const signs = (stop: string | null): Partial<World> => ({ signs: new Map([['gh-7', seen({ stop, blocked: null })]]) });

const look = (run: Partial<Extract<Run, { state: 'ended' }>>, more: Partial<World> = {}, now = NOW) =>
  reconcile(
    world({ tasks: [active('gh-7', 'w-000001')], runs: [ended('w-000001', 'gh-7', run)], issues: seen([issue(7)]), ...more }),
    policy({ slots: 1 }),
    now,
  );
const next = (...args: Parameters<typeof look>) => look(...args).actions.map(({ kind }) => kind);

describe('the worktree of a run that was stopped', () => {
  it.each<[string, Settlement]>([
    ['save', {}],
    ['mend', { saved }],
    ['commit', { saved, mended }],
    ['inspect', { saved, mended, wip: { commit: null } }],
  ])('%s comes next', (kind, settlement) => {
    expect(next({ cause: stopped, settlement })).toEqual([kind]);
  });

  it.each<[string, Partial<Extract<Run, { state: 'ended' }>>, string]>([
    ['cancelled: nothing is committed', { cause: { ...stopped, type: 'cancelled' }, settlement: { saved, mended } }, 'inspect'],
    ['killed: nothing is committed', { cause: { ...stopped, type: 'killed' }, settlement: { saved, mended } }, 'inspect'],
    ['at a limit: mended', { cause: { ...stopped, type: 'timeout' }, settlement: { saved } }, 'mend'],
    ['died by a signal: mended', { exit: { code: 143, at: NOW }, settlement: { saved } }, 'mend'],
    ['gone without a word: mended', { exit: null, settlement: { saved } }, 'mend'],
    ['the machine went down: mended', { rebooted: true, settlement: { saved } }, 'mend'],
    ['ended by itself: as it is', { exit: { code: 1, at: NOW }, settlement: { saved } }, 'inspect'],
    ['stopped before it was started: as it is', { cause: stopped, exit: null, startedAt: null, settlement: { saved } }, 'inspect'],
  ])('%s', (_what, run, kind) => {
    expect(next(run)).toEqual([kind]);
  });

  it.each(['save', 'mend', 'commit'] as const)('%s that git refuses again and again is given up, and it goes on', (step) => {
    const done = { save: {}, mend: { saved }, commit: { saved, mended } }[step];
    const problem = { step, message: 'no space left', tries: 4, at: NOW, retryAt: NOW };
    expect(next({ cause: stopped, settlement: done, problem })).toEqual([step]);
    const after = runAfter(look({ cause: stopped, settlement: done, problem: { ...problem, tries: 5 } }), 'w-000001');
    expect(Object.keys(after?.settlement ?? {})).toContain({ save: 'saved', mend: 'mended', commit: 'wip' }[step]);
  });
});

describe('the words in a STOP file', () => {
  const settlement = { saved, mended };
  it('that are written after the end are the reason', () => {
    const made = look({ cause: bySign, settlement }, signs('wrong way\n'));
    expect(runAfter(made, 'w-000001')).toMatchObject({ cause: { by: 'STOP file', reason: 'wrong way' }, settlement: { explained: true } });
    expect(made.actions.map(({ kind }) => kind)).toEqual(['commit']);
  });

  it('are waited for a moment while the file is empty, and no longer', () => {
    const fresh = { ...bySign, at: NOW };
    expect(look({ cause: fresh, settlement }, signs(''), NOW + 2_999)).toMatchObject({ actions: [], wakeAt: NOW + 3_000 });
    expect(next({ cause: fresh, settlement }, signs(''), NOW + 3_000)).toEqual(['commit']);
  });

  it.each([
    ['removed by the agent', signs(null)],
    ['not to be read', { signs: new Map([['gh-7', unknown('EIO', NOW)]]) } as Partial<World>],
  ])('%s: what was read at first stays', (_what, more) => {
    const made = look({ cause: { ...bySign, reason: 'first words', at: NOW }, settlement }, more);
    expect(runAfter(made, 'w-000001')).toMatchObject({ cause: { reason: 'first words' } });
    expect(made.actions.map(({ kind }) => kind)).toEqual(['commit']);
  });

  it('count although the agent’s own hook was quicker than the daemon', () => {
    const run = ended('w-000001', 'gh-7');
    const result = {
      end: 'stopped' as const,
      isError: false,
      subtype: 'success',
      terminalReason: 'hook_stopped',
      apiErrorStatus: null,
      text: '',
      at: NOW,
    };
    const made = look({ stream: { ...run.stream, result }, settlement: { saved } }, signs('too late'));
    expect(runAfter(made, 'w-000001')).toMatchObject({ cause: { type: 'stopped', by: 'STOP file', reason: 'too late' } });
  });
});

describe('the end', () => {
  const inspection = { head: 'h'.repeat(40), commits: 1, dirty: false, question: null };
  const wip = { commit: 'abc1234'.padEnd(40, '0') };
  const whole = { saved, mended, wip, inspection };
  const request = (verb: string) => ({ id: 1, at: NOW - 6_000, verb, task: 'gh-7' as const, args: {} });

  it('of a stopped run is told to whoever asked: how long it took, how many processes, where the work is', () => {
    const judged = runAfter(look({ cause: stopped, settlement: whole, members: 3 }), 'w-000001');
    expect(judged?.settlement.outcome).toMatchObject({ kind: 'failed', failure: { type: 'stopped', message: 'enough', by: 'tac8 stop' } });
    const run = ended('w-000001', 'gh-7', { cause: stopped, members: 3, settlement: { ...judged?.settlement, logged: true } });
    const told = reconcile(world({ tasks: [active('gh-7', 'w-000001')], runs: [run], issues: seen([issue(7)]) }), policy(), NOW);
    const task = taskAfter(told, 'gh-7');
    expect(task).toMatchObject({ state: 'failed' });
    if (task === undefined) return;
    const answered = reconcile(world({ tasks: [task], runs: [run], issues: seen([issue(7)]), requests: [request('stop')] }), policy(), NOW);
    expect(answered.commit.answers).toMatchObject([
      { ok: true, message: 'gh-7 stopped after 4.0 s; 3 processes ended; work saved as abc1234 on auto/gh-7' },
    ]);
    const other = reconcile(world({ tasks: [task], runs: [run], issues: seen([issue(7)]), requests: [request('kill')] }), policy(), NOW);
    expect(other.commit.answers?.[0]?.message).toMatch(/ — tac8 stop: enough$/);
  });

  it('is not changed by what comes into its log later', () => {
    const failure = { type: 'stopped', message: 'enough', by: 'tac8 stop', at: NOW } as const;
    const settlement = { ...whole, outcome: { kind: 'failed', failure, resumable: true } as const };
    const run = ended('w-000001', 'gh-7', { cause: stopped, settlement });
    const result = {
      end: 'completed' as const,
      isError: false,
      subtype: 'success',
      terminalReason: 'completed',
      apiErrorStatus: null,
      text: 'Done.',
      at: NOW + 1,
    };
    const late = { ...run.stream, offset: 999, turns: 9, result };
    const made = look(
      { cause: stopped, settlement },
      { streams: new Map([['w-000001', late]]), processes: new Map([['w-000001', seen(alive)]]) },
    );
    expect(runAfter(made, 'w-000001')).toBeUndefined();
    expect(made.actions.map(({ kind }) => kind)).toEqual(['log-end']);
    // Nor by a daemon that thinks otherwise.
    expect(transitionRun(run, { kind: 'stream', stream: late })).toBeNull();
    expect(transitionRun({ ...run, settlement: whole } as Run, { kind: 'stream', stream: late })).toMatchObject({ stream: late });
  });
});

describe('the commit’s message', () => {
  it.each([
    ['short', 'WIP: stopped by tac8 stop: short'],
    ['two\nlines', 'WIP: stopped by tac8 stop: two\n\ntwo\nlines'],
    ['x'.repeat(200), `WIP: stopped by tac8 stop: ${'x'.repeat(72)}…\n\n${'x'.repeat(200)}`],
  ])('%j', (reason, message) => {
    expect(wipMessage({ ...stopped, reason })).toBe(message);
  });
});

describe('words in a STOP file after the run has settled', () => {
  const settled = transitionRun(ended('w-000001', 'gh-7', { cause: bySign }), { kind: 'settled' }) ?? ended('w-000001', 'gh-7');
  const failure = { type: 'stopped', message: 'a STOP file', by: 'STOP file', at: NOW - 1_000, cause: 'person' } as const;
  const stoppedTask = failed('gh-7', { failure, run: 'w-000001' });
  const retry = { id: 1, at: NOW, verb: 'retry', task: 'gh-7' as const, args: {} };
  const plan = (stop: string | null, more: Partial<World> = {}, task = stoppedTask) =>
    reconcile(world({ tasks: [task], runs: [settled], ...signs(stop), ...more }), policy(), NOW);
  const aside = (made: ReturnType<typeof plan>): boolean =>
    made.actions.some(({ kind, run }) => kind === 'put-aside' && run === 'w-000001');

  it('are its reason, and go to its folder; once more they change nothing', () => {
    const made = plan('Tabs,\nnot spaces.\n');
    expect(taskAfter(made, 'gh-7')).toMatchObject({ state: 'failed', failure: { ...failure, message: 'Tabs, not spaces.' } });
    expect(aside(made)).toBe(true);
    const again = plan(
      'Tabs,\nnot spaces.\n',
      {},
      failed('gh-7', { failure: { ...failure, message: 'Tabs, not spaces.' }, run: 'w-000001' }),
    );
    expect([taskAfter(again, 'gh-7'), aside(again)]).toEqual([undefined, false]);
  });

  it('stop no run that a person asks for at the same moment, and its agent is told them', () => {
    const made = plan('Tabs.', { requests: [{ ...retry, args: { continue: true } }] });
    expect(taskAfter(made, 'gh-7')?.state).toMatch(/pending|active/);
    expect(aside(made)).toBe(true);
  });

  it.each([
    ['an empty file', stoppedTask, ''],
    ['a file for a run that ended otherwise', failed('gh-7', { run: 'w-000001' }), 'Tabs.'],
  ])('%s changes no reason', (_what, task, stop) => {
    const made = plan(stop, {}, task);
    expect([taskAfter(made, 'gh-7'), aside(made)]).toEqual([undefined, false]);
  });

  const base = failed('gh-7', { failure: { ...failure, type: 'cancelled' }, armedBy: 'label', run: 'w-000001' });
  const listed = issue(7);
  it.each([
    ['`tac8 retry`', { requests: [retry] }],
    ['its line on the board', { intents: [{ kind: 'retry', task: 'gh-7' }] }],
    ['a second line on the board', { intents: [{ kind: 'add', number: 7, title: 'x', priority: 2, line: 3, key: 'k' }] }],
    ['the label', { issues: seen([listed]), triggers: new Map([[7, seen(trigger(true, NOW - 5))]]) }],
  ] as const)('a file from before %s stops nothing that is asked for since; a later one does', (_what, more) => {
    const task = taskAfter(plan('Tabs.', more as Partial<World>, base), 'gh-7');
    expect(task?.armedAt).toBe(NOW);
    const of = (stopAt: number, stop: string | null = 'Tabs.') => isFromBefore(task ?? base, { stop, stopAt, blocked: null });
    expect([of(NOW - 1), of(NOW), of(NOW + 1), of(NOW - 1, null)]).toEqual([true, false, false, false]);
    // Of a task that nobody has armed again, or a machine that does not tell, nothing is put aside.
    expect([isFromBefore(base, { stop: 'a', stopAt: 1, blocked: null }), isFromBefore(task ?? base, { stop: 'a', blocked: null })]).toEqual(
      [false, false],
    );
  });
});

test.each([
  ['and makes no commit', undefined, /^a commit was refused: no key; 1 file is in no commit: a\.txt$/],
  ['and its next commit works', null, /^no commit: 1 file/],
] as const)('what refused a commit is said again of the run that goes on %s', (_what, commitRefused, words) => {
  const { stream } = ended('w-000001', 'gh-7');
  const result = {
    end: 'completed',
    isError: false,
    subtype: '',
    terminalReason: null,
    apiErrorStatus: null,
    text: 'Done.',
    at: NOW,
  } as const;
  const resumes = { run: 'w-000000', session: 's', message: 'Go on.', because: 'no_pr', refused: 'no key' } as const;
  const inspection = { head: null, commits: 0, dirty: true, left: { names: ['a.txt'], count: 1 }, question: null };
  const made = look({
    resumes,
    stream: { ...stream, result, ...(commitRefused === undefined ? {} : { commitRefused }) },
    settlement: { saved, mended, inspection, explained: true },
  });
  const outcome = runAfter(made, 'w-000001')?.settlement.outcome;
  expect(outcome?.kind === 'failed' && outcome.failure.message).toMatch(words);
});
