/*
 * Which issues a pull closes by its text, as GitHub reads it: a closing word before the number of an issue of this very repository, in words that
 * show as words. What stands in code, in a comment or in a quote closes nothing. Texts are read as Markdown elsewhere, as strangers write them.
 */

/** What shows of a text as words of its author. */
export type Prose = (text: string) => Promise<string>;

const WORD = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s{1,20}/gi;
/** `#7`, `GH-7`, `acme/widgets#7`, or the address of an issue. */
const REF =
  /(?:([\w.-]{1,100}\/[\w.-]{1,100})?#|GH-|https?:\/\/[\w.:-]{1,200}\/([\w.-]{1,100}\/[\w.-]{1,100})\/issues\/)(\d{1,15})(?![\w-])/iy;

/** `home`: this repository, as `owner/name`. */
export async function closedBy(text: string, home: string, prose: Prose): Promise<readonly number[]> {
  if (numbersIn(text, home).length === 0) return [];
  return numbersIn(await prose(text), home);
}

function numbersIn(text: string, home: string): readonly number[] {
  const found = new Set<number>();
  for (const word of text.matchAll(WORD)) {
    REF.lastIndex = word.index + word[0].length;
    const [, short, long, number] = REF.exec(text) ?? [];
    const repo = short ?? long;
    if (number !== undefined && (repo === undefined || repo.toLowerCase() === home.toLowerCase())) found.add(Number(number));
  }
  return [...found];
}
