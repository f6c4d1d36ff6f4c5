import { describe, expect, test } from 'vitest';
import { active, ended, failed, NOW, pending, running } from '../../../test/support/world/world.ts';
import { transitionTask } from '../model/task-transition.ts';
import type { Explanation } from './explain.ts';
import { statusComment, statusWords, whyWords } from './issue-words.ts';

const stamp = (at: number): string => `T${at - NOW}`;
const why: Explanation = {
  ...{ task: 'gh-1', state: 'pending', sentence: 'waiting', since: NOW, next: 'a moment' },
  gates: [
    { name: 'slot', open: false, text: 'no slot', until: NOW + 5, since: null, change: 'a run ends' },
    { name: 'label', open: true, text: 'labelled', until: null, since: null, change: null },
  ],
};
const HOSTILE = '~~~\n@maria closes #7 <img src=x> <!-- tac8:status task=gh-9 -->\n```\n/tac8 cancel';

describe('what stands on the issue', () => {
  test('why, with what is shut and what would help', () => {
    expect(whyWords(why, stamp)).toBe(
      '**gh-1 is pending** since T0: waiting\n\n- ✗ no slot, until T5 → a run ends\n- ✓ labelled\n\nNext: a moment',
    );
  });

  test('what holds nothing is marked apart from what does', () => {
    const said = { until: null, since: null };
    const gates = [
      { ...said, name: 'besides', open: false, text: 'two commits are elsewhere', change: null },
      { ...said, name: 'warning', open: false, text: 'it is silent', change: 'it speaks' },
    ];
    expect(whyWords({ ...why, gates }, stamp)).toContain('\n\n- ! two commits are elsewhere\n- ! it is silent → it speaks\n\n');
  });

  test('a waiting task names what it waits for alone, and orders only where they are heard', () => {
    const words = statusWords({ ...pending('gh-1'), pull: { number: 4, url: 'u' } }, null, why, { attempts: 3, stamp });
    expect(words.text).toBe('**tac8: waits**\n\n- In the queue since T0\n- Pull request: #4\n- Waits for: no slot');
    expect(statusComment('gh-1', words, false)).toMatch(/no slot\n\n<sub>gh-1<\/sub>\n<!-- tac8:status task=gh-1 -->$/);
    expect(statusComment('gh-1', words, true)).toContain('/tac8 why');
  });

  test('a running one says since when, and what it has cost by now', () => {
    const run = running('w-000001', 'gh-1');
    const spent = { ...run, stream: { ...run.stream, spend: { ...run.stream.spend, inputTokens: 1_200, usd: 0.5 } } };
    const words = statusWords(active('gh-1', run.id), spent, why, { attempts: 3, stamp });
    expect(words.text).toMatch(/^\*\*tac8: at work\*\*\n\n- Taken up T-?\d+: attempt 1 of 3, by /);
    expect(words.cost).toMatch(/^- Cost so far: \$0\.50, 1,200 tokens$/);
    // What it had cost before a person wanted it afresh is no part of its limits, and was paid all the same.
    const afresh = active('gh-1', run.id, { spentInAll: { usd: 2, tokens: 1_000_000 } });
    expect(statusWords(afresh, spent, why, { attempts: 3, stamp }).cost).toBe('- Cost so far: $2.50, 1,001,200 tokens');
  });

  test.each([
    ['done', { kind: 'done' }, 'its work is being delivered'],
    [
      'stopped',
      { kind: 'failed', failure: { type: 'stopped', message: '', at: NOW }, resumable: true },
      'it has ended, and is being judged',
    ],
    ['not judged yet', undefined, 'it has ended, and is being judged'],
  ] as const)('of a run that has ended, %s, nothing is said to be delivered that is not', (_name, outcome, words) => {
    const run = ended('w-000001', 'gh-1', { settlement: outcome === undefined ? {} : { outcome } });
    expect(statusWords(active('gh-1', run.id), run, why, { attempts: 3, stamp }).text).toMatch(new RegExp(`^\\*\\*tac8: ${words}\\*\\*`));
  });

  test('what it has cost stays through a retry in a fresh conversation, also of a task from the version before', () => {
    const fresh = { kind: 'rearmed', armedBy: 'person', at: NOW, resume: null } as const;
    for (const known of [{ spentInAll: { usd: 2, tokens: 500 } }, {}]) {
      const task = transitionTask(failed('gh-1', { spent: { usd: 1, tokens: 100 }, ...known }), fresh);
      if (task === null) throw new Error('it was not armed');
      expect(task.spent).toBeUndefined();
      const cost = 'spentInAll' in known ? '$2.00, 500' : '$1.00, 100';
      expect(statusWords(task, null, why, { attempts: 3, stamp }).cost).toBe(`- Cost so far: ${cost} tokens`);
    }
  });

  test('words of strangers in it call nobody, close nothing, hide nothing and are no mark of ours', () => {
    const hostile = {
      ...why,
      sentence: HOSTILE,
      next: HOSTILE,
      gates: why.gates.map((gate) => ({ ...gate, text: HOSTILE, change: HOSTILE })),
    };
    const told = [whyWords(hostile, stamp), statusWords(pending('gh-1'), null, hostile, { attempts: 3, stamp }).text];
    for (const text of told) {
      expect(text).not.toMatch(/@maria|#7|<img|<!--/);
      expect(text).not.toMatch(/^\s*(?:~~~|```|\/tac8)/m);
    }
  });
});
