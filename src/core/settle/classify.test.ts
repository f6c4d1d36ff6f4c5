import { describe, expect, test } from 'vitest';
import { CLAUDE } from '../../agents/claude/abilities.ts';
import { COMMAND } from '../../agents/command/abilities.ts';
import { hintOf } from '../advice/hints.ts';
import { EMPTY_STREAM, type StopCause, type StreamFacts, type TurnResult } from '../model/run.ts';
import { classify, type Evidence } from './classify.ts';

const NOW = 1_000_000;
const result = (over: Partial<TurnResult> = {}): TurnResult => ({
  end: 'completed',
  isError: false,
  subtype: 'success',
  terminalReason: 'completed',
  apiErrorStatus: null,
  text: 'Done.',
  at: 500,
  ...over,
});
const stream = (over: Partial<StreamFacts> = {}): StreamFacts => ({
  ...EMPTY_STREAM,
  events: 5,
  firstEventAt: 1,
  lastEventAt: 500,
  session: 's',
  ...over,
});
const cause = (type: StopCause['type']): StopCause => ({ type, by: 'limits', reason: '42', at: 400 });
const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  ...{ exit: { code: 0, at: NOW }, cause: null, stream: stream({ result: result() }), can: CLAUDE, rebooted: false, failedStart: null },
  inspection: { head: 'a', commits: 1, dirty: false, question: null },
  ...over,
});
const clean = { head: 'a', commits: 0, dirty: false, question: null };
const exit = (code: number): Evidence['exit'] => ({ code, at: NOW });

/** The outcome in words: `type` or `type resumable`. */
function seen(over: Partial<Evidence>): string {
  const outcome = classify(evidence(over), NOW);
  return outcome.kind === 'failed' ? `${outcome.failure.type}${outcome.resumable ? ' resumable' : ''}` : outcome.kind;
}

