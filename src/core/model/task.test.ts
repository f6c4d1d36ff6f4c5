import { describe, expect, it } from 'vitest';
import { branchAfter, branchOf, readBranch } from './task.ts';

describe('the branch of a task', () => {
  it.each([
    ['{task}', 'Add dark mode', 'auto/gh-12'],
    ['{task}-{title}', 'Add dark mode', 'auto/gh-12-add-dark-mode'],
    ['{task}-bot-{title}', 'Crème brûlée: a "recipe"!', 'auto/gh-12-bot-cre-me-bru-le-e-a-recipe'],
    // What begins with a number would be read as that of the branch.
    ['{task}-{title}', '2 fast 2 furious', 'auto/gh-12-fast-2-furious'],
    ['{task}-{title}', '2026', 'auto/gh-12'],
    ['{task}-{title}', '  --upload-pack=../../.git/hooks $(rm) \n x', 'auto/gh-12-upload-pack-git-hooks-rm-x'],
    ['{task}-{title}', '日本語', 'auto/gh-12'],
    ['{task}-{title}', 'word '.repeat(50), 'auto/gh-12-word-word-word-word-word-word-word-word'],
  ])('%s of “%s” is %s, and says whose it is', (template, title, branch) => {
    expect(branchOf('auto/', template, 'gh-12', title)).toBe(branch);
    expect(readBranch(branch)).toMatchObject({ stem: 'auto/gh-12', task: 'gh-12', nth: 1 });
  });

  it('keeps its words when the next work begins', () => {
    expect(branchAfter('auto/gh-12')).toBe('auto/gh-12-2');
    expect(branchAfter('auto/gh-12-add-dark-mode')).toBe('auto/gh-12-2-add-dark-mode');
    expect(branchAfter('auto/gh-12-2-add-dark-mode')).toBe('auto/gh-12-3-add-dark-mode');
    expect(readBranch('auto/gh-12-9-add-dark-mode')).toEqual({ stem: 'auto/gh-12', task: 'gh-12', nth: 9, words: '-add-dark-mode' });
  });

  it.each(['auto/gh-0', 'auto/gh-12_x', 'auto/gh-12-X', 'auto/gh-12/x', 'feature'])('%s is nobody’s', (branch) => {
    expect(readBranch(branch)).toBeNull();
  });
});
