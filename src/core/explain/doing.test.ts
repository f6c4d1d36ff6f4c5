import { expect, test } from 'vitest';
import { doing } from './doing.ts';

test.each([
  [null, null],
  ['thinking', 'thinking'],
  ['Write: /srv/widgets/trees/gh-7/src/price.mjs', 'Write: src/price.mjs'],
  ['Edit: /srv/widgets/trees/gh-7/gh-7/a', 'Edit: gh-7/a'],
  ['Read: /srv/widgets/trees/gh-8/README.md', 'Read: /srv/widgets/trees/gh-8/README.md'],
  ['Read: /etc/hosts', 'Read: /etc/hosts'],
  ['Write: src/price.mjs', 'Write: src/price.mjs'],
  ['Bash: /srv/widgets/trees/gh-7/check.sh', 'Bash: /srv/widgets/trees/gh-7/check.sh'],
  ['Bash: cat /srv/widgets/trees/gh-7/a', 'Bash: cat /srv/widgets/trees/gh-7/a'],
  ['says: /srv/widgets/trees/gh-7/a', 'says: /srv/widgets/trees/gh-7/a'],
  ['says: see /srv/widgets/trees/gh-7/a', 'says: see /srv/widgets/trees/gh-7/a'],
])('%s', (activity, shown) => {
  expect(doing('gh-7', activity)).toBe(shown);
});
