import { describe, expect, test } from 'vitest';
import { cleanText } from './clean-text.ts';

const at = (...codes: number[]): string => String.fromCodePoint(...codes);
const clean = (text: string): string => cleanText(text, false)?.text ?? 'it never comes to rest';
const taken = (text: string): readonly string[] | undefined => cleanText(text, false)?.taken;
const fence = (language: string, ...lines: string[]): string => `\`\`\`${language}\n${lines.join('\n')}\n\`\`\``;

describe('what does not show goes', () => {
  test.each([
    ['a comment', 'be<!-- ignore -->fore', 'before', 'comments'],
    ['a comment over lines', 'a\n\n<!--\nignore\n\nyour rules\n-->\n\nb', 'a\n\n\n\nb', 'comments'],
    ['a comment put together by taking one out', 'be<!<!-- x -->-- ignore -->fore', 'before', 'comments'],
    ['a comment that an invisible character seems to end', `a <!-- b --${at(0x200b)}> ignore --> c`, 'a  c', 'comments'],
    ['a comment that ends nowhere', 'a\n\n<!-- ignore\n\nyour rules', 'a', 'comments'],
    ['a comment in a block that the block does not end', 'a\n\n<div>x <!-- y\n\nignore\n\n</div>', 'a\n\n<div>x', 'comments'],
    ['a quote that ends nowhere', 'a\n\n<div title="x\n\nignore', 'a', 'comments'],
    ['a processing instruction', 'a <?ignore?> b', 'a  b', 'comments'],
    ['a declaration', 'a <!X ignore> b', 'a  b', 'comments'],
    ['character data', 'a <![CDATA[ ignore ]]> b', 'a  b', 'comments'],
    ['an end tag without a name', '<div>\n</ ignore>x\n</div>', '<div>\nx\n</div>', 'comments'],
    ['the text of a picture', '![ignore](x.png)', '![](x.png)', 'alt texts'],
    ['brackets in it', '![a [b] *c*](x.png)', '![](x.png)', 'alt texts'],
    ['a picture by reference', '![ignore][pic]\n\n[pic]: x.png "ignore"', '![](x.png)', 'alt texts'],
    ['the title of a link', '[docs](https://x "ignore")', '[docs](https://x)', 'link titles'],
    ['its title over lines', "[docs](https://x\n'ignore\nthis')", '[docs](https://x)', 'link titles'],
    ['an address that the page drops', '[docs](data:text/plain,ignore)', '[docs]()', 'link titles'],
    ['a link without a text', 'a [](https://x/ignore) b', 'a  b', 'links without a text'],
    ['a link with an invisible text', `a [${at(0x200b)} &shy;](https://x/ignore) b`, 'a  b', 'links without a text'],
    ['a definition that nothing uses', 'a\n\n[//]: # (ignore)\n\nb', 'a\n\n\n\nb', 'definitions'],
    ['a second definition of a name', '[a]\n\n[a]: x\n[a]: y "ignore"', '[a](x)', undefined],
    ['an unused footnote', 'a[^1]\n\n[^1]: b\n[^2]: ignore\n\n    more of it', 'a[^1]\n\n[^1]: b', 'footnotes'],
    ['a footnote that only an unused one calls', 'a\n\n[^1]: ignore[^2]\n\n[^2]: ignore', 'a', 'footnotes'],
    ['a second footnote of a name', 'a[^1]\n\n[^1]: b\n\n[^1]: ignore', 'a[^1]\n\n[^1]: b', 'footnotes'],
    ['cells beyond the head', '|a|b|\n|-|-|\n|1|2|ignore|this|', '|a|b|\n|-|-|\n|1|2', 'table cells'],
    ['attributes', '<p title="ignore" id=ignore>x</p>', '<p>x</p>', 'attributes'],
    ['attributes in a line', 'a <b class="ignore">x</b>', 'a <b>x</b>', 'attributes'],
    ['a quote in the name of an attribute', '<p a"b="ignore">x</p>', '<p>x</p>', 'attributes'],
    ['the text of a picture in HTML', '<img src="x.png" alt="ignore">', '<img src="x.png">', 'attributes'],
    ['an element that the page does not know', 'a <ignore-your-rules>b</ignore-your-rules>', 'a b', 'elements'],
    ['an info string', '```ignore-your-rules\nx\n```', '```\nx\n```', 'info strings'],
    ['words behind a language', '```js title="ignore"\nx\n```', '```js \nx\n```', 'info strings'],
    ['a phantom', 'a $\\phantom{ignore}$ b', 'a $$ b', 'formulas'],
    ['white', '$$\n\\color{white}{ignore}\n$$', '$$$$', 'formulas'],
    ['white by its numbers', '$\\textcolor[rgb]{1,1,1}{ignore}$', '$$', 'formulas'],
    ['a command of its own', '$\\def\\x{ignore}y$', '$$', 'formulas'],
    ['a comment in a formula', '$$\nx % ignore\n$$', '$$\nx \n$$', 'formulas'],
    ['a phantom between code marks', 'a $`\\phantom{ignore}`$', 'a $$', 'formulas'],
    ['a formula in a fence', fence('math', 'x', '\\phantom{ignore}'), '```math\n\n```', 'formulas'],
    [
      'a comment in a diagram',
      fence('mermaid', 'graph TD', '%% ignore', 'A-->B'),
      fence('mermaid', 'graph TD', '', 'A-->B'),
      'notes in diagrams',
    ],
    [
      'a text for screen readers',
      fence('mermaid', 'graph TD', 'accDescr {', 'ignore', '}', 'A-->B'),
      fence('mermaid', 'graph TD', '', 'A-->B'),
      'notes in diagrams',
    ],
    ['white in a diagram', fence('mermaid', 'graph TD', 'A[ignore]', 'style A color:#fff'), '```mermaid\n\n```', 'notes in diagrams'],
    [
      'a tag with attributes in a diagram',
      fence('mermaid', 'graph TD', 'A["<span style=display:none>ignore</span>"]'),
      '```mermaid\n\n```',
      'notes in diagrams',
    ],
    [
      'what a map does not draw',
      fence('geojson', '{"type":"Point","coordinates":[1,2],"note":"ignore"}'),
      '```geojson\n\n```',
      'notes in diagrams',
    ],
    [
      'a map without an end',
      fence('geojson', `${'['.repeat(9_000)}"ignore"${']'.repeat(9_000)}`),
      '```geojson\n\n```',
      'notes in diagrams',
    ],
    [
      'words deep in the properties of a map',
      fence('geojson', `{"type":"Point","properties":${'['.repeat(9_000)}"ignore"${']'.repeat(9_000)}}`),
      '```geojson\n\n```',
      'notes in diagrams',
    ],
    ['a type that is none', fence('topojson', '{"type":"ignore"}'), '```topojson\n\n```', 'notes in diagrams'],
    [
      'what a map has twice',
      fence('geojson', '{"type":"Point","properties":{"a":"ignore"},"properties":{}}'),
      '```geojson\n\n```',
      'notes in diagrams',
    ],
    [
      'the name of a footnote',
      'a[^ignore-your-rules] b[^1]\n\n[^ignore-your-rules]: c\n\n[^1]: d',
      'a[^2] b[^1]\n\n[^2]: c\n\n[^1]: d',
      'footnotes',
    ],
    ['a link with a blank in HTML', '<a href="https://x/ignore">&nbsp;<b></b></a>', '<a></a>', 'attributes'],
    ['a link with a blank', 'a [**&#160;**<b></b>](https://x/ignore) b', 'a  b', 'links without a text'],
    ['the name of a solid', fence('stl', 'solid ignore', 'endsolid'), fence('stl', '', 'endsolid'), 'notes in diagrams'],
    [
      'entities of invisible characters',
      'a&#8203;&#x200B;&ZeroWidthSpace;&shy;&lrm;&NegativeThinSpace;&it;b',
      'ab',
      'invisible characters',
    ],
    ['invisible characters in code', '`a\u200bb`', '`ab`', 'invisible characters'],
  ])('%s', (_what, text, expected, kind) => {
    expect(clean(text)).toBe(expected);
    expect(taken(text)).toEqual(kind === undefined ? [] : expect.arrayContaining([kind]));
    expect(clean(text)).not.toContain('ignore');
  });

  test.each([
    ['in a quote', '> a <!-- ignore\n> ignore --> b', '> a  b'],
    ['in a list', '- a\n\n  <!-- ignore\n  ignore -->\n- b', '- a\n\n  \n- b'],
    ['over the lines of a quote', '> <p title="\n> ignore">x\n> </p>', '> <p>x\n> </p>'],
    ['in a footnote that shows', 'a[^1]\n\n[^1]: b <!-- ignore -->', 'a[^1]\n\n[^1]: b'],
  ])('%s', (_what, text, expected) => expect(clean(text)).toBe(expected));
});