describe('what ends a run', () => {
  const silent = stream({ events: 0, firstEventAt: null, lastEventAt: null, session: null });
  const half = stream({ result: null });
  test.each<[string, Partial<Evidence>, string]>([
    ['a good result and a commit', {}, 'done'],
    ['a good result, exit code 1', { exit: exit(1) }, 'done'],
    ['a good result, no exit record', { exit: null }, 'done'],
    ['a good result, then SIGKILL', { exit: exit(137) }, 'done'],
    ['a good result, then a plain kill', { exit: exit(143) }, 'killed resumable'],
    ['BLOCKED.md', { inspection: { ...clean, question: 'SQLite or Parquet?' } }, 'blocked'],
    ['BLOCKED.md beside a commit', { inspection: { ...clean, commits: 2, question: 'and now?' } }, 'blocked'],
    [
      'no commit, and the last words ask',
      { inspection: clean, stream: stream({ result: result({ text: 'I looked.\n\nWhich one do you want?' }) }) },
      'blocked',
    ],
    ['no commit, and nothing asked', { inspection: clean }, 'no_pr resumable'],
    [
      'no commit, but changes and a question',
      { inspection: { ...clean, dirty: true }, stream: stream({ result: result({ text: 'ok?' }) }) },
      'no_pr resumable',
    ],
    ['no branch any more', { inspection: { ...clean, head: null } }, 'no_pr resumable'],
    ['a person', { cause: cause('stopped'), exit: exit(0) }, 'stopped resumable'],
    ['a person, before there was a conversation', { cause: cause('cancelled'), stream: silent, exit: exit(143) }, 'cancelled'],
    ['a person, after a good result', { cause: cause('killed') }, 'killed resumable'],
    [
      'a person, while the start failed',
      { cause: cause('cancelled'), failedStart: { type: 'worktree_error', message: 'x', at: 0 }, stream: silent },
      'cancelled',
    ],
    ['git would not', { failedStart: { type: 'worktree_error', message: 'x', at: 0 }, stream: silent, exit: null }, 'worktree_error'],
    ['the time limit in the middle', { cause: cause('timeout'), stream: half, exit: exit(143) }, 'timeout resumable'],
    ['silence in the middle', { cause: cause('stalled'), stream: half, exit: exit(137) }, 'stalled resumable'],
    ['silence after a good result', { cause: cause('stalled'), exit: exit(143) }, 'done'],
    [
      'silence in a turn after a good result',
      { cause: cause('stalled'), stream: stream({ result: result(), lastEventAt: 900 }), exit: exit(143) },
      'stalled resumable',
    ],
    ['it lingered after a good result', { cause: cause('lingering'), exit: exit(137) }, 'done'],
    [
      'it lingered after an error',
      {
        cause: cause('lingering'),
        stream: stream({ result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 500 }) }),
        exit: exit(143),
      },
      'provider_error resumable',
    ],
    [
      'it lingered, our interrupt cut a further turn',
      {
        cause: cause('lingering'),
        stream: stream({
          result: result({ end: 'interrupted', isError: true, subtype: 'error_during_execution', terminalReason: 'aborted_tools' }),
        }),
      },
      'done',
    ],
    ['no sign in time', { cause: cause('startup_error'), stream: silent, exit: exit(143) }, 'startup_error'],
    ['too much output', { cause: cause('output_limit'), stream: half, exit: exit(137) }, 'output_limit resumable'],
    ['SIGTERM from outside', { stream: half, exit: exit(143) }, 'killed resumable'],
    ['SIGTERM from outside, its log unreadable', { stream: half, exit: exit(143), unread: 'EIO' }, 'killed resumable'],
    [
      'our SIGTERM to one that lingered, its log unreadable',
      { cause: cause('lingering'), exit: exit(143), unread: 'EIO' },
      'unknown resumable',
    ],
    ['an end of its own, its log unreadable', { stream: half, unread: 'EIO' }, 'unknown resumable'],
    ['SIGINT from outside', { stream: half, exit: exit(130) }, 'killed resumable'],
    ['SIGKILL from outside', { stream: half, exit: exit(137) }, 'crash resumable'],
    ['SIGSEGV', { stream: half, exit: exit(139) }, 'crash resumable'],
    ['gone without a record', { stream: half, exit: null }, 'crash resumable'],
    ['a reboot', { stream: half, exit: null, rebooted: true }, 'interrupted resumable'],
    ['a reboot before the first event', { stream: silent, exit: null, rebooted: true }, 'interrupted'],
    ['a reboot after its recorded end', { stream: half, exit: exit(1), rebooted: true }, 'agent_error resumable'],
    ['nothing said', { stream: silent, exit: exit(1) }, 'startup_error'],
    ['its program does not exist', { stream: silent, exit: exit(127) }, 'startup_error'],
    ['exit 0 without a result', { stream: half }, 'unknown resumable'],
    ['exit 1 without a result', { stream: half, exit: exit(1) }, 'agent_error resumable'],
    ['a command that ends well', { can: COMMAND, stream: half }, 'done'],
    ['a command that says nothing and ends well', { can: COMMAND, stream: silent }, 'done'],
    ['a command that fails', { can: COMMAND, stream: half, exit: exit(3) }, 'agent_error'],
    ['a command that cannot be run', { can: COMMAND, stream: silent, exit: exit(126) }, 'startup_error'],
    ['a command that is killed', { can: COMMAND, stream: half, exit: exit(143) }, 'killed'],
    ['a command without a commit', { can: COMMAND, stream: half, inspection: clean }, 'no_pr'],
    [
      'a command that speaks as claude does',
      {
        can: COMMAND,
        stream: stream({ result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 401 }) }),
      },
      'auth_error',
    ],
    [
      'payment required',
      {
        stream: stream({ result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 402 }) }),
        exit: exit(1),
      },
      'billing_error resumable',
    ],
    [
      'forbidden',
      {
        stream: stream({ result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 403 }) }),
        exit: exit(1),
      },
      'auth_error resumable',
    ],
    [
      'a request timeout at the provider',
      {
        stream: stream({ result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 408 }) }),
        exit: exit(1),
      },
      'provider_error resumable',
    ],
  ])('%s', (_what, over, expected) => expect(seen(over)).toBe(expected));

  test('an old error that the agent got over does not count', () => {
    const recovered = stream({
      result: result(),
      providerError: { status: 429, refusal: 'limit', cause: 'rate_limit', message: 'x' },
      limitedUntil: NOW + 1,
    });
    expect(seen({ stream: recovered })).toBe('done');
  });

  test('the message names who and why, on one line', () => {
    const outcome = classify(evidence({ cause: { type: 'stopped', by: 'STOP file', reason: 'two\nlines\u001b[31m', at: 1 } }), NOW);
    expect(outcome.kind === 'failed' && outcome.failure).toEqual({
      ...{ type: 'stopped', cause: 'person', message: 'two lines [31m', by: 'STOP file', at: NOW },
    });
  });

  test('the advice is that for its cause, and of going on only where there is a conversation', () => {
    const hint = (more: Partial<Evidence>): string => {
      const outcome = classify(evidence({ stream: stream({ result: null }), ...more }), NOW);
      return outcome.kind === 'failed' ? hintOf(outcome.failure, { task: 'gh-7', failed: true }) : outcome.kind;
    };
    const ended = (type: 'stalled' | 'budget' | 'cancelled', by: string, reason = 'so') => ({ cause: { type, by, reason, at: 1 } });
    expect(hint(ended('stalled', 'limits.first_event'))).toContain('limits.first_event');
    expect(hint(ended('stalled', 'limits.silence'))).toContain('limits.silence');
    expect(hint(ended('budget', 'limits.tokens'))).toMatch(/^limits\.tokens, .*`tac8 retry 7 --continue`/);
    expect(hint(ended('cancelled', 'GitHub', 'issue closed'))).toMatch(/^Its issue asks for no more work/);
    expect(hint(ended('cancelled', 'GitHub', 'pull #3 was merged'))).toMatch(/^Its pull is over/);
    expect(hint(ended('cancelled', 'tasks.md'))).toMatch(/^A person cancelled it/);
    expect(hint({ ...ended('stalled', 'limits.silence'), stream: stream({ session: null }) })).not.toContain('--continue');
    expect(hint({ exit: exit(143) })).toMatch(/^A signal that did not come from tac8/);
  });

  test('a limit with a reset says until when', () => {
    const limited = stream({
      result: result({ end: 'refused', isError: true, terminalReason: 'api_error', apiErrorStatus: 429 }),
      limitedUntil: NOW + 60_000,
    });
    const outcome = classify(evidence({ stream: limited, exit: exit(1) }), NOW);
    expect(outcome.kind === 'failed' && outcome.failure.until).toBe(NOW + 60_000);
  });
});

