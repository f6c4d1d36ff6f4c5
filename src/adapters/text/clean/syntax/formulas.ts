import type { Markup } from './html.ts';

/** Commands whose words do not show, or that can make others so. */
const HIDING =
  /\\(?:[hv]?phantom|f?colorbox|bbox|mathchoice|label|def|gdef|edef|xdef|let|futurelet|newcommand|renewcommand|newenvironment|definecolor|require|class|cssId|data|style|tooltip|texttip|mathtip|toggle|action|mmlToken|unicode|href|hspace|kern|mkern|mskip|hskip|raise|lower|moveleft|moveright|vcenter|rlap|llap|clap|mathrlap|mathllap|mathclap|smash|iffalse|if|begingroup|csname|catcode|opacity)(?![a-zA-Z])/;
const COLOUR = /\\(?:text|page|f)?color(?:box)?\s{0,20}(?:\[[^\]]{0,40}\]\s{0,20})?\{?\s{0,20}([^\s{}]{0,60})/g;
const VISIBLE_COLOURS = new Set(
  'black red green blue cyan magenta orange purple brown teal olive violet gray grey darkgray maroon navy'.split(' '),
);

/** A formula between `from` and `to`: what does not show of it. One that could hide words goes whole. */
export function hiddenInFormula(text: string, from: number, to: number): readonly Markup[] {
  const formula = text.slice(from, to);
  const colours = [...formula.matchAll(COLOUR)].map(([, name = '']) => name.toLowerCase());
  if (HIDING.test(formula) || colours.some((name) => !VISIBLE_COLOURS.has(name))) return [{ from, to, put: '', kind: 'formulas' }];
  const out: Markup[] = [];
  // `%` begins a comment, unless it is itself escaped.
  for (const { 0: comment, index } of formula.matchAll(/%[^\n]*/g))
    if (!isEscaped(formula, index)) out.push({ from: from + index, to: from + index + comment.length, put: '', kind: 'formulas' });
  return out;
}

/** The formulas of a block, `$…$` and `$$…$$`; `isCode`: what stands there is code, and no formula begins or ends in it. */
export function formulasIn(block: string, isCode: (at: number) => boolean): readonly (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = [];
  let open: { readonly at: number; readonly marks: number } | null = null;
  for (const { 0: marks, index } of block.matchAll(/\${1,2}/g)) {
    if (isCode(index) || isEscaped(block, index)) continue;
    const before = block[index - 1] ?? ' ';
    const after = block[index + marks.length] ?? ' ';
    if (open !== null && open.marks === marks.length && (marks.length === 2 || (!/\s/.test(before) && !/\d/.test(after)))) {
      found.push([open.at + open.marks, index]);
      open = null;
    } else if (marks.length === 2 || !/\s/.test(after)) open = { at: index, marks: marks.length };
  }
  return found;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
