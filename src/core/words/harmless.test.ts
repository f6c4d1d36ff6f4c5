import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import { harmless, harmlessTitle } from './harmless.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** The page that the forge makes of a body, by another's parser: what it does by itself, and its text outside of code. */
function page(body: string): { readonly active: readonly string[]; readonly text: string } {
  const html = micromark(body, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const shown = html
    .replace(/<pre>[\s\S]*?<\/pre>/g, '\n')
    .replace(/<code>[\s\S]*?<\/code>/g, '`')
    .replace(/<(?:input|a|ol|li|td|th|h2|sup|section|code)( [^>]*)?>/g, '');
  const active = [
    ...shown.matchAll(
      /<!--|<img|<(?!\/?(?:p|ul|ol|li|h\d|em|strong|del|br|hr|table|thead|tbody|tr|th|td|blockquote|a|sup|section|code|input|details|summary|sub)\b)[^>]*/g,
    ),
  ];
  const text = shown.replace(/<[^>]*>/g, '\u0001').replace(/&(amp|lt|gt|quot);/g, (_all, name: string) => ENTITIES[name] ?? '');
  const found = [...text.matchAll(/@[a-z\d]|#\d|gh-\d|\/(?:issues|pull)\/\d/gi)];
  return { active: [...active, ...found].map(([one]) => one), text };
}

const ATTACKS: readonly (readonly [string, string])[] = [
  ['a marker', '<!-- tac8:pull task=gh-1 run=w-000000 -->'],
  ['a marker put together', '<!<!---->-- tac8:pull task=gh-1 --<!-->'],
  ['a marker in code', '`<!-- tac8:pull task=gh-1 -->`'],
  ['a marker in a block of code', '```\n<!-- tac8:pull task=gh-1 -->\n```'],
  ['a mention', 'cc @ada and @acme/team'],
  ['a mention in emphasis', '_@ada_ **@ada**'],
  ['a mention by an entity', '&#64;ada &commat;ada &#x40;ada'],
  ['a mention behind a backslash', '\\@ada'],
  ['a mention between marks that do not pair', '` a\n`@ada`'],
  ['a mention behind an escaped mark', '\\`@ada`'],
  ['a mention between marks of two cells', '|`|@ada`|\n|-|-|\n|`|@ada`|'],
  ['a mention behind a block that a list ends', '- ```\n  x\n```\n@ada\n```'],
  ['a mention behind a block that is indented', ' ```\nx\n```\n@ada\n```\n@ada'],
  ['a mention behind a block of tildes', '- ~~~\n@ada\n~~~'],
  ['a mention behind a block with a quote', '> ```\n@ada'],
  ['a reference', 'Closes #1, fixes acme/widgets#2, resolves GH-3, gh-3'],
  ['a reference in emphasis', '**Closes** #1'],
  ['a reference by an entity', 'Closes &#35;1 &num;1 GH&#45;1'],
  ['a reference behind backslashes', 'Closes \\#1, GH\\-1'],
  ['a reference by address', 'Closes https://github.com/acme/widgets/issues/1 and [that](https://github.com/acme/widgets/pull/2)'],
  ['a picture', '![x](https://evil/beacon.png) ![x][y]\n\n[y]: https://evil/beacon.png'],
  ['a picture in HTML', '<img src="https://evil/beacon.png"><picture><source srcset="https://evil/b">'],
  ['a picture in a link', '[![x](https://evil/b)](https://x)'],
  ['an element that swallows the rest', '<details><!-- <textarea> <div title="'],
  ['code that ends nowhere', '```js @ada\nx'],
];

describe('a body', () => {
  test.each(ATTACKS)('%s does nothing', (_what, text) => {
    const body = `<details><summary>S</summary>\n\n${harmless(text)}\n\n</details>\n\nLAST`;
    expect(page(body).active).toEqual([]);
    expect(page(body).text).toContain('LAST');
    expect(body).not.toMatch(/<!--\s*tac8:/);
    const quoted = harmless(text)
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n');
    expect(page(quoted).active).toEqual([]);
  });

  test('twin: the judge sees each of them as it was written', () => {
    const calm = new Set([
      'a marker in code',
      'a mention behind a block that a list ends',
      'a marker in a block of code',
      'code that ends nowhere',
      'a mention behind a block that is indented',
    ]);
    for (const [what, text] of ATTACKS) if (!calm.has(what)) expect([what, page(text).active.length > 0]).toEqual([what, true]);
  });

  test.each([
    ['words', 'Added *tests* and **docs**; see [the page](https://x/y?a=1&b=2).\n\n- one\n- two'],
    ['code', 'Run `npm i @acme/x` and\n\n```sh\nnpm i @acme/x # 1 <b>\n```\n\nthen `a < b && c`.'],
    ['headings and tables', '## Done\n\n| a | b |\n| - | - |\n| 1 | 2 |'],
  ])('%s stay as they are', (_what, text) => expect(harmless(text)).toBe(text));

  test.each([
    ['what the forge draws is shown as it is written', '```mermaid\nA["<img src=x>"]\n```', '```\nA["<img src=x>"]\n```'],
    ['what shows as nothing, and what turns words around', 'a\u202eb\u200b\r\nc', 'ab\nc'],
  ])('%s', (_what, text, expected) => expect(harmless(text)).toBe(expected));

  test.each([
    ['/approve', '/\u200bapprove'],
    ['> - /lgtm cancel', '> - /\u200blgtm cancel'],
    ['```\n/merge\n```', '```\n/\u200bmerge\n```'],
    ['/usr/bin and a /path', '/usr/bin and a /path'],
  ])('%j is no order to a program that listens', (text, expected) => expect(harmless(text)).toBe(expected));

  test('what is escaped is shown as it was written', () => {
    expect(page(harmless('a <b> & &amp; \\* @ada #1 ` ~~~ !')).text.replaceAll(/[\u200b\u0001\n]/g, '')).toBe(
      'a <b> & &amp; \\* @ada #1 ` ~~~ !',
    );
  });

  test('whatever is put together: it does nothing', () => {
    const unit = fc.constantFrom(
      ...[
        '`',
        '``',
        '```',
        '~~~',
        '~~~~',
        '\\',
        '@ada',
        '#1',
        'GH-1',
        'gh',
        '-2',
        'Closes ',
        '<',
        '>',
        '<!--',
        '-->',
        '!',
        '[',
        ']',
        '(',
        ')',
        '![',
        '](',
      ],
      ...[
        'tac8:pull',
        '&#64;',
        '&',
        ';',
        '#',
        '@',
        '1',
        'a',
        ' ',
        '    ',
        '\t',
        '\n',
        '\n\n',
        '- ',
        '> ',
        '1. ',
        '|',
        '|-|\n',
        '*',
        '_',
        '**',
        '$',
        '$$',
        'https://github.com/a/b/issues/',
        '<b>',
        '<img src=x>',
        ': ',
        '[^1]',
        '\r',
      ],
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (parts) => {
        const text = harmless(parts.join(''));
        expect(page(`${text}\n\nLAST`).active).toEqual([]);
        expect(page(`> ${text.replaceAll('\n', '\n> ')}`).active).toEqual([]);
        expect(`${text}\n\n<!-- tac8:x -->`.match(/<!--\s*tac8:/g)).toHaveLength(1);
        expect(page(`${text}\n\nLAST`).text).toContain('LAST');
      }),
      { numRuns: 1500 },
    );
  });

  test('takes no longer for one text than for another', () => {
    for (const text of ['`', '`a``', '\\', '&', '<!--', '@', '~', '\n', '| ` '])
      expect(harmless(text.repeat(50_000)).length).toBeLessThan(40_000);
  });
});

test.each([
  'Closes #1',
  'fixes GH-2 for @ada',
  'see https://github.com/a/b/issues/3',
])('a title %s closes nothing and calls nobody', (title) => {
  const safe = harmlessTitle(title);
  expect(safe.replaceAll('\u200b', '')).toBe(title);
  expect(safe).not.toMatch(/#\d|GH-\d|@\w|issues\/\d/i);
});

test.each(['Mend it [skip ci]', '[CI SKIP] Mend it', 'Mend it ***NO_CI***'])('a title %s keeps no build from running', (title) => {
  const safe = harmlessTitle(title);
  expect(safe.replaceAll('\u200b', '')).toBe(title);
  expect(safe).not.toMatch(/\[(?:skip ci|ci skip|no ci)\]|\*{3}NO_CI/i);
});
