import { expect, test } from 'vitest';
import type { TaskId } from '../../core/model/task.ts';
import { inTree } from './show-compare.ts';

test.each([
  ['/home/me/shop/trees/gh-2/src/price.mjs', 'src/price.mjs'],
  ['/var/lib/tac8/trees/gh-2/a/trees/gh-2/b', 'a/trees/gh-2/b'],
  ['src/price.mjs', 'src/price.mjs'],
  ['/home/me/shop/trees/gh-22/src/price.mjs', '/home/me/shop/trees/gh-22/src/price.mjs'],
  ['/etc/hosts', '/etc/hosts'],
])('%s is %s', (path, name) => {
  expect(inTree(path, 'gh-2' as TaskId)).toBe(name);
});
