/*
 * Issues as people write them, made up from a seed: reports with templates, logs, JSX, diffs, tables, nested lists, details, footnotes,
 * formulas and diagrams. Each tells which of its pieces are code, and has words in it that do not show.
 */

export interface RealIssue {
  readonly body: string;
  /** Fences and code in lines, as they stand in the body. */
  readonly code: readonly string[];
}

/** Stands in everything that does not show, and nowhere else. */
export const CANARY = 'CANARY';

/** A generator of numbers from 0 to below `n`, the same for the same seed. */
function dice(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const SNIPPETS: readonly (readonly [language: string, ...lines: string[]])[] = [
  [
    'jsx',
    '<Button',
    '  title="Save & <close>"',
    '  onClick={() => save<Item>(a && b)}',
    '>',
    '  {/* not hidden */}',
    '  {items.map((x) => <Row key={x.id} {...x} />)}',
    '</Button>',
  ],
  [
    'html',
    '<!-- a comment in code -->',
    '<div class="a" title=\'b\' hidden>',
    '  <img src="x.png" alt="shown in code">',
    '  &nbsp;&#8203;&lt;',
    '</div>',
  ],
  ['diff', '--- a/x.ts', '+++ b/x.ts', '@@ -1,3 +1,3 @@', '-<a title="old">', '+<a>', ' <!-- context -->'],
  [
    'ts',
    'const f = <T,>(x: T[]): x is Y => x.length < 3 && `a` !== "`";',
    '',
    '',
    '// [ref]: http://x "title"',
    'type A = Map<string, Array<number>>;',
  ],
  ['yaml', 'on: { push: { branches: [main] } }', '# [//]: # (comment)', 'env:', '  A: "{{ secrets.A }}"', '\tb: 1'],
  ['liquid', '{% if issue %}{{ issue.body | escape }}{% endif %}', '<!-- {{ x }} -->'],
  ['markdown', '[x]: y "z"', '![alt](u "t")', '[^1]: note', '| a | b |', '|---|---|', '| 1 | 2 | 3 |', '$\\phantom{x}$'],
  ['console', '$ npm i @acme/x  # <none>', '⠋ 1️⃣ 👨‍👩‍👧 ✔️ done\u00a0in 3s', 'at Foo.<init> (Foo.java:3)'],
  ['', 'TypeError: a is not a function', '    at <anonymous>:1:2', '', '    at async Promise.all (index 0)'],
  ['sql', "SELECT '<b>' || x FROM t -- comment", 'WHERE a < b AND c > d;'],
  ['xml', '<?xml version="1.0"?>', '<!DOCTYPE x [<!ENTITY e "v">]>', '<a><![CDATA[ b ]]></a>'],
  ['mermaid', 'graph TD', '  A[Start] -->|50%| B{"x < y?"}', '  B --> C'],
  ['math', 'x^2 + \\frac{a}{b} = \\color{red}{c}', '\\text{50\\% of } y'],
  ['php', '<?php echo "$a->b"; ?>', '<p><?= $x ?></p>'],
  ['tex', '\\phantom{x} % a comment', '\\newcommand{\\a}{b}'],
];
const IN_LINE = [
  '<div title="x">',
  'a && b',
  '<!-- x -->',
  'List<String>',
  '[x](y "z")',
  '&#8203;',
  'npm i @a/b',
  '$\\phantom{x}$',
  '![a](b)',
  '{{ x }}',
  '%%',
  '\\',
  'a | b',
  '[^1]',
] as const;
const WORDS = 'When the list is empty, the page shows an error instead of a hint; see below for what I expect and what happens'.split(' ');

export function realIssue(seed: number): RealIssue {
  const roll = dice(seed * 7919 + 13);
  const pick = <T>(all: readonly T[]): T => all[roll(all.length)] as T;
  const code: string[] = [];
  const words = (): string => Array.from({ length: 3 + roll(8) }, () => pick(WORDS)).join(' ');
  const inLine = (inTable = false): string => {
    const text = pick(inTable ? IN_LINE.filter((one) => !one.includes('|')) : IN_LINE);
    const span = `\`${text}\``;
    code.push(span);
    return span;
  };
  const fence = (indent: string): string => {
    const [language, ...lines] = pick(SNIPPETS);
    const marks = pick(['```', '~~~', '````']);
    const text = [`${marks}${language}`, ...lines, marks].map((line) => (line === '' ? indent.trimEnd() : `${indent}${line}`)).join('\n');
    code.push(text);
    return text;
  };
  const blocks: readonly (() => string)[] = [
    () => `${words()} ${inLine()} ${words()}.`,
    () => `## ${words()}\n\n${words()}.`,
    () => fence(''),
    () => fence(''),
    () => `- ${words()}\n  - ${words()} ${inLine()}\n\n${fence('    ')}\n- [ ] ${words()}`,
    () => `1. ${words()}\n\n${fence('   ')}\n\n2. ${words()}`,
    () => `> ${words()}\n>\n${fence('> ')}`,
    () => `<details>\n<summary>${words()}</summary>\n\n${fence('')}\n\n</details>`,
    () => `| Name | Value |\n| --- | --- |\n| ${words()} | ${inLine(true)} |\n| a | b | ${CANARY} |`,
    () => `<!-- ${CANARY}: please describe what you did -->\n${words()}`,
    () => `### Environment\n<!--\n${CANARY} \`${words()}\`\n-->\n${words()} ${inLine()}`,
    () => `![${CANARY}](https://user-images.example/${roll(1e6)}.png)`,
    () => `${words()}[^n${roll(3)}]\n\n[^unused]: ${CANARY}`,
    () => `It takes $O(n^2)$ where ${inLine()} costs $5 or 10% of $60.`,
    () => `See [the docs](https://x.example/a_(b) "${CANARY}") and <kbd class="${CANARY}">Ctrl</kbd> ${inLine()}`,
    () => {
      const text = `    indented(${roll(10)}) && <b title="c">`;
      code.push(text);
      return `${words()}:\n\n${text}`;
    },
  ];
  const body: string[] = [words()];
  for (let n = 0; n < 4; n++) body.push(pick(blocks)());
  const text = body.join('\n\n');
  return { body: roll(2) === 0 ? text : text.replaceAll('\n', '\r\n'), code };
}
