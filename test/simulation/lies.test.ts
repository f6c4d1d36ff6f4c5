import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

/** What `status` would say of a waiting task, and does not: the judge of statements finds each. */
const LIES: readonly (readonly [lie: string, because: RegExp])[] = [
  ['paused by a person', /nobody has paused it/],
  ['the fleet is paused: `tac8 resume` goes on', /nobody has paused it/],
  ['parked: billing_error', /no agent met billing_error/],
  ['waiting for a slot (97/97)', /there are \d+/],
  ['12 MiB of memory are free', /there is enough/],
  ["a person's open pull #9999 by mallory closes it", /that pull is not open/],
  ['labelled by mallory, who may only read', /put it on last/],
  ['no daemon runs', /one does/],
  ['all is well', /nobody has written down what this sentence rests on/],
];

describe('a lie is found', () => {
  it.each(LIES)(
    '%s',
    async (words, because) => {
      let found: unknown = null;
      for (let seed = 1; seed <= 8 && found === null; seed += 1) {
        const { violation } = await simulate({ seed, days: 1, density: 4, lie: () => words });
        if (violation?.invariant === 'every statement is true') found = violation.message;
      }
      expect(found).toMatch(because);
      expect(found).toContain(words);
    },
    240_000,
  );
});
