/** Stands for a value that is put in. */
export const VALUE = '\0';

/** The texts of a source, whole ones and those with values in them. */
export function textsIn(source: string): readonly string[] {
  const texts: string[] = [];
  let at = 0;
  const quoted = (quote: string): void => {
    let text = '';
    for (at += 1; source[at] !== quote && at < source.length; at += 1) {
      if (quote === '`' && source.startsWith('${', at)) {
        text += VALUE;
        at += 2;
        code('}');
        at -= 1;
      } else if (source[at] === '\\') {
        at += 1;
        text += source[at] === 'n' ? '\n' : source[at];
      } else text += source[at];
    }
    at += 1;
    texts.push(text);
  };
  const pattern = (): void => {
    let isClass = false;
    for (at += 1; (source[at] !== '/' || isClass) && at < source.length; at += 1) {
      if (source[at] === '\\') at += 1;
      else if (source[at] === '[') isClass = true;
      else if (source[at] === ']') isClass = false;
    }
    at += 1;
  };
  const after = (words: string): void => {
    const end = source.indexOf(words, at + 2);
    at = end === -1 ? source.length : end + words.length;
  };
  function code(until: string): void {
    while (at < source.length) {
      const char = source[at] ?? '';
      if (char === until) {
        at += 1;
        return;
      }
      if (char === '{') {
        at += 1;
        code('}');
      } else if (source.startsWith('//', at)) after('\n');
      else if (source.startsWith('/*', at)) after('*/');
      else if ('\'"`'.includes(char)) quoted(char);
      else if (char === '/' && /[(,=:[!&|?]\s*$/.test(source.slice(Math.max(0, at - 10), at))) pattern();
      else at += 1;
    }
  }
  code('');
  return texts;
}
