import { expect, it, test } from 'vitest';
import { active } from '../../../test/support/world/world.ts';
import { inTemplate, pullTitle } from './pull-form.ts';

const task = { ...active('gh-7', 'w-000001'), title: 'Fix #3 for @maria' };
const BODY = 'Closes #7\n\nDone.\n\n<!-- tac8:pull task=gh-7 run=w-000001 -->';

test.each([
  [null, 'Fix #\u200b3 for @\u200bmaria'],
  ['[bot] {title} ({task}, #{number})', '[bot] Fix #\u200b3 for @\u200bmaria (gh-7, #7)'],
  ['{title} {other}', 'Fix #\u200b3 for @\u200bmaria {other}'],
])('the title by %j', (form, title) => expect(pullTitle(form, task)).toBe(title));

test('what stands in a title is no placeholder', () =>
  expect(pullTitle('{title}!', { ...task, title: '{task} {title}' })).toBe('{task} {title}!'));

test.each<[string, string | null, string]>([
  ['no template', null, BODY],
  ['an empty one', ' <!-- only a hint -->\n', BODY],
  [
    'one with a heading for it',
    '# Thanks!\r\n## Description\n<!-- say what\n you did -->\n\n## Checks\n- [ ] tests',
    'Closes #7\n\n# Thanks!\n## Description\n\nDone.\n\n<!-- tac8:pull task=gh-7 run=w-000001 -->\n\n## Checks\n- [ ] tests',
  ],
  ['one without', '- [ ] I agree', `${BODY}\n\n- [ ] I agree`],
  [
    'a comment that never ends',
    '## Summary\n<!-- endless',
    'Closes #7\n\n## Summary\n\nDone.\n\n<!-- tac8:pull task=gh-7 run=w-000001 -->',
  ],
])('%s', (_name, template, expected) => expect(inTemplate(BODY, template)).toBe(expected));

it('ticks no box, and a template of ours in it marks nothing', () => {
  expect(inTemplate(BODY, '<!-- tac8:pull task=gh-9 run=w-000009 -->\n- [ ] x')).not.toContain('gh-9');
});
