const rep = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

/** Texts that held the loop, or the parser, or could: each for as many characters as asked for. */
export const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'blanks before an end of line': (size) => `<a ${rep(' ', size)}`,
  quotes: (size) => rep('>', size),
  'quotes a line': (size) => rep(`${'>'.repeat(50)}\n`, size),
  lists: (size) => rep('- a\n', size),
  'lists in lists': (size) => rep(Array.from({ length: 50 }, (_, n) => `${' '.repeat(n * 2)}- a\n`).join(''), size),
  'opening brackets': (size) => rep('[', size),
  'closing brackets': (size) => rep(']', size),
  'calls of footnotes': (size) => rep('[^1]', size),
  footnotes: (size) => rep('[^1]: a\n\n', size),
  definitions: (size) => rep('[a]: b\n', size),
  tables: (size) => rep('|a|b|\n|-|-|\n', size),
  stars: (size) => rep('*a ', size),
  'stars and lines below': (size) => rep('**a_', size),
  comments: (size) => rep('<!-- ', size),
  'comments in comments': (size) => rep('<!<!-- -->', size),
  tags: (size) => rep('<a b="', size),
  backticks: (size) =>
    Array.from({ length: 300 }, (_, n) => '`'.repeat(n))
      .join(' ')
      .slice(0, size),
  entities: (size) => rep('&#', size),
  dollars: (size) => rep('$\\a{', size),
  'percent signs': (size) => `$$${rep('\\%', size)}`,
  addresses: (size) => rep('www.a.b/(', size),
  invisible: (size) => rep('\u200b\u{1f468}\u200d', size),
  lines: (size) => rep('\n', size),
  diagrams: (size) => `\`\`\`mermaid\n${rep('accDescr {', size)}\n`,
};
