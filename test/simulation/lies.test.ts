import { describe, expect, it } from 'vitest';
import type { Where } from './judge/words/statements.ts';
import { simulate } from './simulate.ts';

/** What would be said instead of what there is: the judge of statements finds each. `of`: of what is said there it takes the place. */
const LIES: readonly (readonly [where: Where, lie: string, because: RegExp, of?: RegExp])[] = [
  ['status', 'paused by a person', /nobody has paused it/],
  ['status', 'the fleet is paused: `tac8 resume` goes on', /nobody has paused it/],
  ['status', 'parked: billing_error', /no agent met billing_error/],
  ['status', 'waiting for a slot (97/97)', /there are \d+/],
  ['status', '12 MiB of memory are free', /there is enough/],
  ['status', "a person's open pull #9999 by mallory closes it", /that pull is not open/],
  ['status', 'labelled by mallory, who may only read', /put it on last/],
  ['status', 'no daemon runs', /one does/],
  ['status', 'all is well', /nobody has written down what this sentence rests on/],
  ['why', 'run w-ffffff works, attempt 1/3, by somebody', /the settings say something else/, /^run /],
  ['why', 'the agent lives: pid 1, 97 processes', /\d+ processes live/, /^the agent lives/],
  ['why', 'it has said nothing yet', /it has/, /^last heard/],
  ['why', 'last heard: nothing (97 turns)', /it has had \d+/, /^last heard/],
  ['why', 'done: https://forge.test/pull/9999', /there is no such pull of it/, /^(?:done|in review): https/],
  ['why', 'commit fffffff on a-branch, by w-000001', /no such commit is on its branch/, /^commit /],
  ['why', 'the heads differ: pushed aaaaaaa, worktree aaaaaaa', /they are the same/, / is the head of the worktree/],
  ['why', 'no tests were seen among the agent’s calls', /there were some/, /^the agent ran tests/],
  ['why', 'it asks: Why?', /no agent of it asked/, /^done: /],
  ['why', 'killed: a person killed it', /nobody ended it/, /^(?:budget|crash|stalled|no_pr): /],
  ['why', 'it never ran; 0/3 attempts used', /it had \d+ runs/, /^its last run is/],
  ['why', 'it feels well', /nobody has written down what this sentence rests on/, /^last heard/],
  ['board', '[🟡 w-ffffff, trees/gh-1]', /no such run is at work/, /^\[🟡/u],
  ['board', '[✅ fffffff, w-000001]', /no such commit is on its branch/, /^\[✅/u],
  ['board', 'PID: 1', /no such process of it lives/, /^PID: /],
  ['board', 'PR: #9999 https://forge.test/pull/9999', /there is no such pull of it/, /^PR: /],
  ['board', 'Completed: 2030-01-01 00:00:00', /that is still to come/, /^Completed: /],
  ['board', 'Reason: billing_error: no credit', /no agent of it ever ended by billing_error/, /^Reason: [a-z]+_/],
  ['cost', 'it has used 2 tokens, $0.000', /its agents gave/, /^it has used/],
  ['cost', 'w-000001 has used 97000000 tokens, $97.000', /its agents gave/, /^w-000001 /],
];

describe('a lie is found', () => {
  it.each(LIES.map(([place, words, because, of = /^/]) => ({ place, words, because, of })))('of $place: $words', async ({
    place,
    words,
    because,
    of,
  }) => {
    let found: unknown = null;
    const lie = (said: string, where: Where): string => (where === place && of.test(said) ? words : said);
    for (let seed = 1; seed <= 12 && found === null; seed += 1) {
      const { violation } = await simulate({ seed, days: 1, density: 4, lie });
      if (violation?.invariant === 'every statement is true') found = violation.message;
    }
    expect(found).toMatch(because);
    expect(found).toContain(words);
  }, 240_000);
});
