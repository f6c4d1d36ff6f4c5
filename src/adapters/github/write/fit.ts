/** GitHub's own bounds, in characters; longer texts are refused with 422. */
export const BODY_MAX = 65_536;
export const TITLE_MAX = 256;

/** Kept of the end when the middle is cut: markers and `Closes #N` stand at the end or the beginning. */
const TAIL = 2000;

/** The text itself, or with its middle left out where it is too long. */
export function fitBody(text: string, max = BODY_MAX): string {
  if (text.length <= max) return text;
  const gap = '\n\n… (cut here: too long for GitHub) …\n\n';
  return `${whole(text.slice(0, max - TAIL - gap.length))}${gap}${whole(text.slice(-TAIL))}`;
}

/** One line, at most 256 characters; a title of blanks alone is refused too, so it becomes the fallback. */
export function fitTitle(text: string, fallback: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return fallback;
  return line.length <= TITLE_MAX ? line : `${whole(line.slice(0, TITLE_MAX - 1))}…`;
}

/** A cut may have halved a character outside the basic plane; half of one cannot be sent. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$/, '').replace(/^[\udc00-\udfff]/, '');
