import { expect, it, test } from 'vitest';
import { withoutPlaces } from './places.ts';

const here = { root: '/home/ann/widgets', trees: 'trees', home: '/home/ann' };

test.each([
  ['see /home/ann/widgets/trees/gh-1/src/a.ts:3.', 'see src/a.ts:3.'],
  ['in `/home/ann/widgets/trees/gh-1`', 'in `.`'],
  ['/home/ann/widgets/.git/index.lock is there', '.git/index.lock is there'],
  ['cd /home/ann/widgets && ls', 'cd . && ls'],
  ['/home/ann/.claude/x and /home/ann', '~/.claude/x and ~'],
  ['/home/anna/x and /srv/home/ann/y', '/home/anna/x and /srv/home/ann/y'],
  ['/home/ann/widgets-2/a', '~/widgets-2/a'],
  ['nothing of it', 'nothing of it'],
])('%s', (text, shown) => expect(withoutPlaces(text, here)).toBe(shown));

it('takes a long text in a moment', () => {
  const text = '/home/ann/widgets/'.repeat(100_000);
  expect(withoutPlaces(text, here)).not.toContain('/home/ann');
});

it('leaves a text alone where the root is all there is', () => {
  expect(withoutPlaces('a/b /c', { root: '/', trees: 'trees', home: null })).toBe('a/b /c');
});
