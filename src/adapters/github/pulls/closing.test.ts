import { expect, test } from 'vitest';
import { closedBy } from './closing.ts';

const by = (text: string): readonly number[] => closedBy(text, 'acme/widgets');

test.each([
  ['a number', 'Closes #7', [7]],
  ['any closing word, in any case', 'FIXED #1, resolve: #2 and\nfixes #3. Closed #4', [1, 2, 3, 4]],
  ['the repository by its name', 'closes Acme/Widgets#7', [7]],
  ['an older form', 'Resolves GH-7', [7]],
  ['an address', 'Fixes https://github.com/acme/widgets/issues/7.', [7]],
  ['a list', '- Closes #7\n- [x] fixes #8', [7, 8]],
  ['what comes after a quote', '> not so\n\nCloses #7', [7]],
  ['what comes after code', '```\nx\n```\nCloses #7', [7]],
  ['beside a lone backtick', 'A ` and closes #7', [7]],
  ['further lines of an item', '- one\n\n      and closes #7', [7]],
] as const)('%s counts', (_, text, numbers) => expect(by(text)).toEqual(numbers));

test.each([
  ['another repository', 'Closes acme/gadgets#7, fixes https://github.com/acme/gadgets/issues/7'],
  ['a block of code', '```\nCloses #7\n```'],
  ['a block of code without an end', '~~~\nCloses #7'],
  ['a shorter fence within', '````\n```\nCloses #7\n````'],
  ['an indented block', 'As in:\n\n    Closes #7'],
  ['code within a line', 'Write `Closes #7` or ``fixes `#8` ``'],
  ['a comment', '<!-- Closes #7 -->'],
  ['a comment over lines, and one without an end', '<!--\nCloses #7\n--> x <!-- fixes #8'],
  ['a quote', '> Closes #7'],
  ['a further line of a quote', '> they said\nCloses #7'],
  ['a word that is part of another', 'encloses #7, prefix #8'],
  ['a number that goes on', 'Closes #7x, fixes #8-9'],
  ['a number alone', 'See #7'],
] as const)('%s does not', (_, text) => expect(by(text)).toEqual([]));

test('a long text of any kind is read in proportion to its length', () => {
  for (const piece of ['`', '<!--', '> ', 'closes ', '~~~\n', '``` `` `\n', '    x\n\n']) {
    const [short, long] = [piece.repeat(500), piece.repeat(60_000)];
    expect(by(`${short}`)).toEqual([]);
    expect(by(`${long}`)).toEqual([]);
  }
});
