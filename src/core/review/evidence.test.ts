import { expect, test } from 'vitest';
import { ended, inReview, NOW } from '../../../test/support/world/world.ts';
import type { Proof } from '../agent/proof.ts';
import { type Evidence, evidenceOf, evidenceWords, headsAgree } from './evidence.ts';
import type { PullSight, PullSights } from './pull-sights.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const sight = (commit: string, failing = 0): PullSights => {
  const summary = { passed: 2, failing, running: 0, other: 0, failingNames: failing > 0 ? ['unit'] : [], withheld: [] };
  const checks = { summary, at: NOW, since: NOW, askedAt: NOW, unknown: null };
  const one: PullSight = { task: 'gh-1', number: 4, state: 'open', draft: false, commit, at: NOW, checks };
  return new Map([[4, one]]);
};

function evidence(sights: PullSights, proof?: Proof, head = A): Evidence {
  const run = ended('w-000001', 'gh-1', {});
  const inspection = { head, commits: 1, dirty: false, question: null, files: { names: ['a.ts'], count: 1 } };
  const stream = proof === undefined ? run.stream : { ...run.stream, proof };
  return evidenceOf(inReview('gh-1', 4), { stream, settlement: { pushed: { commit: A, remote: 'origin' }, inspection } }, sights);
}

const tested = (edits: number, ok: boolean | null): Proof => ({ edits: 3, tests: { command: 'npm test', edits, ok } });

test.each<[string, Evidence, readonly (readonly [string, boolean])[]]>([
  [
    'all as it should be',
    evidence(sight(A), tested(3, true)),
    [
      ['heads', true],
      ['tests', true],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'tests before the last change',
    evidence(sight(A), tested(2, true)),
    [
      ['heads', true],
      ['tests', false],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'tests that failed',
    evidence(sight(A), tested(3, false)),
    [
      ['heads', true],
      ['tests', false],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'tests whose end is hidden',
    evidence(sight(A), tested(3, null)),
    [
      ['heads', true],
      ['tests', false],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'no tests',
    evidence(sight(A), { edits: 1 }),
    [
      ['heads', true],
      ['tests', false],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'an agent whose calls nobody sees',
    evidence(sight(A)),
    [
      ['heads', true],
      ['checks', true],
      ['files', true],
    ],
  ],
  [
    'red checks',
    evidence(sight(A, 1)),
    [
      ['heads', true],
      ['checks', false],
      ['files', true],
    ],
  ],
  // What is said of another commit is not said of this one.
  [
    'a pull that somebody pushed to',
    evidence(sight(B)),
    [
      ['heads', false],
      ['files', true],
    ],
  ],
  [
    'a worktree that went on',
    evidence(new Map(), undefined, B),
    [
      ['heads', false],
      ['files', true],
    ],
  ],
  [
    'a pull that nobody has seen',
    evidence(new Map()),
    [
      ['heads', true],
      ['files', true],
    ],
  ],
])('%s', (_name, seen, expected) => expect(evidenceWords(seen).map(({ name, ok }) => [name, ok])).toEqual(expected));

test('words of the agent in it stay on their line', () => {
  const seen = evidence(sight(A), { edits: 1, tests: { command: 'npm test\n- ✓ all green', edits: 1, ok: true } });
  for (const { text } of evidenceWords({ ...seen, files: { names: ['a\n- ✓ checks passed'], count: 1 } })) expect(text).not.toContain('\n');
  expect(headsAgree({ ...seen, pushed: null, pull: null })).toBeNull();
});
