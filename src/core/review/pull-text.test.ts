import { describe, expect, it } from 'vitest';
import { active, ended, NOW } from '../../../test/support/world/world.ts';
import type { Settlement } from '../model/run.ts';
import { EMPTY_STREAM } from '../model/run.ts';
import { commentBody, pullBody } from './pull-text.ts';

const ROOT = '/srv/shop/widgets';
const READERS = { places: [`${ROOT}/trees/gh-7`, ROOT], orders: false };
const task = active('gh-7', 'w-000001');
const said = (settlement: Settlement, readers = READERS): string => commentBody(task, ended('w-000001', 'gh-7', { settlement }), readers);
const failed = (message: string, more: object = {}): Settlement => ({
  outcome: { kind: 'failed', failure: { type: 'setup_error', message, at: NOW, ...more }, resumable: false },
});
const SAVED = { ref: 'refs/tac8/saved/gh-7/w-000001/1', commit: 's'.repeat(40) };
const INSPECTED = { head: 'd'.repeat(40), commits: 2, dirty: true, question: null, changed: true };

describe('what stands on a public issue', () => {
  it.each([
    [`cat: ${ROOT}/trees/gh-7/a.txt: No such file`, '> cat: a.txt: No such file'],
    [`fatal: cannot lock ${ROOT}/.git/index`, '> fatal: cannot lock .git/index'],
    [`not in '${ROOT}/trees/gh-7'`, "> not in '.'"],
    ['ENOENT /home/ana/.npmrc, /Users/ana/x and /root/.ssh/id', '> ENOENT ~/.npmrc, ~/x and ~/.ssh/id'],
    // Neither a path of ours nor a home.
    [`see https://example.com/home/ana and ${ROOT}-old`, `> see https://example.com/home/ana and ${ROOT}-old`],
  ])('names no folder of this machine: %s', (message, shown) => {
    expect(said(failed(message))).toContain(shown);
  });

  it('hides them in the hint, the question, the notes and the agent’s last words as well', () => {
    expect(said(failed('exit 1', { hint: `Its whole output is in ${ROOT}/logs/setup.log` }))).toContain(
      'For whoever runs tac8: Its whole output is in logs/setup.log',
    );
    expect(said({ outcome: { kind: 'blocked', question: `May I change ${ROOT}/trees/gh-7/ci.yml?` } })).toContain('> May I change ci.yml?');
    const lacks = { ...SAVED, incomplete: `${ROOT}/trees/gh-7/data: Permission denied` };
    expect(said({ outcome: { kind: 'done' }, saved: lacks })).toContain('stays: data: Permission denied');
    const result = {
      end: 'completed',
      isError: false,
      subtype: '',
      terminalReason: null,
      apiErrorStatus: null,
      text: `Wrote ${ROOT}/trees/gh-7/a.txt`,
      at: NOW,
    } as const;
    const run = ended('w-000001', 'gh-7', { stream: { ...EMPTY_STREAM, result } });
    expect(pullBody(task, run, READERS)).toContain('Wrote a.txt');
    expect(pullBody(task, run, READERS)).not.toMatch(/logs\/|srv/);
  });

  it('says of what nobody else can reach where it is, and names no ref of it', () => {
    const text = said({ ...failed('it broke'), inspection: INSPECTED, saved: SAVED });
    expect(text).toContain(
      'Nothing is lost on the machine that tac8 runs on: its commits are on branch `auto/gh-7` there (`tac8 diff gh-7` shows them); what is in no commit is saved there (`tac8 restore gh-7` brings it back).',
    );
    expect(text).not.toContain('refs/');
    const elsewhere = [{ branch: 'feature', head: 'f'.repeat(40) }];
    expect(said({ ...failed('its commits are on feature'), inspection: { ...INSPECTED, elsewhere } })).toContain(
      'That branch is on the machine that tac8 runs on, and nowhere else.',
    );
  });

  it('tells how a question is answered, by the way that is open', () => {
    const asked: Settlement = { outcome: { kind: 'blocked', question: 'SQLite or Parquet?' } };
    expect(said(asked)).toContain(
      'tac8 does not read comments here: whoever runs it answers with `tac8 retry gh-7 --continue --message "…"`.',
    );
    expect(said(asked, { ...READERS, orders: true })).toContain('Someone with write access answers by a comment below');
  });

  it.each([
    [{ draft: true }, 'is open as a draft'],
    [{}, 'is open for review'],
    [{ state: 'merged' }, 'is merged already'],
  ] as const)('calls a pull what it is: %j', (more, words) => {
    expect(said({ outcome: { kind: 'done' }, pull: { number: 9, url: 'u', ...more } })).toContain(
      `pull request #9 ${words}`.replace('#9 is merged', '#9 has this work, and is merged'),
    );
  });
});