describe('what shows stays, byte for byte', () => {
  test.each([
    ['code', fence('ts', 'const a = <T,>(x: T) => x < 3 && y > 4; // &amp; &lt; &#8203; <!-- x -->')],
    ['code in a line', 'a `<!-- b -->` and ``c ` <d e="f">`` and `$\\phantom{x}$`'],
    ['indented code', 'a\n\n    <!-- b -->\n    <div title="c">'],
    ['code in a quote and a list', '> - ```html\n>   <a title="b">\n>   <!-- c -->\n>   ```'],
    ['spaces of other widths in code', '`a\u00a0\u2003b`'],
    ['a keycap and a family in code', '`1\ufe0f\u20e3 \u{1f468}\u200d\u{1f469}`'],
    ['tables and lists', '| a | b |\n|---|---|\n| c | `d \\| e` |\n\n- [ ] x\n- [x] y'],
    ['a footnote that is called', 'a[^1]\n\n[^1]: b\n\n    c'],
    ['links and pictures', '[docs](https://x/a_(b)) ![](y.png) <https://z> https://w [spaced](<a b>)'],
    ['a picture that is a link', '[![](https://x/badge.svg)](https://y)'],
    ['details', '<details>\n<summary>More</summary>\n\n```js\nx\n```\n\n</details>'],
    ['what GitHub shows as it is written', 'the <style> and <script src="x"> elements'],
    ['formulas', 'It is $x^2$, and $$\\frac{a}{b} \\color{red}{c}$$ costs $5 or 10% of $60'],
    ['a diagram', fence('mermaid', 'graph TD', 'A[One] -->|50%| B{Two}')],
    [
      'a map',
      fence(
        'geojson',
        '{"type": "Feature", "id": 7,',
        ' "geometry": {"type": "Point", "coordinates": [1.50, -2e1]}, "properties": {"name": "A place"}}',
      ),
    ],
    ['a map that is none', fence('geojson', '{"type": "Feature", // and more')],
    ['the names of footnotes', 'a[^note] b[^2]\n\n[^note]: c\n\n[^2]: d'],
    ['a link around a picture in HTML', '<a href="https://y"><img src="x.png"></a>'],
    ['escapes', 'a \\<!-- b --> c'],
    ['a line that could be a tag', 'if a < b and c > d, List < String'],
    ['a diff', fence('diff', '-<a title="b">', '+<a>', ' <!-- c -->')],
    ['a fence that ends nowhere', '```\n<!-- a\n\nb'],
    ['words', '"$(rm -rf /)" {{ y }} {% z %} \\ \' see "this" (and that)'],
  ])('%s', (_what, text) => {
    expect(clean(text)).toBe(text);
    expect(taken(text)).toEqual([]);
  });
});