test.each([
  [{ code: 137, at: NOW, outOfMemory: true }, 'out_of_memory'],
  [{ code: 137, at: NOW }, 'crash'],
  [{ code: 139, at: NOW, outOfMemory: true }, 'crash'],
] as const)('an agent that ended with %o ended by: %s', (how, type) => {
  expect(classify(evidence({ exit: how, stream: stream() }), NOW)).toMatchObject({ kind: 'failed', failure: { type } });
});

describe('done means done: the words by what is there', () => {
  const left = { names: ['a.txt', 'b.txt'], count: 12 };
  const refused =
    'the repository demands signed commits (commit.gpgSign), and there is no key to sign with (error: gpg failed to sign the data)';
  const at = 'f'.repeat(40);
  test.each<[string, Partial<Evidence['inspection']>, Partial<StreamFacts>, string | RegExp]>([
    ['a commit that changes a file', { commits: 1, changed: true }, {}, 'done'],
    ['a commit of a version that did not look', { commits: 1 }, {}, 'done'],
    ['an empty commit', { commits: 1, changed: false }, {}, /^no change made: 1 commit on its branch/],
    ['a commit and its revert', { commits: 2, changed: false }, {}, /^no change made: 2 commits on its branch/],
    ['nothing', {}, {}, 'no change made: no commit, and no file differs'],
    ['files in no commit', { dirty: true, left }, {}, 'no commit: 12 files are in no commit: a.txt, b.txt and 10 more'],
    [
      'and a refused commit',
      { dirty: true, left },
      { commitRefused: refused },
      /^a commit was refused: the repository demands signed commits/,
    ],
    ['a refused commit, and then one that worked', { commits: 1, changed: true }, { commitRefused: null }, 'done'],
    ['commits on another branch', { elsewhere: [{ branch: 'feature', head: at }] }, {}, /^its commits are on feature \(ffffffffffff\)/],
    ['commits taken back', { elsewhere: [{ branch: null, head: at }] }, {}, /^no change made: its commits .* were taken back/],
    ['commits taken back, files left', { elsewhere: [{ branch: null, head: at }], dirty: true, left }, {}, /^no commit: 12 files/],
  ])('%s', (_what, inspection, facts, expected) => {
    const said = stream({ result: result({ text: 'All done.' }), ...facts });
    const outcome = classify(evidence({ inspection: { ...clean, ...inspection }, stream: said }), NOW);
    const words = outcome.kind === 'failed' ? outcome.failure.message : outcome.kind;
    expect(words).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    // Nothing was found that is not said.
    if (outcome.kind === 'failed') for (const name of inspection.left?.names ?? []) expect(words).toContain(name);
  });
});
