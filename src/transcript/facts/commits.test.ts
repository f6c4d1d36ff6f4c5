import { describe, expect, test } from 'vitest';
import { isCommit, whyRefused } from './commits.ts';

describe('a commit that fails', () => {
  test.each([
    ['git commit -m x', true],
    ['cd a && git -C b commit --amend', true],
    ['git add -A; git commit -qm "x"', true],
    ['git log; echo commit', false],
    ['git status', false],
  ])('%s is one: %s', (command, expected) => expect(isCommit({ command })).toBe(expected));

  test.each([
    [
      'error: gpg failed to sign the data:\ngpg: signing failed: No secret key\nfatal: failed to write commit object',
      /demands signed commits/,
    ],
    ['error: Load key "/x": No such file?\n\nfatal: failed to write commit object', /^fatal: failed to write commit object$/],
    ['Author identity unknown\n\n*** Please tell me who you are.\n', /no name and mail/],
    ['husky - pre-commit script failed (code 1)', /a hook of the repository refused it \(husky/],
    ['> eslint .\n2 problems', /^2 problems$/],
    ['', /without a word/],
    ['x'.repeat(100_000), /^x{159}…$/],
  ])('%#', (output, expected) => expect(whyRefused(output)).toMatch(expected));
});
