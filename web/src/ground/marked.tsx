/** More marks in one text are not told apart by anybody. */
const MOST = 500;

/** A text with what is looked for marked in it, upper and lower case alike; as text. */
export function Marked({ text, words }: { readonly text: string; readonly words: string }) {
  if (words === '') return text;
  return pieces(text, words).map((piece, index) => (index % 2 === 0 ? piece : <mark key={index}>{piece}</mark>));
}

/** The text in pieces, every second one a match. */
export function pieces(text: string, words: string): readonly string[] {
  const [low, wanted] = [text.toLowerCase(), words.toLowerCase()];
  // A letter that is longer in lower case would shift what is marked.
  if (wanted === '' || low.length !== text.length) return [text];
  const out: string[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted); at !== -1 && out.length < 2 * MOST; at = low.indexOf(wanted, from)) {
    out.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...out, text.slice(from)];
}
